import test from "ava";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { RecipientFact, TransportJob, TransportReport, TransportServices } from "@mailkit/sdk";
import { fakeJob, fakeMessage, fakeTransportServices, localJobOf, optionValues, transportCompliance } from "@mailkit/sdk/testing";
import { driver } from "./driver.ts";
import { parseOnce, printOnce } from "./once-file.ts";
import type { Order } from "./plan.ts";
import { parseTime } from "./times.ts";

const newFolder = (): string => mkdtempSync(join(tmpdir(), "mailkit-autoreply-"));

async function deliver(
  options: Readonly<Record<string, unknown>>,
  given: Partial<TransportJob> = {},
  services: Partial<TransportServices> = {},
): Promise<TransportReport> {
  const job = fakeJob(given);
  const prepared = await driver.prepare(job, optionValues(driver.options, options) as never, fakeTransportServices(job, services));
  return prepared.kind === "report"
    ? prepared.report
    : driver.perform(JSON.parse(JSON.stringify(prepared.order)) as Order, localJobOf(job));
}

transportCompliance(
  test,
  driver,
  async () => ({
    options: { to: "sender@example.org", subject: "hi", text: "away\n" },
    brokenOptions: { file: "/no/such/file" },
    arrived: async () => [],
  }),
  { noCopy: "it sends a message of its own" },
);

const HEADERS = "Message-ID: <orig@x>\nReferences: <a@b>\n <c@d>\nSubject: t\n";

test("the reply: from nobody, with In-Reply-To, References and Auto-Submitted", async (t) => {
  const report = await deliver(
    {
      from: "me@x.y",
      to: "A B <sender@example.org>",
      cc: "c@d.e",
      subject: "Re: hello",
      text: "I am away.",
      headers: "X-One: 1\nX-Two: 2",
    },
    { message: fakeMessage({ headers: HEADERS }) },
  );
  t.deepEqual(report.facts, [{ kind: "delivered" }]);
  t.deepEqual(report.submit, [
    {
      sender: "",
      recipients: ["sender@example.org", "c@d.e"],
      text:
        "From: me@x.y\nTo: A B <sender@example.org>\nCc: c@d.e\nSubject: Re: hello\nIn-Reply-To: <orig@x>\n" +
        "References: <a@b>\n <c@d>\n <orig@x>\nAuto-Submitted: auto-replied\nX-One: 1\nX-Two: 2\n\nI am away.\n",
    },
  ]);
});

test("References keep the first and the last eleven", async (t) => {
  const headers = `Message-ID: <orig@x>\nReferences: ${Array.from({ length: 20 }, (_, i) => `<${i}@r>`).join(" ")}\n`;
  const text = (await deliver({ to: "a@b.c" }, { message: fakeMessage({ headers }) })).submit?.[0]?.text ?? "";
  const ids = /References: ([\s\S]*?)\nAuto/.exec(text)?.[1]?.split(/\s+/);
  t.deepEqual(ids, ["<0@r>", ...Array.from({ length: 10 }, (_, i) => `<${i + 10}@r>`), "<orig@x>"]);
});

test("return_message puts the message below, cut at return_size_limit", async (t) => {
  const whole =
    (await deliver({ to: "a@b.c", text: "x\n", return_message: true }, { message: fakeMessage({ headers: HEADERS, text: "body\n" }) }))
      .submit?.[0]?.text ?? "";
  t.true(whole.endsWith(`\n\nx\n\n------ This is a copy of the message, including all the headers.\n\n${HEADERS}\nbody\n`), whole);
  const cut =
    (await deliver({ to: "a@b.c", return_message: true }, { message: fakeMessage({ text: "z".repeat(200_000) }) })).submit?.[0]?.text ?? "";
  t.regex(cut, /------ The body of the message is 200000 characters long; only the first\n------ 102400 or so are included here\.\n/);
  t.true(cut.length < 104_000);
});

test("once: one reply to an address, again after once_repeat; the log says what happened", async (t) => {
  const folder = newFolder();
  const options = { to: "Sender@example.org", subject: "hi", once: join(folder, "once"), log: join(folder, "log"), once_repeat: "1d" };
  const at = (now: number): Partial<TransportJob> => ({ now });
  t.is((await deliver(options, at(0))).submit?.length, 1);
  t.is((await deliver(options, at(3_600_000))).submit, undefined);
  t.is((await deliver({ ...options, to: "sender@EXAMPLE.org" }, at(3_600_000))).submit, undefined);
  t.is((await deliver(options, at(86_400_000))).submit?.length, 1);
  t.regex(
    readFileSync(options.log, "latin1"),
    /^1970-01-01 \d\d:00:00\n  To: Sender@example.org\n  Subject: hi\n1970-01-01 \d\d:00:00\n  previously sent to Sender@example.org\n/,
  );
  t.is(statSync(options.once).mode & 0o777, 0o600);
  rmSync(folder, { recursive: true });
});

