import test from "ava";
import { textTemplate } from "@mailkit/sdk/testing";
import { deliveriesOf, walkTree } from "./tree.ts";
import { aliases, fn, supportFor } from "./test-support.ts";
import type { TestChain } from "./test-support.ts";
import type { RouteAccepted, RouteRequest, RouteResult } from "./types.ts";
import { driver as accept } from "../../../plugins/router-accept/src/index.ts";
import { driver as dnslookup } from "../../../plugins/router-dnslookup/src/index.ts";
import { driver as manualroute } from "../../../plugins/router-manualroute/src/index.ts";
import { driver as redirect } from "../../../plugins/router-redirect/src/index.ts";

const { chainOf } = supportFor({ accept, dnslookup, manualroute, redirect });

const route = async (chain: TestChain, address: string, more: Partial<RouteRequest> = {}): Promise<RouteResult> =>
  chain.route(chain.request(address, more));

async function accepted(chain: TestChain, address: string, more: Partial<RouteRequest> = {}): Promise<RouteAccepted> {
  const result = await route(chain, address, more);
  if (result.kind !== "accepted") throw new Error(JSON.stringify(result));
  return result;
}

/** `router/transport` or the kind and message. */
function short(result: RouteResult): string {
  switch (result.kind) {
    case "accepted":
      return `${result.router}/${result.transport ?? "unset"}`;
    case "redirected":
      return `${result.router} -> ${[...result.children, ...result.generated].map((child) => child.address).join(", ")}`;
    case "failed":
    case "deferred":
      return `${result.kind}: ${result.message}`;
    case "discarded":
      return `${result.router}: discarded`;
    case "copied":
      return `${short(result.seen)} + ${short(result.rest)}`;
  }
}

test("nobody takes it", async (t) => {
  const result = await route(chainOf({}), "x@a.ex");
  t.like(result, { kind: "failed", message: "Unrouteable address", router: undefined, forUser: true });
});

// more, pass_router, cannot_route_message

test("more = false counts on decline, not when a precondition fails", async (t) => {
  const last = { driver: "accept", transport: "file" } as const;
  t.is(short(await route(chainOf({ r1: { driver: "redirect", data: "", more: false }, last }), "x@a.ex")), "failed: Unrouteable address");
  t.is(short(await route(chainOf({ r1: { driver: "redirect", data: "", more: false, domains: "b.ex" }, last }), "x@a.ex")), "last/file");
});

test("more is expanded, and only when it matters", async (t) => {
  const chain = (more: string) =>
    chainOf({ r1: { driver: "redirect", data: "", more: textTemplate(more) }, r2: { driver: "accept", transport: "file" } });
  t.is(short(await route(chain("fail"), "x@a.ex")), "r2/file");
  t.is(short(await route(chain("yes"), "x@a.ex")), "r2/file");
  t.is(short(await route(chain("No"), "x@a.ex")), "failed: Unrouteable address");
  t.is(short(await route(chain("$nix"), "x@a.ex")), 'deferred: failed to expand "more" in r1 router: unknown variable name "nix"');
  t.is(short(await route(chain("maybe"), "x@a.ex")), 'deferred: "maybe" is not a valid value for the "more" option in the r1 router');
});

test("pass goes on in spite of more, down to pass_router", async (t) => {
  const passes = { driver: "manualroute", route_list: "* 127.0.0.1", self: "pass", more: false, transport: "smtp" } as const;
  const name = fn((scope) => (scope.variable("self_hostname") as { text: string }).text);
  const rest = { r2: { driver: "accept", transport: "file" }, r3: { driver: "accept", transport: "lmtp", address_data: name } } as const;
  t.is(short(await route(chainOf({ r1: passes, ...rest }), "x@a.ex")), "r2/file");
  const result = await accepted(chainOf({ r1: { ...passes, pass_router: "r3" }, ...rest }), "x@a.ex");
  t.is(short(result), "r3/lmtp");
  t.is(result.facts.addressData?.text, "127.0.0.1", "$self_hostname");
  t.is(
    short(await route(chainOf({ r0: { driver: "redirect", data: "" }, r1: { ...passes, pass_router: "r0" }, ...rest }), "x@a.ex")),
    "r2/file",
    "never up",
  );
});

