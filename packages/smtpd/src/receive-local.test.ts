import test from "ava";
import { fakeWorld, type FakeOptions } from "./fakes.ts";
import { runBatch } from "./batch.ts";
import { receiveLocal, type LocalRequest } from "./receive-local.ts";
import { checkHost, serveStdio } from "./stdio.ts";

const caller = { login: "joe", uid: 1000, gid: 1000 };

async function* stream(text: string, size = 7): AsyncGenerator<Buffer> {
  for (let i = 0; i < text.length; i += size) yield Buffer.from(text.slice(i, i + size), "latin1");
}

async function submit(text: string, request: Partial<LocalRequest> = {}, options: FakeOptions = {}) {
  const world = fakeWorld({
    ...options,
    settings: { qualify_domain: "q.test", extract_addresses_remove_arguments: true, bounce_return_size_limit: 1000, ...options.settings },
  });
  const result = await receiveLocal(world.deps, {
    input: stream(text),
    caller,
    fullName: "Joe D.",
    trusted: false,
    recipients: [],
    extract: false,
    dotEnds: true,
    errors: "stderr",
    ...request,
  });
  return { ...world, result };
}

test("-t: recipients of the header, Bcc gone, arguments left out, Resent- takes over", async (t) => {
  const plain = await submit("To: a@b, c@d\nBcc: e@f\n\nbody\n.\nrest\n", { extract: true, recipients: ["c@d"] });
  t.deepEqual(
    plain.accepted[0]?.envelope.recipients.map((r) => r.address),
    ["a@b", "e@f"],
  );
  t.deepEqual(plain.accepted[0]?.nonRecipients, ["c@d"]);
  t.is(plain.accepted[0]?.body.bytes?.toString(), "body\n");
  t.deepEqual(plain.accepted[0]?.headers.map((h) => [h.type, h.text]).slice(1), [
    ["T", "To: a@b, c@d\n"],
    ["*", "Bcc: e@f\n"],
    ["I", "Message-Id: <Eid-1@mx.test>\n"],
    ["F", 'From: "Joe D." <joe@q.test>\n'],
    [" ", plain.accepted[0]?.headers.at(-1)?.text ?? ""],
  ]);
  t.regex(plain.main[0] ?? "", /^id-1 <= joe@q\.test U=joe P=local S=\d+$/);
  const resent = await submit("To: a@b\nResent-To: x@y\nResent-Bcc: z@y\n\n\n", { extract: true });
  t.deepEqual(
    resent.accepted[0]?.envelope.recipients.map((r) => r.address),
    ["x@y", "z@y"],
  );
});

test("arguments: lists, qualification, -i", async (t) => {
  const { accepted } = await submit("Subject: x\n\na\n.\nb\n", { recipients: ["a@b, c", "a@b"], dotEnds: false });
  t.deepEqual(
    accepted[0]?.envelope.recipients.map((r) => r.address),
    ["a@b", "c@q.test", "a@b"],
  );
  t.is(accepted[0]?.body.bytes?.toString(), "a\n.\nb\n");
});

test("-f and From_ lines: believed when trusted, or null", async (t) => {
  const sender = async (request: Partial<LocalRequest>, text = "To: a@b\n\n") =>
    (await submit(text, { extract: true, ...request })).accepted[0]?.envelope.sender;
  t.is(await sender({ sender: "x@y" }), "joe@q.test");
  t.is(await sender({ sender: "" }), "");
  t.is(await sender({ sender: "x", trusted: true }), "x@q.test");
  const from = "From foo@bar Tue Mar  2 09:44:33 1999\nTo: a@b\n\n";
  t.is(await sender({ trusted: true }, from), "foo@bar");
  t.is(await sender({}, from), "joe@q.test");
});

test("faults: told by text or by mail with a copy", async (t) => {
  const quiet = await submit("Subject: x\n\nbody\n", { extract: true });
  t.like(quiet.result, { kind: "failed", problem: { kind: "noRecipients" }, text: "no recipients found in headers", mailed: false });
  const mailed = await submit(
    "Subject: x\n\nbody\n",
    { recipients: ["a@@b"], errors: "mail" },
    { settings: { dsn_from: "Mail Delivery System <Mailer-Daemon@q.test>" } },
  );
  t.like(mailed.result, { kind: "failed", mailed: true });
  t.like(mailed.accepted[0]?.envelope, { sender: "", recipients: [{ address: "joe@q.test" }] });
  t.is(
    mailed.accepted[0]?.body.bytes?.toString(),
    "A message that you sent contained a recipient address that was incorrectly\nconstructed:\n\n  a@@b  domain missing or malformed\n\nThe message has not been delivered to any recipients.\n\n------ This is a copy of your message, including all the headers. ------\n\nSubject: x\n\nbody\n",
  );
  t.regex(mailed.main.at(-1) ?? "", /^id-2 <= <> R=id-1 U=joe P=local S=\d+$/);
  const refused = await submit(
    "To: a@b\n\n",
    { extract: true },
    { aclSet: ["not_smtp"], acl: ({ where }) => (where === "not_smtp" ? { kind: "deny", message: "no" } : undefined) },
  );
  t.is(refused.main[0], "id-1 F=<joe@q.test> rejected by non-SMTP ACL: no");
  t.is(refused.accepted.length, 0);
});

