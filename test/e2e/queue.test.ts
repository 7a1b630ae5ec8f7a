/** Nothing that got its 250 is lost, nothing is delivered twice: kill -9, hosts that die and come back, time running out. */
import test from "ava";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { freePort, loopbackAddress } from "../support/loopback.ts";
import { mailIn, messagesIn } from "../support/mailbox.ts";
import { needs } from "../support/programs.ts";
import { startNameServer } from "../support/name-server.ts";
import { startSink } from "../support/smtp-sink.ts";
import type { Sink, SinkScript } from "../support/smtp-sink.ts";
import type { Teardown } from "../support/temporary.ts";
import { curlSend } from "../support/tools.ts";
import { until } from "../support/wait.ts";
import { startSite } from "../support/world.ts";
import type { Site, SiteParts } from "../support/world.ts";

interface Place {
  readonly site: Site;
  readonly far: string;
  readonly port: number;
  readonly sink: (script?: SinkScript) => Promise<Sink>;
}

/** truc.fr, and far.test that nobody serves until the test starts a sink there. */
async function place(t: Teardown, parts: Partial<SiteParts> = {}): Promise<Place> {
  const far = loopbackAddress();
  const port = await freePort(far);
  const dns = await startNameServer(t, { "far.test": { A: [far] } });
  const site = await startSite(t, { domain: "truc.fr", port, dns, ...parts });
  return { site, far, port, sink: (script = {}) => startSink(t, { address: far, port, ...script }) };
}

const write = (site: Site, subject: string, to = "x@far.test") => curlSend(site, { from: "fred@truc.fr", to, subject });

needs(test, "curl")("killed before the delivery: delivered once after the restart", async (t) => {
  const { site, sink } = await place(t);
  const silent = await sink({ answer: (line) => (line === "" ? "SILENCE" : undefined) });
  t.is((await write(site, "kept")).code, 0);
  await until(() => silent.connections() > 0, { what: "the delivery to begin", instead: site.describe });
  await site.stop("SIGKILL");
  await silent.close();
  const next = await sink();
  await site.start();
  await site.logged(/=> x@far\.test/);
  await site.logged(/ Completed$/);
  t.deepEqual(
    next.messages.map((message) => /^Subject: (.*)$/m.exec(message.text)?.[1]),
    ["kept"],
  );
  await site.stop("SIGKILL");
  await site.start();
  const list = await site.command(["queue", "count"]);
  t.is(list.stdout, "0\n");
  t.is(next.messages.length, 1);
  t.is(site.paniclog(), "");
});

needs(test, "curl")("fewer workers after a kill: messages in partitions that no worker has are delivered", async (t) => {
  const { site, sink } = await place(t, { args: ["--workers", "3"] });
  const subjects = Array.from({ length: 12 }, (_, i) => `letter ${i}`);
  for (const subject of subjects) t.is((await write(site, subject)).code, 0);
  const partitions = readdirSync(join(site.folder, "spool/input"));
  t.deepEqual(partitions.toSorted(), ["worker-0", "worker-1", "worker-2"]);
  await site.stop("SIGKILL");
  const next = await sink();
  await site.start(["--workers", "1"]);
  await site.command(["queue", "run", "--force"]);
  await site.logged(/ Completed$/, subjects.length);
  t.deepEqual(next.messages.map((message) => /^Subject: (.*)$/m.exec(message.text)?.[1] ?? "").toSorted(), subjects.toSorted());
  t.is((await site.command(["queue", "count"])).stdout, "0\n");
  t.is(site.paniclog(), "");
});

needs(test, "curl")("killed again and again while mail comes in: everything that got its 250 arrives, once each", async (t) => {
  const { site, sink } = await place(t);
  const far = await sink();
  const taken: string[] = [];
  for (let round = 0; round < 4; round++) {
    let going = true;
    const sending = (async () => {
      for (let i = 0; going; i++) {
        const subject = `round-${round}-letter-${i}`;
        if ((await write(site, subject)).code !== 0) break;
        taken.push(subject);
      }
    })();
    const wanted = taken.length + 6;
    await until(() => taken.length >= wanted, { what: "six letters", instead: site.describe });
    await site.stop("SIGKILL");
    going = false;
    await sending;
    await site.start();
  }
  const arrived = (): string[] => far.messages.map((message) => /^Subject: (.*)$/m.exec(message.text)?.[1] ?? "");
  await until(() => taken.every((subject) => arrived().includes(subject)), { what: "all letters", instead: site.describe });
  const twice = arrived().filter((subject, at, all) => all.indexOf(subject) !== at);
  // The documented window: the next server took it, and the kill came before that was on the disk. One letter a kill at most is on its way here.
  t.true(twice.length <= 4, twice.join(" "));
  t.is(site.paniclog(), "");
});

needs(test, "curl")("some recipients were delivered before the kill: only the others get it after", async (t) => {
  const { site, sink } = await place(t);
  const silent = await sink({ answer: (line) => (line === "" ? "SILENCE" : undefined) });
  await write(site, "split", "x@far.test");
  const both = await curlSend(site, { from: "fred@truc.fr", to: ["anne@truc.fr", "y@far.test"], subject: "split" });
  t.is(both.code, 0);
  await mailIn(site, "mail/anne");
  await site.logged(/=> anne/);
  await site.stop("SIGKILL");
  await silent.close();
  const next = await sink();
  await site.start();
  await site.logged(/=> y@far\.test/);
  await site.logged(/ Completed$/, 2);
  t.is(messagesIn(join(site.folder, "mail/anne")).length, 1);
  t.deepEqual(next.messages.flatMap((message) => message.recipients).sort(), ["x@far.test", "y@far.test"]);
});