test("pass_on_timeout", async (t) => {
  const world = { hosts: { "h.ex": "defer" } } as const;
  const r1 = { driver: "manualroute", route_list: "* h.ex", transport: "smtp", more: false } as const;
  const r2 = { driver: "accept", transport: "file" } as const;
  t.is(short(await route(chainOf({ r1, r2 }, world), "x@a.ex")), "deferred: host lookup did not complete");
  t.is(short(await route(chainOf({ r1: { ...r1, pass_on_timeout: true }, r2 }, world), "x@a.ex")), "r2/file");
});

test("cannot_route_message comes from the last router considered, even a skipped one", async (t) => {
  const chain = chainOf({
    remote: { driver: "redirect", data: "", domains: "b.ex", cannot_route_message: "no remote" },
    local: { driver: "accept", domains: "a.ex", check_local_user: true, transport: "file", cannot_route_message: "no user $local_part" },
  });
  t.like(await route(chain, "x@b.ex"), { kind: "failed", message: "no user x", router: undefined, forUser: true });
});

test("a router that declined and said why goes before cannot_route_message", async (t) => {
  const chain = chainOf(
    {
      r1: { driver: "dnslookup", transport: "smtp" },
      r2: { driver: "redirect", data: "", cannot_route_message: "custom" },
    },
    { mx: { "a.ex": [[1, "gone.ex"]] } },
  );
  t.is(short(await route(chain, "x@a.ex")), "failed: all relevant MX records point to non-existent hosts");
  t.is(short(await route(chain, "x@none.ex")), "failed: custom");
});

test("cannot_route_message of a router with no_more; failures of its expansion", async (t) => {
  const chain = (text: string) =>
    chainOf({ r1: { driver: "redirect", data: "", more: false, cannot_route_message: text }, r2: { driver: "accept", transport: "file" } });
  t.is(short(await route(chain("not here"), "x@a.ex")), "failed: not here");
  t.is(short(await route(chain("fail"), "x@a.ex")), "failed: Unrouteable address");
  const broken = await route(chain("error:oops"), "x@a.ex");
  t.is(short(broken), "failed: Unrouteable address");
  t.is(broken.notes[0]?.panic?.length, 1);
});

test("the message of a router that declined with one", async (t) => {
  const chain = chainOf({ r1: { driver: "dnslookup", transport: "smtp" } }, { mx: { "a.ex": [[1, "gone.ex"]] } });
  t.is(short(await route(chain, "x@a.ex")), "failed: all relevant MX records point to non-existent hosts");
});

// address_data, set

test("address_data stays with the address, through declines and to children", async (t) => {
  const chain = chainOf({
    r1: { driver: "redirect", data: "", address_data: "one", set: [{ name: "r_a", template: textTemplate("1") }] },
    r2: { driver: "redirect", domains: "a.ex", data: "y@b.ex", set: [{ name: "r_b", template: textTemplate("$address_data$r_a") }] },
    r3: { driver: "accept", transport: "file" },
  });
  const [node] = await chain.routeAll([chain.request("x@a.ex")]);
  const [delivery] = deliveriesOf(node === undefined ? [] : [node]);
  t.is(delivery?.facts.addressData?.text, "one");
  t.deepEqual(
    [...(delivery?.facts.variables ?? [])].map(([name, { text }]) => `${name}=${text}`),
    ["r_a=1", "r_b=one1"],
  );
});

test("address_data: a forced failure is a decline, another one a deferral", async (t) => {
  const chain = (text: string, more = true) =>
    chainOf({ r1: { driver: "accept", transport: "file", address_data: text, more }, r2: { driver: "accept", transport: "lmtp" } });
  t.is(short(await route(chain("fail"), "x@a.ex")), "r2/lmtp");
  t.is(short(await route(chain("fail", false), "x@a.ex")), "failed: Unrouteable address");
  t.is(short(await route(chain("error:oops"), "x@a.ex")), 'deferred: expansion of "error:oops" failed in r1 router: oops');
});

