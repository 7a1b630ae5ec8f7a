/** SMTP dialogues held with mailkit and with a real Exim 4.96 (`-bh`, so nothing is delivered): the replies are the same. */
import test from "ava";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mailkit } from "../support/mailkit.ts";
import { program } from "../support/program.ts";
import { findProgram, needsThat, run } from "../support/programs.ts";
import { isRoot, temporaryFolder, writeFiles } from "../support/temporary.ts";

const exim = findProgram("exim4") ?? findProgram("exim") ?? "";
const SOURCE = readFileSync(join(import.meta.dirname, "../fixtures/differential/session.conf"), "latin1");

const RECIPIENTS = `cond fal1 ff1 ff2 ff3 ff4 req1 req2 last ok1 ep1 ep2 neg1 CaSe lower vs vr multi inv1 inv2 defok ok alias1 alias2 nobody
  "b\\_c" a..b .a b. drop`.split(/\s+/);
const ALL = RECIPIENTS.map((name) => `RCPT TO:<${name.replace("\\_", " ")}@x.test>`);
const BODY = ["DATA", "Subject: x", "", "text", "."];

/** Stands for a configuration without ACLs. */
const UNSET = "# none";

/** What is tried, further lines of the main part, the client's lines. */
const DIALOGUES: readonly (readonly [why: string, main: string, lines: readonly string[]])[] = [
  ["every ACL statement, from a good sender", "", ["EHLO x", "MAIL FROM:<ok@x.test>", ...ALL, "QUIT"]],
  ["every ACL statement, from a sender that fails: its reasons are told once", "", ["EHLO x", "MAIL FROM:<a@bad.test>", ...ALL, "QUIT"]],
  ["every ACL statement, from a sender that is put off", "", ["EHLO x", "MAIL FROM:<a@def.test>", ...ALL, "QUIT"]],
  ["every ACL statement, for a bounce", "", ["EHLO x", "MAIL FROM:<>", ...ALL, "QUIT"]],
  [
    "codes in messages: the first digit must be that of the verb, and QUIT's 221 stays",
    "",
    ["later", "wrong", "long", "logonly"].flatMap((name) => ["HELO x", `MAIL FROM:<${name}@x.test>`]).concat("QUIT"),
  ],
  ["the message of the HELO ACL, with a code and with a wrong one", "", ["EHLO plain.test", "EHLO code.test", "HELO wrong.test", "HELO x", "QUIT"]],
  [
    "variables of the connection last, those of the message end with MAIL, RSET, EHLO and the greeting",
    "",
    ["EHLO x", "EHLO y", "MAIL FROM:<set@x.test>", "RSET", "MAIL FROM:<ok@x.test>", "RCPT TO:<ok@x.test>", ...BODY, "MAIL FROM:<set@x.test>", "HELO z", "QUIT"],
  ],
  ["all recipients are discarded by the MAIL ACL: no RCPT ACL, no DATA ACL", "", ["EHLO x", "MAIL FROM:<gone@x.test>", "RCPT TO:<nobody@x.test>", ...BODY, "QUIT"]],
  ["a refused MAIL, pipelined: what follows is no fault of the client", "", ["EHLO x", "MAIL FROM:<later@x.test>", "RCPT TO:<ok@x.test>", "RCPT TO:<ok@x.test>", ...BODY, "QUIT"]],
  ["a refused MAIL without PIPELINING: what follows counts", "", ["HELO x", "MAIL FROM:<later@x.test>", "RCPT TO:<ok@x.test>", ...BODY, "QUIT"]],
  ["DATA behind a refused RCPT, at once and later", "", ["EHLO x", "MAIL FROM:<a@bad.test>", "RCPT TO:<vr@x.test>", "NOOP", "DATA", "RCPT TO:<vr@x.test>", "DATA", "QUIT"]],
  ["commands that no ACL lets through, and the fourth unknown one", "", ["EHLO x", "VRFY a", "EXPN a", "ETRN #x", "NOOP x", "RSET", "FOO", "BAR", "", "QUX", "QUIT"]],
  ["the fourth fault of syntax", "", ["EHLO x", "MAIL FROM:<a@b", "RCPT TO:<x>", "DATA", "MAIL FROM:a b", "QUIT"]],
  ["names in HELO", "", ["HELO a_b", "EHLO [1.2.3", "EHLO [192.0.2.1]", "HELO x y", "HELO", "HELO 192.0.2.1", "QUIT"]],
  ["names in HELO that options let through", "helo_allow_chars = _\nhelo_accept_junk_hosts = 192.0.2.1", ["HELO a_b", "HELO x y", "QUIT"]],
  ["addresses without a domain", "recipient_unqualified_hosts = *", ["HELO x", "MAIL FROM:<postmaster>", "MAIL FROM:<>", "RCPT TO:<ok>", "RCPT TO:<Postmaster>", "QUIT"]],
  ["senders without a domain, where they are welcome", "sender_unqualified_hosts = *\nqualify_domain = x.test", ["HELO x", "MAIL FROM:<ok>", "RCPT TO:<ok>", "QUIT"]],
  ["SIZE against the limit, and parameters that are none", "message_size_limit = 1000", ["EHLO x", "MAIL FROM:<ok@x.test> SIZE=2000", "MAIL FROM:<ok@x.test> FOO=1", "MAIL FROM:<ok@x.test> SIZE=10", "RCPT TO:<ok@x.test> NOTIFY=x", "QUIT"]],
  ["details of failed verifications", "smtp_return_error_details", ["EHLO x", "MAIL FROM:<a@bad.test>", "RCPT TO:<vr@x.test>", "RCPT TO:<vr@x.test>", "RCPT TO:<nobody@bad.test>", "QUIT"]],
  ["commands that are no mail", "smtp_accept_max_nonmail = 3", ["NOOP", "NOOP", "RSET", "HELO x", "NOOP", "NOOP", "NOOP", "QUIT"]],
  ["no ACL at all: no recipient is taken", UNSET, ["EHLO x", "MAIL FROM:<ok@x.test>", "RCPT TO:<ok@x.test>", "VRFY ok", "EXPN ok", "ETRN #x", "DATA", "QUIT"]],
  ["the sender is rewritten before the ACL sees it, and verified so", "", ["EHLO x", "MAIL FROM:<q@rw.test>", "RCPT TO:<vr@x.test>", "RCPT TO:<ok@to.test>", "MAIL FROM:<>", "QUIT"]],
  ["one recipient too many", "recipients_max = 2", ["HELO x", "MAIL FROM:<>", "RCPT TO:<ok@x.test>", "RCPT TO:<ok@x.test>", "RCPT TO:<ok@x.test>", "QUIT"]],
]; // prettier-ignore

