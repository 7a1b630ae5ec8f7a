import test from "ava";
import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { bench } from "../testing/run-command.ts";

const me = `${userInfo().username}@truc.fr`;
const NORMAL = "Filtering did not set up a significant delivery.\nNormal delivery will occur.\n";
const MESSAGE = "From: x@y\nTest: 1\n\nbody\n.\nmore\n";

function opening(lines: readonly string[], file: string, kind = "Exim filter"): string {
  return `${lines.join("\n")}\nTesting ${kind} file "${file}"\n\n`;
}

test("-bf: the message as it would be taken in, the caller as sender and recipient", async (t) => {
  const b = bench();
  const file = join(b.folder, "f");
  writeFileSync(
    file,
    '# Exim filter\ntestprint "$h_test $message_size $message_body_size $local_part@$domain $recipients."\ntestprint "${if def:h_message-id:{yes}}"',
  );
  const ran = await b.exim(["-bf", file], MESSAGE);
  t.is(
    ran.out,
    `${opening(["Return-path copied from sender", `Sender      = ${me}`, `Recipient   = ${me}`], file)}Testprint: 1 24 5 ${me} .\nTestprint: yes\n${NORMAL}`,
  );
  t.is(ran.code, 0);
  b.close();
});

test("-bf with -bfd, -bfl, -bfp, -bfs, -f and a Return-path line", async (t) => {
  const b = bench();
  const file = join(b.folder, "f");
  writeFileSync(file, '# Exim filter\ntestprint "$return_path $local_part_prefix $local_part_suffix"\n');
  const ran = await b.exim(
    ["-bf", file, "-bfd", "dd.ex", "-bfl", "loc", "-bfp", "pp-", "-bfs", "-ss", "-f", "anon@x.y"],
    `Return-path: <foo@bar>\n${MESSAGE}`,
  );
  const lines = [
    'Return-path taken from "Return-path:" header line',
    "Return-path = foo@bar",
    "Sender      = anon@x.y",
    "Recipient   = pp-loc-ss@dd.ex",
    "Prefix    = pp-",
    "Suffix    = -ss",
  ];
  t.is(ran.out, `${opening(lines, file)}Testprint: foo@bar pp- -ss\n${NORMAL}`);
  b.close();
});

test("-bF goes before -bf: its numbers and its header lines are seen there", async (t) => {
  const b = bench();
  const [system, user] = [join(b.folder, "s"), join(b.folder, "u")];
  writeFileSync(system, "add 7 to n3\nheaders add X-New:there\n");
  writeFileSync(user, '# Exim filter\ntestprint "$sn3 $h_x-new:"\n');
  const ran = await b.exim(["-bF", system, "-bf", user, "-f", "<>"], "");
  const lines = ["Warning: no message headers read", "Return-path copied from sender", "Sender      = <>", `Recipient   = ${me}`];
  t.is(
    ran.out,
    `${opening(lines, system)}Add 7 to n3\nHeaders add "X-New:there"\n${NORMAL}Testing Exim filter file "${user}"\n\nTestprint: 7 there\n${NORMAL}`,
  );
  b.close();
});

test("-bf: faults, Sieve, a forward file, a file that is not there", async (t) => {
  const b = bench();
  const file = join(b.folder, "f");
  const cases: readonly (readonly [string, string, number])[] = [
    ['# Exim filter\nfail "x"\n', 'Filter error: filtering command "fail" is disabled: near line 2 of filter file\n', 1],
    ['# Sieve filter\nrequire "fileinto";\nfileinto "x";', "No implicit keep\n", 0],
    ["a@b, c@d\n", "exim: forward file generated:\n  c@d\n  a@b\n", 0],
    [":fail: no\n", 'exim: error in forward file: ":fail: no" is not permitted\n', 1],
  ];
  for (const [text, printed, code] of cases) {
    writeFileSync(file, text);
    const ran = await b.exim(["-bf", file], MESSAGE);
    t.is(ran.out.slice(ran.out.indexOf('"\n\n') + 3), printed);
    t.is(ran.code, code);
  }
  const none = await b.exim(["-bf", join(b.folder, "none")], MESSAGE);
  t.is(none.err, `exim: failed to open ${join(b.folder, "none")}: No such file or directory\n`);
  t.is(none.code, 1);
  b.close();
});

test("-bi runs bi_command with the argument of -oA, or nothing", async (t) => {
  const b = bench();
  t.is((await b.exim(["-bi"])).code, 0);
  writeFileSync(
    join(b.folder, "test.conf"),
    "primary_hostname = a.b\nbi_command = /bin/echo\nspool_directory = /tmp\nlog_file_path = syslog\n",
  );
  const ran = await b.exim(["-bi", "-oA", "file"]);
  t.is(ran.out, "file\n");
  b.close();
});