// loops

test("an alias that names itself is not used twice", async (t) => {
  const chain = chainOf({
    al: {
      driver: "redirect",
      data: aliases({ bob: "bob@a.ex, carol@a.ex", loop1: "loop2@a.ex", loop2: "loop1@a.ex", Up: "up@a.ex", up: "UP@a.ex" }),
    },
    end: { driver: "accept", transport: "file" },
  });
  const run = async (address: string) => deliveriesOf(await chain.routeAll([chain.request(address)])).map((d) => `${d.address} ${d.key}`);
  t.deepEqual(await run("bob@a.ex"), ["bob@a.ex \\0\\bob@a.ex", "carol@a.ex carol@a.ex"]);
  t.deepEqual(await run("loop1@a.ex"), ["loop1@a.ex \\0\\loop1@a.ex"]);
  t.deepEqual(await run("up@a.ex"), ["UP@a.ex \\0\\UP@a.ex"], "whatever the case");
});

test("affixes count when addresses are compared", async (t) => {
  const chain = chainOf({
    al: { driver: "redirect", local_part_suffix: "+*", local_part_suffix_optional: true, data: aliases({ bob: "bob+x@a.ex" }) },
    end: { driver: "accept", transport: "file" },
  });
  const [delivery] = deliveriesOf(await chain.routeAll([chain.request("bob@a.ex")]));
  t.is(delivery?.address, "bob+x@a.ex");
  t.is(delivery?.router, "end");
});

test("no_repeat_use: not for any address that came from it", async (t) => {
  const table = aliases({ a: "b@a.ex", b: "c@a.ex" });
  const run = async (repeat_use: boolean) => {
    const chain = chainOf({ al: { driver: "redirect", data: table, repeat_use }, end: { driver: "accept", transport: "file" } });
    return deliveriesOf(await chain.routeAll([chain.request("a@a.ex")])).map((d) => d.address);
  };
  t.deepEqual(await run(true), ["c@a.ex"]);
  t.deepEqual(await run(false), ["b@a.ex"]);
});

test("more than 100 ancestors are a loop", async (t) => {
  const chain = chainOf({
    r1: { driver: "redirect", data: fn((scope) => `${Number((scope.variable("local_part") as { text: string }).text) + 1}@a.ex`) },
  });
  let nodes = await chain.routeAll([chain.request("1@a.ex")]);
  let depth = 0;
  for (; nodes[0]?.children[0] !== undefined; depth++) nodes = nodes[0].children;
  t.is(depth, 102, "as 4.96 counts");
  const result = nodes[0]?.result;
  t.is(result === undefined ? "" : short(result), "deferred: routing loop for 103@a.ex");
  t.deepEqual(result?.notes, [{ log: ["routing loop for 103@a.ex"], panic: ["routing loop for 103@a.ex"] }]);
});

// unseen

test("unseen accept: a copy, and the address goes on", async (t) => {
  const chain = chainOf({
    un: { driver: "accept", transport: "file", unseen: true, headers_add: "X: y", address_data: "kept" },
    r2: { driver: "accept", transport: "lmtp", more: false },
  });
  const nodes = await chain.routeAll([chain.request("x@a.ex")]);
  const deliveries = deliveriesOf(nodes);
  t.deepEqual(deliveries.map(short), ["un/file", "r2/lmtp"]);
  t.deepEqual(
    deliveries.map((d) => d.headersAdd),
    [["X: y"], []],
    "header changes belong to the copy only",
  );
  t.deepEqual(
    deliveries.map((d) => d.facts.addressData?.text),
    ["kept", "kept"],
  );
  t.is(new Set([nodes[0]?.key, ...deliveries.map((d) => d.key)]).size, 3, "three keys");
});