needs(test, "curl")("a dead host: deferred, its retry time kept; back again: delivered by itself", async (t) => {
  const { site, sink } = await place(t, { retry: "*  *  F,1h,4s" });
  await write(site, "patient");
  await site.logged(/== x@far\.test R=remote T=remote_smtp defer \(111\): Connection refused$/);
  const early = await site.command(["queue", "run"]);
  t.is(early.code, 0, early.stderr);
  const list = await site.command(["queue", "list"]);
  t.regex(list.stdout, /x@far\.test {2}Connection refused, next \d\d:\d\d\n/);
  const far = await sink();
  await site.logged(/=> x@far\.test R=remote T=remote_smtp/);
  await site.logged(/ Completed$/);
  t.is(far.messages.length, 1);
});

needs(test, "curl")("the server is stopped and started: retry times are kept", async (t) => {
  const { site } = await place(t, { retry: "*  *  F,2h,1h" });
  await write(site, "waiting");
  await site.logged(/== x@far\.test R=remote T=remote_smtp defer \(111\)/);
  t.is(await site.stop("SIGTERM"), 0);
  await site.start();
  const run = await site.command(["queue", "run"]);
  t.is(run.code, 0, run.stderr);
  t.is(site.mainlog().match(/== x@far\.test .*Connection refused/g)?.length, 1, "before its time only a forced run tries it");
  await site.command(["queue", "run", "--force"]);
  await site.logged(/== x@far\.test .*Connection refused/, 2);
  t.regex((await site.command(["queue", "list"])).stdout, /x@far\.test {2}Connection refused, next \d\d:\d\d\n/);
});

needs(test, "curl")("a delay warning to the sender, a bounce when the retry time is over", async (t) => {
  const { site } = await place(t, { main: "delay_warning = 2s", retry: "*  *  F,9s,1s" });
  await write(site, "too long");
  const letters = await mailIn(site, "mail/fred", 2);
  t.regex(letters[0] ?? "", /^Subject: Warning: message \S+ delayed 0? ?/m);
  t.regex(letters[0] ?? "", /x@far\.test/);
  t.regex(letters[1] ?? "", /^Subject: Mail delivery failed: returning message to sender$/m);
  t.regex(letters[1] ?? "", /retry timeout exceeded/);
  t.regex(letters[1] ?? "", /^Return-path: <>$/m);
  await site.logged(/\*\* x@far\.test: retry timeout exceeded$/);
  t.is((await site.command(["queue", "count"])).stdout, "0\n");
});

needs(test, "curl")("greylisted, then taken; refused for good, then bounced", async (t) => {
  const { site, sink } = await place(t, { retry: "*  *  F,1h,2s" });
  let turned = 0;
  const far = await sink({
    answer: (line) => {
      if (line.startsWith("RCPT TO:<grey@") && turned++ < 1) return "451 4.7.1 come back later";
      if (line.startsWith("RCPT TO:<full@")) return "552 5.2.2 mailbox full";
      return undefined;
    },
  });
  await curlSend(site, { from: "fred@truc.fr", to: ["grey@far.test", "full@far.test", "fine@far.test"], subject: "mixed" });
  await site.logged(/=> fine@far\.test/);
  await site.logged(/\*\* full@far\.test .*552 5\.2\.2 mailbox full$/);
  await site.logged(/== grey@far\.test .*451 4\.7\.1 come back later$/);
  await site.logged(/=> grey@far\.test/);
  const [bounce = ""] = await mailIn(site, "mail/fred");
  t.regex(bounce, /full@far\.test/);
  t.notRegex(bounce, /grey@far\.test\n/);
  await until(() => far.messages.length === 2, { what: "two copies at the next server", instead: site.describe });
  t.deepEqual(
    far.messages.map((message) => message.recipients),
    [["fine@far.test"], ["grey@far.test"]],
  );
});

needs(test, "curl")("a frozen message is left alone until it is thawed; a removed one is gone", async (t) => {
  const { site, sink } = await place(t, { main: "queue_only" });
  await write(site, "one");
  await write(site, "two");
  const ids = (JSON.parse((await site.command(["queue", "list", "--json"])).stdout) as { id: string }[]).map((item) => item.id);
  t.is(ids.length, 2);
  const [first = "", second = ""] = ids;
  t.is((await site.command(["queue", "freeze", first])).code, 0);
  t.is((await site.command(["queue", "remove", second])).code, 0);
  const far = await sink();
  await site.command(["queue", "run", "--force"]);
  t.is(far.messages.length, 0);
  t.is((await site.command(["queue", "thaw", first])).code, 0);
  await site.command(["queue", "run"]);
  await site.logged(/=> x@far\.test/);
  t.is(far.messages.length, 1);
  t.regex(site.mainlog(), new RegExp(`${second} removed by `));
  t.notRegex(site.mainlog(), /== x@far\.test/, "queue_only: nothing but a queue run tries it");
});
