import { randomBytes, randomInt } from "node:crypto";
import test from "ava";
import type { Answer } from "dns-packet";
import type { Clock, DnsAnswer } from "@mailkit/sdk";
import { makeResolver, type ResolverOptions } from "./resolver.ts";
import { startNameServer, type Zone } from "./testing/name-server.ts";

const random = { below: (limit: number) => randomInt(limit), octets: (count: number) => randomBytes(count) };

/** Time stands still until a test moves it; sleepers wake when it passes them or their signal fires. */
function fakeClock() {
  let now = 1_000_000;
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  const clock: Clock = {
    now: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        const sleeper = { at: now + milliseconds, wake: () => (sleepers.delete(sleeper), resolve()) };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", sleeper.wake, { once: true });
      }),
  };
  const advance = (milliseconds: number) => {
    now += milliseconds;
    for (const sleeper of sleepers) if (sleeper.at <= now) sleeper.wake();
  };
  return { clock, advance, sleeping: () => sleepers.size };
}

async function withServer(
  zone: Zone,
  run: (tools: {
    ask: (name: string, type?: "A" | "MX" | "TXT" | "CNAME", dnssec?: boolean) => Promise<DnsAnswer>;
    server: Awaited<ReturnType<typeof startNameServer>>;
    time: ReturnType<typeof fakeClock>;
  }) => Promise<void>,
  options: Partial<ResolverOptions> = {},
): Promise<void> {
  const server = await startNameServer(zone);
  const time = fakeClock();
  const resolver = makeResolver({ servers: [{ address: "127.0.0.1", port: server.port }], clock: time.clock, random, ...options });
  try {
    await run({ server, time, ask: async (name, type = "A", dnssec = false) => resolver.query({ name, type, dnssec }) });
  } finally {
    resolver.close();
    await server.close();
  }
}

const a = (name: string, data = "192.0.2.1", ttl = 300): Answer => ({ type: "A", name, data, ttl, class: "IN" });
const cname = (name: string, data: string, ttl = 300): Answer => ({ type: "CNAME", name, data, ttl, class: "IN" });
const soa = (name: string, minimum = 60, ttl = 3600): Answer => ({
  type: "SOA",
  name,
  ttl,
  class: "IN",
  data: { mname: "ns.x", rname: "h.x", serial: 1, refresh: 1, retry: 1, expire: 1, minimum },
});

test("the four kinds of answer stay apart", async (t) => {
  const zone: Zone = (name) => {
    if (name === "there.test") return { answers: [a(name)] };
    if (name === "nodata.test") return { authorities: [soa("test", 60)] };
    if (name === "nx.test") return { rcode: 3, authorities: [soa("test", 90, 30)] };
    return { rcode: name === "refused.test" ? 5 : 2 };
  };
  await withServer(zone, async ({ ask }) => {
    t.like(await ask("There.TEST."), { kind: "found", name: "there.test", ttl: 300, secure: false, records: [{ data: "192.0.2.1" }] });
    t.like(await ask("nodata.test"), { kind: "noData", ttl: 60 });
    t.like(await ask("nx.test"), { kind: "noDomain", ttl: 30 }, "least of SOA TTL and minimum, RFC 2308");
    t.like(await ask("servfail.test"), { kind: "defer", reason: "servfail" });
    t.like(await ask("refused.test"), { kind: "defer", reason: "refused" });
  });
});

test("answers are kept for their TTL, and come at once", async (t) => {
  await withServer(
    (name) => (name === "x.test" ? { answers: [a(name, "192.0.2.1", 100)] } : { rcode: 3 }),
    async ({ ask, server, time }) => {
      await ask("x.test");
      await ask("X.test");
      t.is(server.asked.length, 1);
      time.advance(100_001);
      await ask("x.test");
      t.is(server.asked.length, 2, "expired");
      await ask("gone.test");
      await ask("gone.test");
      t.is(server.asked.length, 4, "a negative answer without SOA is not kept");
    },
  );
});

test("identical questions at the same time are one query", async (t) => {
  await withServer(
    (name) => ({ answers: [a(name)] }),
    async ({ ask, server }) => {
      await Promise.all(Array.from({ length: 20 }, () => ask("same.test")));
      t.is(server.asked.length, 1);
    },
  );
});

test("many questions use many ports and are not mixed up", async (t) => {
  await withServer(
    (name) => ({ answers: [a(name, `192.0.2.${/\d+/.exec(name)?.[0] ?? "0"}`)] }),
    async ({ ask, server }) => {
      const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => ask(`n${i}.test`)));
      answers.forEach((answer, i) => t.is(answer.kind === "found" ? answer.records[0]?.data : "", `192.0.2.${i}`));
      t.true(new Set(server.asked.map((query) => query.port)).size > 20);
    },
  );
});