test("unseen redirect: the clone is routed before the children", async (t) => {
  const chain = chainOf({
    un: { driver: "redirect", domains: "a.ex", data: "y@b.ex", unseen: true },
    r2: { driver: "accept", transport: "lmtp" },
  });
  const deliveries = deliveriesOf(await chain.routeAll([chain.request("x@a.ex")]));
  t.deepEqual(
    deliveries.map((d) => d.address),
    ["x@a.ex", "y@b.ex"],
  );
});

test("the ancestors of a child of a copy: the address and its copy", async (t) => {
  const chain = chainOf({
    un: { driver: "redirect", domains: "a.ex", data: "y@b.ex", unseen: true },
    r2: { driver: "accept", transport: "lmtp" },
  });
  const nodes = [...walkTree(await chain.routeAll([chain.request("x@a.ex")]))];
  t.deepEqual(nodes.find((node) => node.address === "y@b.ex")?.ancestors, ["x@a.ex", "x@a.ex"]);
});

test("unseen redirect to itself: one delivery, for both have one key", async (t) => {
  const chain = chainOf({
    un: { driver: "redirect", data: "x@a.ex", unseen: true },
    r2: { driver: "accept", transport: "lmtp" },
  });
  const keys = deliveriesOf(await chain.routeAll([chain.request("x@a.ex")])).map(({ key }) => key);
  t.deepEqual(keys, ["\\0\\x@a.ex", "\\0\\x@a.ex"]);
});

test("$return_path is the sender until errors_to says otherwise", async (t) => {
  const chain = chainOf({ r1: { driver: "accept", transport: "file", address_data: "<$return_path>", errors_to: "fail" } });
  t.is((await accepted(chain, "x@a.ex")).facts.addressData?.text, "<sender@example.org>");
});

test("unseen that cannot be said", async (t) => {
  const chain = (unseen: string) => chainOf({ r1: { driver: "accept", transport: "file", unseen: textTemplate(unseen) } });
  t.is(short(await route(chain("b"), "x@a.ex")), 'deferred: "b" is not a valid value for the "unseen" option in the r1 router');
  t.is(short(await route(chain("fail"), "x@a.ex")), "r1/file");
});

test("a failure ends routing in spite of unseen (4.96)", async (t) => {
  const chain = chainOf({
    r1: { driver: "redirect", data: ":fail: x", allow_fail: true, unseen: true },
    r2: { driver: "accept", transport: "file" },
  });
  t.is(short(await route(chain, "x@a.ex")), "failed: x");
});

// self

const SELF: readonly (readonly [string | undefined, string, boolean?])[] = [
  [undefined, "deferred: remote host address is the local host", true],
  ["freeze", "deferred: remote host address is the local host", true],
  ["defer", "deferred: remote host address is the local host", false],
  ["fail", "failed: remote host address is the local host"],
  ["send", "r1/smtp"],
  ["pass", "r2/file"],
  ["reroute: b.ex", "r1 -> X@b.ex"],
  ["reroute: rewrite: b.ex", "r1 -> X@b.ex"],
];

for (const [self, expect, freeze] of SELF) {
  test(`self = ${self ?? "(default)"}`, async (t) => {
    const r1 = { driver: "manualroute", route_list: "a.ex 127.0.0.1", transport: "smtp", ...(self === undefined ? {} : { self }) } as const;
    const result = await route(chainOf({ r1, r2: { driver: "accept", transport: "file" } }), "X@a.ex");
    t.is(short(result), expect);
    if (result.kind === "deferred") {
      t.is(result.freeze, freeze === true);
      t.deepEqual(result.notes, [{ log: ["remote host address is the local host: a.ex"] }]);
    }
    if (result.kind === "redirected")
      t.deepEqual(result.headersRewrite, self?.includes("rewrite") === true ? { from: "a.ex", to: "b.ex" } : undefined);
  });
}

// errors_to

