import test from "ava";
import { aliases, supportFor } from "./test-support.ts";
import type { TestChain } from "./test-support.ts";
import type { Routed } from "./passes.ts";
import type { DeliveryRouting } from "./types.ts";
import { driver as accept } from "../../../plugins/router-accept/src/index.ts";
import { driver as dnslookup } from "../../../plugins/router-dnslookup/src/index.ts";
import { driver as redirect } from "../../../plugins/router-redirect/src/index.ts";

const { chainOf } = supportFor({ accept, dnslookup, redirect });

const run = (chain: TestChain, addresses: readonly string[], options: DeliveryRouting = {}): Promise<readonly Routed[]> =>
  chain.routeForDelivery(
    addresses.map((address) => chain.request(address)),
    options,
  );

const kinds = (routed: readonly Routed[]): string[] => routed.map((item) => `${item.address} ${item.result?.kind ?? "done"}`);

const kept = (routed: readonly Routed[]): string[] =>
  routed.filter((item) => item.result?.kind === "accepted" && !item.duplicate).map((item) => item.key);

// Order, as seen on Exim 4.96

test("each pass takes its addresses last first; a pipe is met where it stands", async (t) => {
  const chain = chainOf({
    al: { driver: "redirect", data: aliases({ al: "c1@a.ex, |/x, c2@a.ex", al2: "al@a.ex, d2@a.ex" }), pipe_transport: "pipe" },
    end: { driver: "accept", transport: "file" },
  });
  t.deepEqual(kinds(await run(chain, ["a@a.ex", "al2@a.ex", "b@a.ex"])), [
    "b@a.ex accepted",
    "al2@a.ex redirected",
    "a@a.ex accepted",
    "d2@a.ex accepted",
    "al@a.ex redirected",
    "|/x accepted",
    "c2@a.ex accepted",
    "c1@a.ex accepted",
  ]);
});

test("unseen: the rest of the routers come in the next pass", async (t) => {
  const chain = chainOf({
    un: { driver: "redirect", local_parts: "u", data: "c@a.ex", unseen: true },
    end: { driver: "accept", transport: "file" },
  });
  const routed = await run(chain, ["u@a.ex", "b@a.ex"]);
  t.deepEqual(kinds(routed), ["b@a.ex accepted", "u@a.ex redirected", "c@a.ex accepted", "u@a.ex accepted"]);
  t.is(routed[3]?.parent, routed[1]);
  t.deepEqual(
    routed.map((item) => item.origin),
    [1, 0, 0, 0],
  );
});

// duplicates

test("duplicates are found when everything is routed", async (t) => {
  const chain = chainOf({
    al: {
      driver: "redirect",
      data: aliases({ a: "u@b.ex, U@b.ex, u@B.EX, u@b.ex", p1: "|/x", p2: "|/x", p3: "|/x, |/x", q1: "q@a.ex", q2: "q@a.ex", q: "|/x" }),
      pipe_transport: "pipe",
    },
    end: { driver: "accept", transport: "file" },
  });
  const of = async (locals: readonly string[], done: readonly string[] = []) =>
    kept(
      await run(
        chain,
        locals.map((local) => `${local}@a.ex`),
        { done: (key) => done.includes(key) },
      ),
    ).toSorted();
  t.deepEqual(await of(["a"]), ["U@b.ex", "u@b.ex"], "the case of local parts counts, that of domains does not");
  t.deepEqual(await of(["p1", "p2"]), ["|/x:p1@a.ex", "|/x:p2@a.ex"], "two parents, two deliveries");
  t.deepEqual(await of(["p3"]), ["|/x:p3@a.ex"], "one parent, one");
  t.deepEqual(await of(["q1", "q2"]), ["|/x:q@a.ex"], "the address between them is met twice");
  t.deepEqual(await of(["a", "p1"], ["u@b.ex", "|/x:p1@a.ex"]), ["U@b.ex"], "done in an earlier attempt");
});

test("of equal deliveries the one that was routed last stays", async (t) => {
  const chain = chainOf({
    al: { driver: "redirect", data: aliases({ a1: "u@a.ex", a2: "u@a.ex" }) },
    end: { driver: "accept", transport: "file" },
  });
  const routed = await run(chain, ["a1@a.ex", "a2@a.ex"]);
  t.deepEqual(
    routed.filter((item) => item.result?.kind === "accepted").map((item) => [item.parent?.address, item.duplicate]),
    [
      ["a2@a.ex", true],
      ["a1@a.ex", false],
    ],
  );
});

test("of equal pipes the one that was met first stays; who else has a delivery is kept with it", async (t) => {
  const chain = chainOf({
    al: { driver: "redirect", data: aliases({ p: "|/x", o: "p@a.ex", a1: "u@a.ex", a2: "u@a.ex", a3: "u@a.ex" }), pipe_transport: "pipe" },
    end: { driver: "accept", transport: "file" },
  });
  const routed = await run(chain, ["p@a.ex", "o@a.ex", "a1@a.ex", "a2@a.ex", "a3@a.ex"]);
  const pipe = routed.find((item) => item.result?.kind === "accepted" && item.result.generated !== undefined && !item.duplicate);
  t.is(pipe?.parent?.parent, undefined, "the recipient itself, not the child of another");
  const kept = routed.find((item) => item.address === "u@a.ex" && !item.duplicate);
  t.is(kept?.parent?.address, "a1@a.ex");
  t.deepEqual(
    kept?.twins.map((twin) => twin.parent?.address),
    ["a3@a.ex", "a2@a.ex"],
  );
});

test("admit puts an address off", async (t) => {
  const chain = chainOf({ r1: { driver: "accept", transport: "file" } });
  const routed = await run(chain, ["x@a.ex", "y@a.ex"], {
    admit: ({ address }) => (address.startsWith("x") ? "retry time not reached" : undefined),
  });
  t.like(routed[0]?.result, { kind: "deferred", message: "retry time not reached", errno: -52 });
  t.is(routed[1]?.result?.kind, "accepted");
});

test("same_domain_copy_routing: other addresses of the domain are not routed", async (t) => {
  const chain = chainOf(
    { r1: { driver: "dnslookup", transport: "smtp", same_domain_copy_routing: true, local_parts: "one" } },
    { mx: { "a.ex": [[1, "h.ex"]] }, hosts: { "h.ex": ["192.0.2.1"] } },
  );
  const [other, one, two] = (await run(chain, ["Two@A.ex", "one@a.ex", "two@b.ex"])).map((item) => item.result);
  t.is(one?.kind, "accepted");
  t.like(two, { kind: "accepted", address: "Two@A.ex", localPart: "Two", key: "Two@a.ex" });
  t.deepEqual(two?.kind === "accepted" && two.hosts, one?.kind === "accepted" && one.hosts);
  t.is(other?.kind, "failed");
});
