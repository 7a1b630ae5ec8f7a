/**
 * The story of the README, on the built program: fred@truc.fr writes to people at machin.com. Two servers, a name server,
 * and the tools that people have (curl, swaks, fetchmail).
 */
import test from "ava";
import { mailIn, messagesIn } from "../support/mailbox.ts";
import { needs } from "../support/programs.ts";
import { forAllTests } from "../support/suite.ts";
import { writeFiles } from "../support/temporary.ts";
import { curlFetch, curlSend, fetchmail, swaks } from "../support/tools.ts";
import type { World } from "../support/world.ts";
import { startWorld } from "../support/world.ts";
import { join } from "node:path";

const shared = forAllTests(test);
let world: World;

test.before(async () => {
  world = await startWorld(shared, {
    machin: {
      files: {
        aliases:
          "postmaster: marie\neverybody: marie, paul,\n  luc\nover: nobody@truc.fr\nblackhole: :blackhole:\ngone: :fail: moved to Mars\n",
      },
    },
  });
});

needs(test, "swaks")("the next server is found by its MX record, the mailbox by the local part", async (t) => {
  const { truc, machin, dns } = world;
  const sent = await swaks(truc, { from: "fred@truc.fr", to: "marie@machin.com", subject: "first", body: "Salut Marie\n.\n..dots" });
  t.is(sent.code, 0, sent.stdout);
  const [message = ""] = await mailIn(machin, "mail/marie");
  t.regex(message, /^Return-path: <fred@truc\.fr>\nEnvelope-to: marie@machin\.com\nDelivery-date: /);
  t.is(message.match(/^Received: /gm)?.length, 2);
  t.regex(message, /\n\nSalut Marie\n\.\n\.\.dots\n/);
  await truc.logged(/=> marie@machin\.com R=remote T=remote_smtp H=mx\.machin\.com \[127\./);
  await truc.logged(/ Completed$/);
  await machin.logged(/=> marie <marie@machin\.com> R=people T=mailbox$/);
  t.deepEqual(
    dns.asked.filter((question) => question.endsWith(" MX")),
    ["machin.com MX"],
  );
  t.is(truc.paniclog() + machin.paniclog(), "");
});

needs(test, "curl")("curl submits; curl lists, fetches and deletes over POP3", async (t) => {
  const { truc, machin } = world;
  const before = messagesIn(join(machin.folder, "mail/paul")).length;
  t.is((await curlSend(truc, { from: "fred@truc.fr", to: "paul@machin.com", subject: "by curl" })).code, 0);
  await mailIn(machin, "mail/paul", before + 1);
  const list = await curlFetch(machin, "paul");
  t.regex(list.stdout, /^1 \d+\r\n$/);
  const message = await curlFetch(machin, "paul", "1");
  t.regex(message.stdout, /\r\nSubject: by curl\r\n(?:.*\r\n)*\r\nhello\r\n/);
  t.is(messagesIn(join(machin.folder, "mail/paul")).length, 1, "fetching keeps");
  const deleted = await curlFetch(machin, "paul", "1", ["--request", "DELE", "--list-only"]);
  t.is(deleted.code, 0, deleted.stderr);
  await machin.logged(/pop3/i);
  t.deepEqual(messagesIn(join(machin.folder, "mail/paul")), []);
});

needs(test, "curl")("a wrong password opens no mailbox", async (t) => {
  const refused = await curlFetch(world.machin, "paul:wrong", "");
  t.not(refused.code, 0);
});

needs(
  test,
  "curl",
  "fetchmail",
)("fetchmail keeps, then deletes", async (t) => {
  const { truc, machin } = world;
  for (const subject of ["one", "two"]) await curlSend(truc, { from: "fred@truc.fr", to: "luc@machin.com", subject });
  await mailIn(machin, "mail/luc", 2);
  const kept = await fetchmail(machin, "luc", { keep: true });
  t.is(kept.code, 0, kept.stdout + kept.stderr);
  t.is(messagesIn(join(machin.folder, "mail/luc")).length, 2);
  t.deepEqual([...machin.read("fetched-luc").matchAll(/^Subject: (.*)$/gm)].map((match) => match[1]).sort(), ["one", "two"]);
  const deleted = await fetchmail(machin, "luc", { keep: false });
  t.is(deleted.code, 0, deleted.stdout + deleted.stderr);
  t.deepEqual(messagesIn(join(machin.folder, "mail/luc")), []);
  t.is((await fetchmail(machin, "luc", { keep: true })).code, 1, "no mail: fetchmail's exit code 1");
});

needs(test, "curl")("mbox: filed, fetched over POP3, deleted", async (t) => {
  const { truc } = world;
  await curlSend(truc, { from: "anne@truc.fr", to: "anne@truc.fr", body: "From the top\n>From below" });
  const [filed = ""] = await mailIn(truc, "mail/anne");
  t.regex(filed, /\n\nFrom the top\n/);
  t.regex(truc.read("mail/anne"), /^From anne@truc\.fr \w{3} \w{3} .\d \d\d:\d\d:\d\d \d{4}\n/);
  t.regex((await curlFetch(truc, "anne", "1")).stdout, /\r\nFrom the top\r\n|\r\n>From the top\r\n/);
  t.is((await curlFetch(truc, "anne", "1", ["--request", "DELE", "--list-only"])).code, 0);
  t.deepEqual(messagesIn(join(truc.folder, "mail/anne")), []);
});

needs(test, "curl")("aliases: one to many, and to nowhere", async (t) => {
  const { truc, machin } = world;
  const before = ["marie", "paul", "luc"].map((name) => messagesIn(join(machin.folder, `mail/${name}`)).length);
  t.is((await curlSend(truc, { from: "fred@truc.fr", to: ["everybody@machin.com", "blackhole@machin.com"], subject: "to all" })).code, 0);
  for (const [at, name] of ["marie", "paul", "luc"].entries()) {
    const found = await mailIn(machin, `mail/${name}`, (before[at] as number) + 1);
    t.regex(found.at(-1) ?? "", /\nEnvelope-to: everybody@machin\.com\n/);
  }
  await machin.logged(/=> :blackhole: <blackhole@machin\.com> R=aliases$/);
});

needs(test, "curl")("a .forward file: a copy here, a copy back to the other site", async (t) => {
  const { truc, machin } = world;
  writeFiles(machin.folder, { "home/paul/.forward": "\\paul, anne@truc.fr\n" });
  const before = messagesIn(join(machin.folder, "mail/paul")).length;
  await curlSend(truc, { from: "fred@truc.fr", to: "paul@machin.com", subject: "forwarded" });
  await mailIn(machin, "mail/paul", before + 1);
  const copy = (await mailIn(truc, "mail/anne")).at(-1) ?? "";
  t.is(copy.match(/^Received: /gm)?.length, 3);
  t.regex(copy, /^Return-path: <fred@truc\.fr>$/m);
  t.true(world.dns.asked.includes("truc.fr MX") && world.dns.asked.includes("truc.fr A"), "no MX: the address record");
  writeFiles(machin.folder, { "home/paul/.forward": "" });
});

needs(test, "curl")("a .forward file that is an Exim filter", async (t) => {
  const { truc, machin } = world;
  const filter = `# Exim filter\nif $h_subject: contains "urgent"\nthen save ${machin.folder}/mail/urgent\nendif\n`;
  writeFiles(machin.folder, { "home/luc/.forward": filter });
  await curlSend(truc, { from: "fred@truc.fr", to: "luc@machin.com", subject: "most urgent" });
  await mailIn(machin, "mail/urgent");
  const before = messagesIn(join(machin.folder, "mail/luc")).length;
  await curlSend(truc, { from: "fred@truc.fr", to: "luc@machin.com", subject: "later" });
  await mailIn(machin, "mail/luc", before + 1);
  t.is(messagesIn(join(machin.folder, "mail/urgent")).length, 1);
});

needs(test, "curl")("an unknown user at the other site: the sender gets a bounce from <>", async (t) => {
  const { truc } = world;
  const before = messagesIn(join(truc.folder, "mail/fred")).length;
  t.is((await curlSend(truc, { from: "fred@truc.fr", to: "nobody@machin.com", subject: "lost letter" })).code, 0);
  const bounce = (await mailIn(truc, "mail/fred", before + 1)).at(-1) ?? "";
  t.regex(bounce, /^Return-path: <>$/m);
  t.regex(bounce, /^From: Mail Delivery System <Mailer-Daemon@truc\.fr>$/im);
  t.regex(bounce, /^To: fred@truc\.fr$/m);
  t.regex(bounce, /nobody@machin\.com\n.*RCPT TO:<nobody@machin\.com>:\n *550 Unknown user/s);
  t.regex(bounce, /^Subject: lost letter$/m);
  await truc.logged(
    /\*\* nobody@machin\.com R=remote T=remote_smtp H=mx\.machin\.com \[[\d.]+\]\*?(?: K)?: SMTP error from remote mail server after RCPT TO:<nobody@machin\.com>: 550 Unknown user$/,
  );
  await truc.logged(/ <= <> R=\S+ U=\S+ P=local S=\d+/);
});

needs(test, "swaks")("refused in the session: an unknown user, a user who moved, a relay from outside", async (t) => {
  const { machin } = world;
  const unknown = await swaks(machin, { from: "fred@truc.fr", to: "nobody@machin.com" });
  t.regex(unknown.stdout, /550 Unknown user/);
  const moved = await swaks(machin, { from: "fred@truc.fr", to: "gone@machin.com" });
  t.regex(moved.stdout, /550 (?:Unknown user|moved to Mars)/);
  t.regex(machin.rejectlog(), /rejected RCPT <nobody@machin\.com>: Unknown user/);
});

needs(test, "curl")("an alias that leads to nobody: the bounce travels back", async (t) => {
  const { truc, machin } = world;
  const before = messagesIn(join(truc.folder, "mail/fred")).length;
  await curlSend(machin, { from: "fred@truc.fr", to: "over@machin.com", subject: "two hops" });
  const bounce = (await mailIn(truc, "mail/fred", before + 1)).at(-1) ?? "";
  t.regex(bounce, /^From: Mail Delivery System <Mailer-Daemon@machin\.com>$/im);
  t.regex(bounce, /nobody@truc\.fr\n *\(generated from over@machin\.com\)/);
  t.is(messagesIn(join(machin.folder, "mail/marie")).filter((message) => message.includes("two hops")).length, 0);
});

test.serial("both queues are empty in the end, and nobody panicked", async (t) => {
  for (const server of [world.truc, world.machin]) {
    const list = await server.command(["queue", "list"]);
    t.is(list.stdout, "the queue is empty\n", server.describe());
    t.is(server.paniclog(), "");
  }
});