test("errors_to is used only if it verifies", async (t) => {
  const chain = (errors_to: string) =>
    chainOf({
      good: { driver: "accept", domains: "good.ex", transport: "file", errors_to: "never-asked@bad.ex" },
      r1: { driver: "accept", domains: "a.ex", transport: "file", errors_to },
    });
  const errorsTo = async (text: string) => (await accepted(chain(text), "x@a.ex")).errorsTo;
  t.is(await errorsTo("owner@good.ex"), "owner@good.ex");
  t.is(await errorsTo("owner@bad.ex"), undefined, "the sender stays");
  t.is(await errorsTo("fail"), undefined);
  t.is(await errorsTo(""), "", "bounces are discarded");
  t.is(await errorsTo("<>"), "");
  t.is(short(await route(chain("error:oops"), "x@a.ex")), 'deferred: r1 router failed to expand "error:oops": oops');
});

test("errors_to goes to children, as $return_path too, and the last one counts", async (t) => {
  const verify = { host: { verifyErrorsTo: () => true } };
  const chain = chainOf(
    {
      r1: { driver: "redirect", domains: "a.ex", data: "y@b.ex", errors_to: "one@x.ex" },
      r2: { driver: "accept", domains: "b.ex", transport: "file", address_data: "$return_path" },
    },
    verify,
  );
  const [delivery] = deliveriesOf(await chain.routeAll([chain.request("x@a.ex")]));
  t.is(delivery?.errorsTo, "one@x.ex");
  t.is(delivery?.facts.addressData?.text, "one@x.ex");
});

test("an address that is only verified has no errors_to and no header changes", async (t) => {
  const chain = chainOf({ r1: { driver: "accept", transport: "file", errors_to: "error:oops", headers_add: "error:oops" } });
  t.is(short(await route(chain, "x@a.ex", { purpose: "verifyRecipient" })), "r1/file");
});

// headers_add, headers_remove

test("header changes add up along the way", async (t) => {
  const chain = chainOf({
    r1: { driver: "redirect", domains: "a.ex", data: "y@b.ex", headers_add: "X-A: 1\nX-B: $local_part\n", headers_remove: "subject : x-*" },
    r2: { driver: "accept", transport: "file", headers_add: "X-C: 3", headers_remove: "to" },
  });
  const [delivery] = deliveriesOf(await chain.routeAll([chain.request("x@a.ex")]));
  t.deepEqual(delivery?.headersAdd, ["X-A: 1", "X-B: x", "X-C: 3"]);
  t.deepEqual(delivery?.headersRemove, ["subject", "x-*", "to"]);
});

test("a header item that fails", async (t) => {
  const chain = (headers_add: string) => chainOf({ r1: { driver: "accept", transport: "file", headers_add } });
  t.deepEqual((await accepted(chain("fail\nX: y"), "x@a.ex")).headersAdd, ["X: y"]);
  t.is(short(await route(chain("error:oops"), "x@a.ex")), 'deferred: r1 router failed to expand add_headers item "error:oops": oops');
});

// transport

test("transport: names, failures, taint", async (t) => {
  const chain = (transport: string) => chainOf({ r1: { driver: "accept", transport } }, { variables: { which: "lmtp" } });
  t.is(short(await route(chain("$which"), "x@a.ex")), "r1/lmtp");
  t.is(short(await route(chain("nix"), "x@a.ex")), 'deferred: transport "nix" not found in r1 router');
  t.is(
    short(await route(chain("fail"), "x@a.ex")),
    'deferred: failed to expand transport "fail" in r1 router: "if" failed and "fail" requested',
  );
  const tainted = await route(chain("$domain"), "x@file");
  t.is(short(tainted), "deferred: internal configuration error");
  t.deepEqual(tainted.notes, [{ panic: ["attempt to use tainted value 'file' from '$domain' for transport"] }]);
});

// users and groups