test("a once file of another kind is left alone, a directory is Exim's fault text", async (t) => {
  const folder = newFolder();
  writeFileSync(join(folder, "dbm"), "\0\0\0\x01dbm");
  t.like((await deliver({ to: "a@b.c", once: join(folder, "dbm") })).facts[0], { kind: "deferred" });
  t.like((await deliver({ to: "a@b.c", once: folder })).facts[0], {
    kind: "deferred",
    errno: 21,
    message: `Failed to open DBM file ${folder} when sending message from t1 transport: Is a directory`,
  });
  rmSync(folder, { recursive: true });
});

test("once_file_size drops the oldest", async (t) => {
  const folder = newFolder();
  const once = join(folder, "once");
  for (const name of ["a", "b", "c"]) await deliver({ to: `${name}@b.c`, once, once_file_size: 36 }, { now: 1000 });
  const known = parseOnce(readFileSync(once, "latin1"));
  t.deepEqual([...(known?.sent.keys() ?? [])], ["b@b.c", "c@b.c"]);
  t.true(readFileSync(once).length <= 36);
  rmSync(folder, { recursive: true });
});

test("never_mail and an empty sender: nothing is sent, nothing is wrong", async (t) => {
  for (const options of [{ to: "a@b.c", never_mail: "a@b.c" }, { to: "" }]) {
    const report = await deliver(options);
    t.deepEqual(report, { facts: [{ kind: "delivered" }] });
  }
});

test("headers cannot be forged", async (t) => {
  const fact = (await deliver({ to: "a@b.c", subject: "hi\x01there" })).facts[0] as Extract<RecipientFact, { kind: "failed" }>;
  t.is(fact.kind, "failed");
  t.is(fact.message, 'Expansion of "hi\\x01there" in t1 transport contains non-printing character 1');
  t.is((await deliver({ to: "a@b.c", subject: "hi\nBcc: all@x" })).facts[0]?.kind, "failed");
  t.is((await deliver({ to: "a@b.c", subject: "hi\n there" })).facts[0]?.kind, "delivered");
});

test("a filter's words are used alone; its file is read, optional or not", async (t) => {
  const folder = newFolder();
  const file = join(folder, "text");
  writeFileSync(file, "from file\n");
  const generated = { kind: "reply" as const, reply: { to: "f@x.y", text: "first", file } };
  const report = await deliver({ to: "ignored@x.y", subject: "ignored" }, { generated });
  t.deepEqual(report.submit?.[0]?.recipients, ["f@x.y"]);
  t.true(report.submit?.[0]?.text.endsWith("\n\nfirst\nfrom file\n"));
  const missing = { kind: "reply" as const, reply: { to: "f@x.y", file: join(folder, "no") } };
  t.like((await deliver({}, { generated: missing })).facts[0], { kind: "deferred", errno: 2 });
  t.is((await deliver({ file_optional: true }, { generated: missing })).facts[0]?.kind, "delivered");
  const expanded = await deliver(
    { to: "f@x.y", file: "/f", file_expand: true },
    {},
    { files: { read: () => "to $local_part_data\n" } as never },
  );
  t.true(expanded.submit?.[0]?.text.endsWith("to user\n"));
  rmSync(folder, { recursive: true });
});

test("times, and the once file read back", (t) => {
  t.deepEqual(["0s", "1d2h", "4s", "", "5", "x"].map(parseTime), [0, 93_600_000, 4000, 0, undefined, undefined]);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.stringMatching(/^[ -~]{1,20}$/), fc.integer({ min: 0, max: 4e9 }))), (pairs) => {
      const sent = new Map(pairs.map(([address, seconds]) => [address, seconds * 1000]));
      t.deepEqual([...(parseOnce(printOnce(sent))?.sent ?? [])], [...sent]);
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => void parseOnce(text)));
});

test("never_mail: such addresses are taken out of the header lines too", async (t) => {
  const options = { to: "a@b.c, rhubarb <no@b.c>", cc: "no@b.c", subject: "s", never_mail: "no@b.c" };
  const [sent] = (await deliver(options)).submit ?? [];
  t.deepEqual(sent?.recipients, ["a@b.c"]);
  t.true(sent?.text.startsWith("To: a@b.c\nSubject: s\n"), sent?.text);
});

test("relative names are files of the home directory", async (t) => {
  const folder = newFolder();
  writeFileSync(join(folder, ".vacation.msg"), "gone\n");
  const reply = { to: "f@x.y", file: ".vacation.msg", log: ".vacation.log", once: ".vacation" };
  const report = await deliver({}, { generated: { kind: "reply", reply }, cwd: folder });
  t.true(report.submit?.[0]?.text.endsWith("\n\ngone\n"));
  t.true(statSync(join(folder, ".vacation.log")).isFile());
  t.true(statSync(join(folder, ".vacation")).isFile());
  rmSync(folder, { recursive: true });
});