test("a cut answer is asked for again over TCP", async (t) => {
  await withServer(
    (name) => ({ truncate: true, answers: Array.from({ length: 200 }, (_, i) => a(name, `192.0.2.${i}`)) }),
    async ({ ask, server }) => {
      const answer = await ask("big.test");
      t.is(answer.kind === "found" ? answer.records.length : 0, 200);
      t.deepEqual(
        server.asked.map((query) => query.via),
        ["udp", "tcp"],
      );
    },
  );
});

test("random case: a server that keeps it is believed, one that does not is asked over TCP", async (t) => {
  await withServer(
    (name) => ({ answers: [a(name)], lowerCase: name === "lowered-by-the-server.test" }),
    async ({ ask, server }) => {
      t.is((await ask("a-name-with-many-letters.test")).kind, "found");
      t.not(server.asked[0]?.name, "a-name-with-many-letters.test");
      t.is((await ask("lowered-by-the-server.test")).kind, "found");
      t.deepEqual(
        server.asked.map((query) => query.via),
        ["udp", "udp", "tcp"],
      );
    },
    { mixedCase: "always" },
  );
});

test("forged answers are ignored: wrong id, wrong question, not a response", async (t) => {
  const spoil = (reply: Buffer): Buffer[] => {
    const wrongId = Buffer.from(reply);
    wrongId.writeUInt16BE((reply.readUInt16BE(0) + 1) & 0xffff, 0);
    const query = Buffer.from(reply);
    query[2] = (query[2] as number) & 0x7f;
    const otherName = Buffer.from(reply);
    otherName[13] = 0x79;
    return [wrongId, query, otherName, Buffer.from([1, 2, 3]), reply];
  };
  await withServer(
    (name) => ({ answers: [a(name)], spoil }),
    async ({ ask }) => {
      t.like(await ask("x.test"), { kind: "found", name: "x.test" });
    },
  );
});

test("lies over TCP, and answers without end, are no answers", async (t) => {
  const wrongId = (reply: Buffer): Buffer => {
    reply.writeUInt16BE((reply.readUInt16BE(0) + 1) & 0xffff, 0);
    return reply;
  };
  const wrongName = (reply: Buffer): Buffer => {
    reply[13] = 0x79;
    return reply;
  };
  const many = Array.from({ length: 1100 }, (_, i) => a("x.test", `192.0.${i >> 8}.${i & 255}`));
  for (const [what, answer] of [
    ["another id", { answers: [a("x.test")], spoil: wrongId }],
    ["another question", { answers: [a("x.test")], spoil: wrongName }],
    ["no answer at all", { silent: true, hangUp: true }],
    ["more records than anybody has", { answers: many }],
  ] as const) {
    await withServer(
      (_name, _type, via) => (via === "udp" ? { truncate: true } : answer),
      async ({ ask }) => {
        t.like(await ask("x.test"), { kind: "defer", reason: "timeout" }, what);
      },
      { retry: 1 },
    );
  }
});

test("a server that begins an answer over TCP and goes no further is given up in time", async (t) => {
  await withServer(
    (name, _type, via) => (via === "udp" ? { truncate: true } : { answers: [a(name)], half: true }),
    async ({ ask, time, server }) => {
      const answer = ask("x.test");
      while (server.asked.length < 2) await new Promise(setImmediate);
      time.advance(1000);
      t.like(await answer, { kind: "defer", reason: "timeout" });
    },
    { retrans: 1000, retry: 1 },
  );
});

test("a silent server: waits as long as said, twice as long the second time, then defers", async (t) => {
  await withServer(
    () => ({ silent: true }),
    async ({ ask, time, server }) => {
      const answer = ask("x.test");
      while (server.asked.length < 1) await new Promise(setImmediate);
      time.advance(1000);
      while (server.asked.length < 2) await new Promise(setImmediate);
      time.advance(1999);
      await new Promise(setImmediate);
      t.is(time.sleeping(), 1, "still waiting");
      time.advance(1);
      t.like(await answer, { kind: "defer", reason: "timeout" });
    },
    { retrans: 1000, retry: 2 },
  );
});

test("a dead server is passed over, and comes last afterwards", async (t) => {
  const server = await startNameServer((name) => ({ answers: [a(name)] }));
  const dead = await startNameServer(() => ({}));
  await dead.close();
  const { clock } = fakeClock();
  const servers = [dead.port, server.port].map((port) => ({ address: "127.0.0.1", port }));
  const resolver = makeResolver({ servers, clock, random });
  t.like(await resolver.query({ name: "x.test", type: "A" }), { kind: "found" });
  t.like(await resolver.query({ name: "y.test", type: "A" }), { kind: "found" });
  resolver.close();
  await server.close();
});