test("check_local_user gives user, group and home; user and group override", async (t) => {
  const identity = async (more: Readonly<Record<string, unknown>>) => {
    const { identity: who, home } = await accepted(chainOf({ r1: { driver: "accept", transport: "file", ...more } }), "fred@a.ex");
    return [who, home?.text];
  };
  t.deepEqual(await identity({}), [{ initgroups: false }, undefined]);
  t.deepEqual(await identity({ check_local_user: true }), [{ uid: 1001, gid: 1001, initgroups: false, login: "fred" }, "/home/fred"]);
  t.deepEqual(await identity({ check_local_user: true, user: "root", initgroups: true }), [
    { uid: 0, gid: 0, initgroups: true, login: "root" },
    "/home/fred",
  ]);
  t.deepEqual(await identity({ check_local_user: true, group: "mail" }), [
    { uid: 1001, gid: 8, initgroups: false, login: "fred" },
    "/home/fred",
  ]);
  t.deepEqual(await identity({ user: "77", group: "12" }), [{ uid: 77, gid: 12, initgroups: false }, undefined]);
  t.deepEqual(await identity({ group: "mail" }), [{ gid: 8, initgroups: false }, undefined]);
  t.deepEqual(await identity({ user: "$local_part" }), [{ uid: 1001, gid: 1001, initgroups: false, login: "fred" }, undefined]);
  t.deepEqual(await identity({ router_home_directory: "/h" }), [{ initgroups: false }, "/h"]);
  t.deepEqual(
    (await identity({ check_local_user: true, router_home_directory: "/h" }))[1],
    "/home/fred",
    "the transport gets that of the password file",
  );
});

test("users that are not there", async (t) => {
  const result = await route(chainOf({ r1: { driver: "accept", transport: "file", user: "$local_part" } }), "nix@a.ex");
  const message = 'Failed to find user "nix" from expanded string "$local_part" for the r1 router';
  t.is(short(result), `deferred: ${message}`);
  t.deepEqual(result.notes, [{ log: [message], panic: [message] }]);
});

// what the transport gets

test("case and affixes of the local part", async (t) => {
  const result = await accepted(chainOf({ r1: { driver: "accept", transport: "file", local_part_prefix: "real-" } }), "Real-Fred@A.ex");
  t.like(result, { originalLocalPart: "Real-Fred", localPart: "fred", domain: "A.ex", address: "Real-Fred@A.ex", key: "Real-Fred@a.ex" });
  t.like(result.facts, { localPart: "fred", domain: "a.ex", prefix: "real-" });
});

test("routers see what quotes stand for, the address keeps them", async (t) => {
  const chain = chainOf({ r1: { driver: "accept", transport: "file", check_local_user: true } });
  for (const address of ['"Fred"@a.ex', "F\\red@a.ex"]) {
    const result = await accepted(chain, address);
    t.like(result, { address, localPart: "fred", originalLocalPart: address.slice(0, -"@a.ex".length) });
  }
});

// retry keys, logging, verification

test("retry_use_local_part", async (t) => {
  const key = async (more: Readonly<Record<string, unknown>>) =>
    (await accepted(chainOf({ r1: { driver: "accept", transport: "file", ...more } }), "Fred@A.ex")).retryKey;
  t.is(await key({}), "R:a.ex");
  t.is(await key({ domains: "a.ex" }), "R:a.ex");
  for (const more of [
    { check_local_user: true },
    { local_parts: "*" },
    { condition: "yes" },
    { senders: "*" },
    { local_part_suffix: "x", local_part_suffix_optional: true },
  ]) {
    t.is(await key(more), "R:Fred@a.ex", JSON.stringify(more));
  }
  t.is(await key({ check_local_user: true, retry_use_local_part: false }), "R:a.ex");
  t.is(await key({ retry_use_local_part: true }), "R:Fred@a.ex");
});

test("log_as_local, disable_logging, dsn_lasthop, fallback_hosts, directories", async (t) => {
  const plain = await accepted(chainOf({ r1: { driver: "accept", transport: "file" } }), "x@a.ex");
  t.like(plain, { logAsLocal: true, silent: false, dsnLasthop: false, fallbackHosts: [] });
  const remote = await accepted(chainOf({ r1: { driver: "manualroute", route_list: "* 192.0.2.1", transport: "smtp" } }), "x@a.ex");
  t.false(remote.logAsLocal);
  const options = {
    log_as_local: false,
    disable_logging: true,
    dsn_lasthop: true,
    fallback_hosts: "f1 : f2",
    transport_home_directory: "/th",
    transport_current_directory: "/tc",
  };
  const all = await accepted(chainOf({ r1: { driver: "accept", transport: "file", ...options } }), "x@a.ex");
  t.like(all, { logAsLocal: false, silent: true, dsnLasthop: true, fallbackHosts: ["f1", "f2"] });
  t.is(all.homeTemplate?.source, "/th");
  t.is(all.cwdTemplate?.source, "/tc");
});

