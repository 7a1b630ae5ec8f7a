import test from "ava";
import { mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Identity, TransportReport } from "@mailkit/sdk";
import { fakeBody, fakeJob, fakeMessage, localJobOf } from "@mailkit/sdk/testing";
import { newHelperPool, startHelperAsChild, type HelperPool } from "./helper-pool.ts";

/** A program that runs helpers with one driver: it says who and what it is, or dies. */
const PROGRAM = (source: string): string => `
import { runHelper } from ${JSON.stringify(join(source, "helper.ts"))};
const driver = { kind: "transport", name: "who", where: "local", options: {}, needs: [], prepare: () => {}, perform: async (order, job) => {
  if (order.die) process.kill(process.pid, "SIGKILL");
  if (order.throw) throw new Error("oh");
  const text = (await job.message.body.read()).toString("latin1");
  const said = [process.getuid(), process.getgid(), process.getgroups().join("+"), process.pid, process.env.MAILKIT_HELPER_TOKEN ?? "no token", text.length, text.slice(0, 5)].join(" ");
  return { facts: job.recipients.map(() => ({ kind: "delivered", confirmation: said })) };
} };
await runHelper([driver], process.argv.slice(-4));
`;

interface Stand {
  readonly pool: HelperPool;
  readonly started: Identity[];
  readonly close: () => Promise<void>;
}

function newStand(
  options: { readonly idleTimeout?: number; readonly startTimeout?: number; readonly command?: readonly string[] } = {},
): Stand {
  const folder = mkdtempSync(join(tmpdir(), "mailkit-helpers-"));
  chmodSync(folder, 0o755);
  const program = join(folder, "helper.ts");
  writeFileSync(program, PROGRAM(import.meta.dirname));
  const started: Identity[] = [];
  const start = startHelperAsChild(options.command ?? [process.execPath, program]);
  const pool = newHelperPool({
    directory: join(folder, "run"),
    start: (asked) => (started.push(asked.identity), start(asked)),
    ...(options.idleTimeout === undefined ? {} : { idleTimeout: options.idleTimeout }),
    ...(options.startTimeout === undefined ? {} : { startTimeout: options.startTimeout }),
  });
  return { pool, started, close: async () => (await pool.close(), rmSync(folder, { recursive: true })) };
}

const ask = (pool: HelperPool, identity: Identity, order: object = {}, body = fakeBody("hello")): Promise<TransportReport> =>
  pool.perform(identity, { driver: "who", order, job: localJobOf(fakeJob({ message: fakeMessage({ body }) })), filter: undefined });

const said = (report: TransportReport): string[] => {
  const fact = report.facts[0];
  return fact?.kind === "delivered" ? (fact.confirmation ?? "").split(" ") : [JSON.stringify(fact)];
};

const asRoot = process.getuid?.() === 0 ? test : test.skip;
const nobody = { uid: 65534, gid: 65534 };

asRoot("a helper is started once for a uid, has only its groups, and cannot see the token", async (t) => {
  const stand = newStand();
  const reports = await Promise.all(Array.from({ length: 10 }, () => ask(stand.pool, nobody)));
  const [uid, gid, groups, pid, token1, token2, length, text] = said(reports[0] as TransportReport);
  t.deepEqual([uid, gid, groups, `${token1} ${token2}`, length, text], ["65534", "65534", "65534", "no token", "5", "hello"]);
  t.true(reports.every((report) => said(report)[3] === pid));
  t.is(stand.started.length, 1);
  t.is(said(await ask(stand.pool, { uid: 8, gid: 8, initgroups: "mail" }))[0], "8");
  t.is(stand.started.length, 2);
  await stand.close();
});

asRoot("a large body crosses in pieces and arrives whole", async (t) => {
  const stand = newStand();
  const text = "0123456789".repeat(300_000);
  t.is(said(await ask(stand.pool, nobody, {}, fakeBody(text, { streamed: true })))[6], String(text.length));
  await stand.close();
});

asRoot("a helper that dies leaves deferrals, and the next delivery gets a new one", async (t) => {
  const stand = newStand();
  const dead = await ask(stand.pool, nobody, { die: true });
  t.like(dead.facts[0], { kind: "deferred", message: "delivery as uid 65534: the helper ended before it had answered" });
  t.is(said(await ask(stand.pool, nobody))[0], "65534");
  t.is(stand.started.length, 2);
  t.like((await ask(stand.pool, nobody, { throw: true })).facts[0], { kind: "deferred", message: "who driver broke: oh" });
  t.is(stand.started.length, 2, "an exception is not a death");
  await stand.close();
});

asRoot("a helper for root is refused by the helper itself", async (t) => {
  const stand = newStand({ startTimeout: 60_000 });
  t.like((await ask(stand.pool, { uid: 0, gid: 0 })).facts[0], {
    kind: "deferred",
    message: "delivery as uid 0: the helper ended at its start",
  });
  await stand.close();
});

test("a helper that does not start in time is a deferral", async (t) => {
  const stand = newStand({ startTimeout: 200, command: ["/bin/sh", "-c", "sleep 1"] });
  t.like((await ask(stand.pool, nobody)).facts[0], { kind: "deferred", message: "delivery as uid 65534: the helper did not start" });
  await stand.close();
});

test("the program above is what it says", (t) => {
  t.true(readFileSync(join(import.meta.dirname, "helper.ts"), "latin1").includes("export async function runHelper"));
});

asRoot("a helper that ends at its start is not waited for", async (t) => {
  const stand = newStand({ startTimeout: 60_000, command: ["/bin/false"] });
  t.like((await ask(stand.pool, nobody)).facts[0], { kind: "deferred", message: "delivery as uid 65534: the helper ended at its start" });
  await stand.close();
});
