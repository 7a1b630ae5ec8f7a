import test from "ava";
import { planDeliveries } from "./plan.ts";
import type { TransportFacts } from "./plan.ts";
import { host, routed } from "./testing/cases.ts";
import type { RoutedAddress } from "./types.ts";

function facts(given: Partial<TransportFacts> = {}): TransportFacts {
  return {
    remote: false,
    batchMax: 1,
    multiDomain: () => true,
    dependsOnLocalPart: false,
    dependsOnDomain: false,
    batchId: () => undefined,
    ...given,
  };
}

/** Jobs as lists of addresses, in order. */
function jobs(deliveries: readonly RoutedAddress[], transport: TransportFacts): string[][] {
  const plan = planDeliveries({ deliveries, transport: () => transport, mustWait: () => false });
  return [...plan.local, ...plan.remote].map((job) => job.addresses.map((address) => address.display));
}

const A = "a@x.example";
const B = "b@x.example";
const C = "c@y.example";
const remote = { remote: true, batchMax: 100 };

const groupings: readonly [string, readonly RoutedAddress[], TransportFacts, string[][]][] = [
  ["local, one recipient each", [routed(A), routed(B)], facts(), [[A], [B]]],
  ["local, batch_max", [routed(A), routed(B), routed(C)], facts({ batchMax: 2 }), [[A, B], [C]]],
  ["local, $domain is used", [routed(A), routed(C), routed(B)], facts({ batchMax: 9, dependsOnDomain: true }), [[A, B], [C]]],
  ["local, $local_part is used", [routed(A), routed(B)], facts({ batchMax: 9, dependsOnLocalPart: true }), [[A], [B]]],
  [
    "local, batch_id decides instead of what is used",
    [routed(A), routed(B), routed(C)],
    facts({ batchMax: 9, dependsOnLocalPart: true, dependsOnDomain: true, batchId: (a) => (a.display === B ? "one" : "two") }),
    [[A, C], [B]],
  ],
  ["local, other homes stay apart", [routed(A, { home: "/home/a" }), routed(B, { home: "/home/b" })], facts({ batchMax: 9 }), [[A], [B]]],
  [
    "local, other users stay apart",
    [routed(A, { identity: { uid: 1, gid: 1 } }), routed(B, { identity: { uid: 2, gid: 1 } })],
    facts({ batchMax: 9 }),
    [[A], [B]],
  ],
  ["remote, same hosts", [routed(A, { hosts: [host("mx")] }), routed(C, { hosts: [host("mx")] })], facts(remote), [[A, C]]],
  [
    "remote, equal preference: the order of the hosts is chance",
    [routed(A, { hosts: [host("one", 5), host("three", 5)] }), routed(C, { hosts: [host("three", 5), host("one", 5)] })],
    facts(remote),
    [[A, C]],
  ],
  [
    "remote, other preferences: the order counts",
    [routed(A, { hosts: [host("one", 5), host("three", 6)] }), routed(C, { hosts: [host("three", 5), host("one", 6)] })],
    facts(remote),
    [[A], [C]],
  ],
  ["remote, no_multi_domain", [routed(A), routed(C), routed(B)], facts({ ...remote, multiDomain: () => false }), [[A, B], [C]]],
  [
    "remote, multi_domain = no for the newcomer alone",
    [routed(A), routed(C), routed(B)],
    facts({ ...remote, multiDomain: (a) => a.display !== C }),
    [[A, B], [C]],
  ],
  [
    "remote, multi_domain = no for the first alone",
    [routed(C), routed(A), routed(B)],
    facts({ ...remote, multiDomain: (a) => a.display !== C }),
    [[C], [A, B]],
  ],
  ["remote, max_rcpt", [routed(A), routed(B), routed(C)], facts({ ...remote, batchMax: 2 }), [[A, B], [C]]],
  ["remote, max_rcpt = 0 is no limit", [routed(A), routed(B), routed(C)], facts({ ...remote, batchMax: 0 }), [[A, B, C]]],
  ["remote, other bounce addresses", [routed(A, { errorsTo: "e@z" }), routed(B)], facts(remote), [[A], [B]]],
  ["remote, other headers", [routed(A, { headersAdd: ["X: 1"] }), routed(B)], facts(remote), [[A], [B]]],
  ["remote, the null bounce address is one, too", [routed(A, { errorsTo: "" }), routed(B)], facts(remote), [[A], [B]]],
];
for (const [title, deliveries, transport, expected] of groupings) {
  test(title, (t) => t.deepEqual(jobs(deliveries, transport), expected));
}

test("local jobs come before remote ones; what must wait is in neither", (t) => {
  const deliveries = [routed(A, { transport: "smtp" }), routed(B, { transport: "file" }), routed(C, { transport: "file" })];
  const plan = planDeliveries({
    deliveries,
    transport: (name) => facts(name === "smtp" ? remote : {}),
    mustWait: (address) => address.display === C,
  });
  t.deepEqual(
    [plan.local, plan.remote].map((list) => list.map((job) => job.transport)),
    [["file"], ["smtp"]],
  );
  t.deepEqual(
    plan.waiting.map((address) => address.display),
    [C],
  );
});