test("fail_verify", async (t) => {
  const message = async (more: Readonly<Record<string, unknown>>, purpose: RouteRequest["purpose"]) =>
    short(await route(chainOf({ r1: { driver: "accept", transport: "file", ...more } }), "x@a.ex", { purpose }));
  const failure = "failed: r1 router forced verify failure";
  t.is(await message({ fail_verify: true }, "verifySender"), failure);
  t.is(await message({ fail_verify: true }, "verifyRecipient"), failure);
  t.is(await message({ fail_verify: true }, "deliver"), "r1/file");
  t.is(await message({ fail_verify_sender: true }, "verifyRecipient"), "r1/file");
  t.is(await message({ fail_verify_recipient: true }, "verifyRecipient"), failure);
});

test("verification follows single children", async (t) => {
  const chain = chainOf({
    al: {
      driver: "redirect",
      data: aliases({
        one: "two@a.ex",
        two: "fred@a.ex",
        many: "fred@a.ex, nix@a.ex",
        lost: "nix@a.ex",
        pipe: "|/x",
        hole: ":blackhole:",
        no: ":fail: gone",
      }),
      allow_fail: true,
      pipe_transport: "pipe",
    },
    local: { driver: "accept", check_local_user: true, transport: "file", address_data: "data of $local_part" },
  });
  const verify = async (local: string) => chain.verify(chain.request(`${local}@a.ex`, { purpose: "verifyRecipient" }));
  t.like(await verify("fred"), { kind: "ok", redirected: false, address: "fred@a.ex" });
  const followed = await verify("one");
  t.like(followed, { kind: "ok", redirected: true, address: "fred@a.ex" });
  t.is(followed.kind === "ok" ? followed.addressData?.text : "", "data of fred");
  t.like(await verify("many"), { kind: "ok", redirected: true });
  t.like(await verify("pipe"), { kind: "ok", redirected: true });
  t.like(await verify("hole"), { kind: "ok" });
  t.like(await verify("lost"), { kind: "failed", message: "Unrouteable address", address: "nix@a.ex", forUser: true });
  t.like(await verify("no"), { kind: "failed", message: "gone", forUser: true });
});

// children

test("redirect_router: children begin there, and it may be above", async (t) => {
  const chain = chainOf({
    r0: { driver: "accept", transport: "lmtp", domains: "b.ex" },
    r1: { driver: "redirect", domains: "a.ex", data: "y@b.ex", redirect_router: "r2" },
    r2: { driver: "accept", transport: "file" },
  });
  t.is(
    deliveriesOf(await chain.routeAll([chain.request("x@a.ex")]))
      .map(short)
      .join(),
    "r2/file",
  );
});

test("children are rewritten, unless no_rewrite", async (t) => {
  const host = { rewriteChild: (address: string) => address.replace("b.ex", "rewritten.ex") };
  const run = async (rewrite: boolean) =>
    short(await route(chainOf({ r1: { driver: "redirect", data: "y@b.ex", rewrite } }, { host }), "x@a.ex"));
  t.is(await run(true), "r1 -> y@rewritten.ex");
  t.is(await run(false), "r1 -> y@b.ex");
});