test("-bs: local protocol, the caller's name, LF lines", async (t) => {
  const world = fakeWorld({ settings: { qualify_domain: "q.test" } });
  let out = "";
  const result = await serveStdio(world.deps, {
    input: stream("EHLO me\nMAIL FROM:<joe@q.test>\nRCPT TO:<a@b>\nDATA\nSubject: x\n\n..\n.\nQUIT\n", 1000),
    write: (text) => void (out += text),
    facts: { caller },
    fullName: "Joe",
    trusted: false,
  });
  t.deepEqual(result, { accepted: 1, how: "quit" });
  t.regex(out, /^220 mx\.test ESMTP\r\n250-mx\.test Hello joe at me\r\n/);
  t.like(world.accepted[0]?.envelope, { protocol: "local-esmtp", sender: "joe@q.test" });
  t.is(world.accepted[0]?.body.bytes?.toString(), ".\n");
  t.true(world.accepted[0]?.headers.some((h) => h.text === "Message-Id: <Eid-1@mx.test>\n"));
});

test("-bh: nothing is stored; the end of input is answered", async (t) => {
  const world = fakeWorld();
  let out = "";
  await checkHost(world.deps, {
    input: stream("HELO a\nMAIL FROM:<>\nRCPT TO:<a@b>\nDATA\nx: y\n\n.\n"),
    write: (text) => void (out += text),
    facts: { peer: { address: "1.2.3.4", port: 0 } },
    fullName: "",
    trusted: false,
  });
  t.is(world.accepted.length, 0);
  t.deepEqual(world.delivered, []);
  t.regex(out, /\*\*\*\* SMTP testing session as if from host 1\.2\.3\.4\n/);
  t.regex(out, /250 OK id=id-1\r\n\n\*\*\*\* SMTP testing: that is not a real message id!\n\n421 mx\.test lost input connection\r\n$/);
});

test("-bS: exit codes and the report with its lines", async (t) => {
  const good = "MAIL FROM:<x@y>\nRCPT TO:<a@b>\nDATA\nSubject: x\n\nbody\n.\n";
  const run = async (text: string) => {
    const world = fakeWorld({ settings: { qualify_domain: "q.test" } });
    let out = "";
    const code = await runBatch(world.deps, {
      input: stream(text),
      stdout: (s) => void (out += s),
      stderr: () => {},
      facts: { caller },
      fullName: "",
      trusted: true,
    });
    return { ...world, code, out };
  };
  const fine = await run(`HELO x\n${good}VRFY z\n${good}QUIT\nrubbish`);
  t.is(fine.code, 0);
  t.is(fine.accepted.length, 2);
  t.is(fine.accepted[0]?.envelope.protocol, "local-bsmtp");
  const bad = await run(`${good}MAIL FROM:<x@y>\nRCPT TO:<b\nDATA\n`);
  t.is(bad.code, 1);
  t.is(bad.out, "501 '>' missing at end of address\nTransaction started in line 7\nError detected in line 9\nRCPT TO:<b\n");
  const cut = await run("MAIL FROM:<x@y>\nRCPT TO:<a@b>\nDATA\nSubject: x\n\nbody\n");
  t.is(cut.code, 2);
  t.is(cut.out, "421 Lost incoming connection\nTransaction started in line 0\nError detected in line 6\n");
});

test("no room: nothing is read, the caller hears of it", async (t) => {
  const { deps, main, accepted } = fakeWorld();
  const full = { ...deps, spool: { ...deps.spool, shortage: () => ({ directory: "log", space: 7, inodes: 8 }) as const } };
  const input: AsyncIterable<Buffer> = { [Symbol.asyncIterator]: () => t.fail() as never };
  const request = {
    input,
    caller,
    fullName: "",
    trusted: true,
    recipients: ["a@b"],
    extract: false,
    dotEnds: true,
    errors: "mail",
  } as const;
  t.like(await receiveLocal(full, request), { kind: "failed", text: "insufficient disk space", mailed: false });
  let stderr = "";
  const batch = {
    input,
    facts: { caller },
    fullName: "",
    trusted: true,
    stdout: () => t.fail(),
    stderr: (s: string) => void (stderr += s),
  };
  t.is(await runBatch(full, batch), 1);
  t.is(stderr, "exim: insufficient disk space\n");
  t.deepEqual(
    main,
    Array.from({ length: 2 }, () => "log directory space check failed: space=7 inodes=8"),
  );
  t.is(accepted.length, 0);
});