test("a question may have times of its own, and less patience than others", async (t) => {
  const server = await startNameServer(() => ({ silent: true }));
  const { clock, advance, sleeping } = fakeClock();
  const resolver = makeResolver({ servers: [{ address: "127.0.0.1", port: server.port }], clock, random, retrans: 60_000, retry: 5 });
  const patient = resolver.query({ name: "x.test", type: "A" });
  const hasty = resolver.query({ name: "x.test", type: "A", retransmit: 1000, retries: 1 });
  while (sleeping() < 2) await new Promise((resolve) => setImmediate(resolve));
  advance(1000);
  t.like(await hasty, { kind: "defer", reason: "timeout" });
  t.is(sleeping(), 1);
  resolver.close();
  t.like(await patient, { kind: "defer" });
  await server.close();
});

test("CNAME chains: followed inside an answer, once by another question, loops bounded", async (t) => {
  const zone: Zone = (name) => {
    if (name === "a.test") return { answers: [cname("a.test", "b.test", 50), cname("b.test", "c.test"), a("c.test")] };
    if (name === "bare.test") return { answers: [cname("bare.test", "target.test")] };
    if (name === "target.test") return { answers: [a("target.test")] };
    if (name === "far.test") return { answers: [cname("far.test", "bare.test")] };
    return { answers: [cname("loop.test", "pool.test"), cname("pool.test", "loop.test")] };
  };
  await withServer(zone, async ({ ask }) => {
    t.like(await ask("a.test"), { kind: "found", name: "c.test", ttl: 50 });
    t.like(await ask("bare.test"), { kind: "found", name: "target.test" });
    t.like(await ask("far.test"), { kind: "noData" }, "dns_cname_loops = 1");
    t.like(await ask("loop.test"), { kind: "defer", reason: "malformed" });
    t.like(await ask("bare.test", "CNAME"), { kind: "found", records: [{ data: "target.test" }] });
  });
});

test("AD counts from loopback, is asked for with DO, and only then", async (t) => {
  await withServer(
    (name) => ({ answers: [a(name)], ad: true }),
    async ({ ask, server }) => {
      t.like(await ask("x.test", "A", true), { kind: "found", secure: true });
      t.like(await ask("x.test"), { kind: "found", secure: false });
      t.deepEqual(
        server.asked.map((query) => [query.ad, query.do]),
        [
          [true, true],
          [false, false],
        ],
      );
    },
  );
});

test("dns_trust_aa: an authoritative answer counts for its own zone", async (t) => {
  const ns: Answer = { type: "NS", name: "mine.test", data: "ns.mine.test", ttl: 1, class: "IN" };
  await withServer(
    (name) => ({ answers: [a(name)], aa: true, authorities: [name.endsWith("mine.test") ? ns : { ...ns, name: "other.test" }] }),
    async ({ ask }) => {
      t.like(await ask("x.mine.test", "A", true), { secure: true });
      t.like(await ask("x.other.test", "A", true), { secure: false });
    },
    { trustAa: (zone) => zone === "mine.test" },
  );
});

test("null MX, TXT octets, and names that fit no wire", async (t) => {
  const zone: Zone = (name, type) =>
    type === "MX"
      ? { answers: [{ type: "MX", name, ttl: 1, class: "IN", data: { preference: 0, exchange: "." } }] }
      : { answers: [{ type: "TXT", name, ttl: 1, class: "IN", data: [Buffer.from([0x61, 0xff]), Buffer.from("b")] }] };
  await withServer(zone, async ({ ask, server }) => {
    t.like(await ask("x.test", "MX"), { records: [{ data: "", preference: 0 }] });
    t.like(await ask("x.test", "TXT"), { records: [{ data: "a\xffb", strings: ["a\xff", "b"] }] });
    const before = server.asked.length;
    for (const name of ["a..b", `${"x".repeat(64)}.test`, `${"abcdefg.".repeat(40)}test`, "\xff.test"])
      t.is((await ask(name)).kind, "noDomain");
    t.is(server.asked.length, before);
  });
});

test("close ends what is under way, and a server without EDNS is understood", async (t) => {
  let first = true;
  await withServer(
    (name) => {
      if (name === "silent.test") return { silent: true };
      if (!first) return { answers: [a(name)] };
      first = false;
      return { rcode: 1 };
    },
    async ({ ask }) => {
      t.like(await ask("old.test"), { kind: "found" });
    },
  );
});