test("pipes and files are deliveries of their parent", async (t) => {
  const chain = chainOf({
    r1: {
      driver: "redirect",
      check_local_user: true,
      data: "|/bin/x, /var/f",
      pipe_transport: "pipe",
      file_transport: "file",
      errors_to: "",
    },
  });
  const result = await route(chain, "fred@a.ex");
  if (result.kind !== "redirected") return void t.fail(short(result));
  const [pipe, file] = result.generated;
  t.like(pipe, {
    address: "|/bin/x",
    key: "|/bin/x:fred@a.ex",
    transport: "pipe",
    where: "local",
    generated: { kind: "pipe", command: "/bin/x" },
    errorsTo: "",
    problem: undefined,
  });
  t.like(pipe?.identity, { uid: 1001, gid: 1001 });
  t.is(pipe?.facts.extra.get("address_pipe")?.text, "|/bin/x");
  t.is(pipe?.facts.localPart, "fred");
  t.like(file, { address: "/var/f", generated: { kind: "file", path: "/var/f" } });
  t.is(file?.facts.extra.get("address_file")?.text, "/var/f");
});

test("pipes and files that may not be delivered", async (t) => {
  const chain = chainOf({
    r1: { driver: "redirect", data: "|/x, /y, /z/", pipe_transport: "pipe", forbid_pipe: true, directory_transport: "nix" },
  });
  const result = await route(chain, "x@a.ex");
  t.deepEqual(result.kind === "redirected" && result.generated.map((child) => child.problem), [
    { kind: "failed", message: "delivery to pipe forbidden" },
    { kind: "deferred", message: "file_transport unset in r1 router" },
    { kind: "deferred", message: 'transport "nix" not found in r1 router' },
  ]);
});

// dnssec

test("ignore_target_hosts: as if the address were not there", async (t) => {
  const world = { mx: { "a.ex": [[1, "h.ex"]] as const }, hosts: { "h.ex": ["192.0.2.1", "192.0.2.2"] } };
  const hosts = async (ignore: string) => {
    const result = await route(
      chainOf({ r1: { driver: "manualroute", route_list: "* h.ex", transport: "smtp", ignore_target_hosts: ignore } }, world),
      "x@a.ex",
    );
    return result.kind === "accepted" ? result.hosts.map((host) => host.address) : short(result);
  };
  t.deepEqual(await hosts("192.0.2.9"), ["192.0.2.1", "192.0.2.2"]);
  t.deepEqual(await hosts("192.0.2.1"), ["192.0.2.2"]);
  t.is(await hosts("192.0.2.1 : 192.0.2.2"), 'deferred: lookup of host "h.ex" failed in r1 router');
});

test("dnssec lists reach the finder", async (t) => {
  const asked: unknown[] = [];
  const hosts = {
    mx: (question: { dnssecRequest?: boolean; dnssecRequire?: boolean }) => {
      asked.push([question.dnssecRequest, question.dnssecRequire]);
      return { kind: "defer", message: "the MX records of x are not secured by DNSSEC" } as const;
    },
    addresses: () => ({ kind: "defer", message: "" }) as const,
    isLocal: () => false,
  };
  const run = async (more: Readonly<Record<string, unknown>>) =>
    short(await route(chainOf({ r1: { driver: "dnslookup", transport: "smtp", ...more } }, { host: { hosts } }), "x@a.ex"));
  await run({});
  await run({ dnssec_request_domains: "b.ex" });
  t.is(await run({ dnssec_require_domains: "a.ex" }), "deferred: host lookup done insecurely");
  t.deepEqual(asked, [[true, false], [false, false], [true, true]]); // prettier-ignore
});

test("filters are not available unless the root gives them", async (t) => {
  const chain = chainOf({ r1: { driver: "redirect", check_local_user: true, allow_filter: true, data: "# Exim filter\nfinish" } });
  t.is(short(await route(chain, "fred@a.ex")), "deferred: filtering is not available");
});

test("hostile addresses get a result", async (t) => {
  const chain = chainOf({
    al: { driver: "redirect", data: aliases({}), local_part_suffix: "-*", local_part_suffix_optional: true },
    end: { driver: "accept", check_local_user: true, transport: "file" },
  });
  for (const address of ["", "@", "a@", "@b", "__proto__@constructor", "a@b@c", "\0@\xff", `${"x".repeat(10_000)}@${"y".repeat(10_000)}`]) {
    t.is((await route(chain, address)).kind, "failed", JSON.stringify(address.slice(0, 20)));
  }
});