const register = needsThat(test, exim !== "" && isRoot, exim === "" ? "exim4 is not installed" : "Exim takes configurations of root only");

for (const [why, main, lines] of DIALOGUES) {
  register(`dialogue: ${why}`, async (t) => {
    const folder = temporaryFolder(t, "session");
    // A message is taken in, by Exim under a user of its own, and thrown away.
    for (const open of [folder, join(folder, "spool")]) {
      mkdirSync(open, { recursive: true });
      chmodSync(open, 0o777);
    }
    const file = join(folder, "exim.conf");
    // Exim wants it to be root's.
    const source = main === UNSET ? SOURCE.replaceAll(/^acl_.*\n/gm, "") : SOURCE;
    writeFileSync(file, source.replaceAll("FOLDER", folder).replace(/^MORE$/m, main), "latin1");
    const { node, script } = program();
    const input = lines.map((line) => `${line}\n`).join("");
    const theirs = replies((await run(exim, ["-C", file, "-bh", "192.0.2.1"], { input })).stdout);
    const ours = replies((await run(node, [script, "exim", "-C", file, "-bh", "192.0.2.1"], { input })).stdout);
    t.true(theirs.length > lines.length / 2, "Exim answers");
    t.deepEqual(ours, theirs);
  });
}

test("a list file that is not there: Exim ends without a word, mailkit answers with a temporary error and tells the paniclog", async (t) => {
  const folder = temporaryFolder(t, "session");
  const text = SOURCE.replaceAll("FOLDER", folder)
    .replace(/^MORE$/m, "")
    .replace("senders = logonly@x.test", `senders = ${folder}/none`);
  writeFiles(folder, { "exim.conf": text });
  const input = "EHLO x\nMAIL FROM:<fred@x.test>\nNOOP\nQUIT\n";
  const { stdout } = await mailkit(["exim", "-C", join(folder, "exim.conf"), "-bs", "-oMa", "192.0.2.1"], { input });
  t.deepEqual(replies(stdout).slice(-3), ["451 Temporary local problem - please try later", "250 OK", "221 299 see you"]);
  t.regex(readFileSync(join(folder, "paniclog"), "latin1"), /failed to open .*\/none .*No such file or directory/);
});

/** Lines of replies, without the greeting (its time and program differ) and with ids masked. */
function replies(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).filter((line) => /^\d\d\d[- ]/.test(line));
  return lines.slice(1).map((line) => line.replace(/id=\S+/, "id=ID"));
}
