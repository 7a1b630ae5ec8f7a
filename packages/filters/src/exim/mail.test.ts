/** mail, vacation, seen, noerror: what Exim 4.96 prints for these with -bf (a final "+": a significant delivery was set up). */
import test from "ava";
import { testOutput } from "../test-support.ts";

const CASES: readonly (readonly [string, string])[] = [
  ["finish", "Finish"],
  ["finish now", 'Filter error: unknown filtering command "now" near line 2 of filter file'],
  ["seen finish", "Seen finish\n+"],
  ["unseen finish", "Finish"],
  ["seen deliver a@b", "Deliver message to: a@b\n+"],
  ["unseen deliver a@b", "Unseen deliver message to: a@b"],
  ["unseen save /x", "Unseen save message to: /x"],
  ["unseen pipe x", "Unseen pipe message to: x"],
  ["noerror deliver a@b", "Deliver message to: a@b (noerror)\n+"],
  ["noerror unseen deliver a@b", "Unseen deliver message to: a@b (noerror)"],
  ["unseen noerror deliver a@b", "Unseen deliver message to: a@b (noerror)"],
  ["seen noerror unseen deliver a@b", 'Filter error: "seen" or "unseen" repeated near line 2'],
  ["noerror pipe x noerror save /y", "Pipe message to: x (noerror)\nSave message to: /y (noerror)\n+"],
  ["noerror mail text x", "Mail to: <default> (noerror)\n   text: x"],
  ["seen mail text x", "Seen mail to: <default>\n   text: x\n+"],
  ["seen unseen deliver a@b", 'Filter error: "seen" or "unseen" repeated near line 2'],
  ["seen add 1 to n1", 'Filter error: "seen", "unseen", or "noerror" found before an "add" command near line 2'],
  ["seen testprint x", "Testprint: x\n+"],
  ["seen if a is a then endif", 'Filter error: "seen", "unseen", or "noerror" found before an "if" command near line 2'],
  ["noerror finish", "Finish"],
  ["seen", 'Filter error: "seen" or "unseen" near line 2 is not followed by a command'],
  ["unseen\nnoerror\n", 'Filter error: "noerror" near line 4 is not followed by a command'],
  ["noerror", 'Filter error: "noerror" near line 2 is not followed by a command'],
  ["seen logwrite x", 'Seen logwrite "x\\n"\n+'],
  ["seen\nfinish", "Seen finish\n+"],
  ["seen # c\nfinish", "Seen finish\n+"],
  ["fail", 'Filter error: filtering command "fail" is disabled: near line 2 of filter file'],
  ["fail x", 'Filter error: filtering command "fail" is disabled: near line 2 of filter file'],
  ["fail text x", 'Filter error: filtering command "fail" is disabled: near line 2 of filter file'],
  ['freeze "x"', 'Filter error: filtering command "freeze" is disabled: near line 2 of filter file'],
  ["defer", 'Filter error: filtering command "defer" is disabled: near line 2 of filter file'],
  ["headers", 'Filter error: "headers" requires an argument near line 2 of filter file'],
  ["headers add x", "Filter error: header addition and removal is available only in system filters: near line 2 of filter file"],
  ["headers remove x", "Filter error: header addition and removal is available only in system filters: near line 2 of filter file"],
  ["headers charset", 'Filter error: value missing after "add", "remove", or "charset" near line 2 of filter file'],
  ["headers charset utf-8", 'Headers charset "utf-8"'],
  ['headers charset ""', 'Filter error: value missing after "add", "remove", or "charset" near line 2 of filter file'],
  ["headers foo", "Filter error: header addition and removal is available only in system filters: near line 2 of filter file"],
  ["headers charset $h_subject: testprint x", 'Headers charset "Hello World"\nTestprint: x'],
  ["logfile", 'Filter error: "logfile" requires an argument near line 2 of filter file'],
  ["logfile rel", "Logfile rel"],
  ["logfile /x", "Logfile /x"],
  ["logfile /x 999", "Logfile /x"],
  ["logfile /x 644 logwrite a", 'Logfile /x\nLogwrite "a\\n"'],
  ["logwrite a", 'Logwrite "a\\n"'],
  ['logfile /x logwrite "a\\nb"', 'Logfile /x\nLogwrite "a\\nb\\n"'],
  ['logfile /x logwrite "a\\n"', 'Logfile /x\nLogwrite "a\\n"'],
  ['logfile /x logwrite ""', 'Filter error: "logwrite" requires an argument near line 2 of filter file'],
  ['logfile /x 0600 logfile /y logwrite "a" finish', 'Logfile /x\nLogfile /y\nLogwrite "a\\n"\nFinish'],
  ["logfile $h_subject: logwrite x", 'Logfile Hello World\nLogwrite "x\\n"'],
  ["logwrite", 'Filter error: "logwrite" requires an argument near line 2 of filter file'],
  ["mail", "Mail to: <default>"],
  ["mail to", "Mail to: "],
  ["mail foo x", 'Filter error: unknown filtering command "foo" near line 2 of filter file'],
  ["mail text", "Mail to: <default>\n   text: "],
  ["mail text x", "Mail to: <default>\n   text: x"],
  ["mail to a@b", "Mail to: a@b"],
  [
    'mail to a@b cc c@d bcc e@f from g@h reply_to i@j subject s extra_headers "X: y" text t expand file /f return message log /l once /o once_repeat 1d2h',
    "Mail to: a@b\n     cc: c@d\n    bcc: e@f\n   from: g@h\nreply_to: i@j\nsubject: s\nextra_headers: X: y\n   text: t\n   file: /f (expanded)\n    log: /l\n   once: /o\nonce_repeat: 1d2h\nReturn original message",
  ],
  ["mail text a text b", "Mail to: <default>\n   text: b"],
  ['mail text "a\\nb\\tc"', "Mail to: <default>\n   text: a\\nb\tc"],
  ["mail file /x", "Mail to: <default>\n   file: /x"],
  ["mail file rel", "Mail to: <default>\n   file: rel"],
  ["mail file $home/x", "Mail to: <default>\n   file: /root/x"],
  ["mail expand text x", 'Filter error: "expand" not followed by "file"  near line 2 of filter file'],
  ["mail expand", 'Filter error: "expand" not followed by "file"  near line 2 of filter file'],
  ["mail expand file", "Mail to: <default>\n   file:  (expanded)"],
  ["mail return x", 'Filter error: "return" not followed by "message"  near line 2 of filter file'],
  ["mail return", 'Filter error: "return" not followed by "message"  near line 2 of filter file'],
  ["mail return message text a", "Mail to: <default>\n   text: a\nReturn original message"],
  ["mail once_repeat 5x text a", "Mail to: <default>\n   text: a\nonce_repeat: 5x"],
  ["mail once_repeat 5 text a", "Mail to: <default>\n   text: a\nonce_repeat: 5"],
  ['mail once_repeat "" text a', "Mail to: <default>\n   text: a\nonce_repeat: "],
  ["mail once_repeat 1w1d1h1m1s text a", "Mail to: <default>\n   text: a\nonce_repeat: 1w1d1h1m1s"],
  ["mail once_repeat $n1 text a", "Mail to: <default>\n   text: a\nonce_repeat: 0"],
  ['mail subject "a\\nb" text t', 'Filter error: \\n not followed by space in "a\\nb" in mail command'],
  ['mail to "a\\nb" text t', 'Filter error: \\n not followed by space in "a\\nb" in mail command'],
  ['mail to "a,\\n b" text t', "Mail to: a,\n b\n   text: t"],
  ["mail to $h_from: text t", "Mail to: Fred <fred@test.ex>\n   text: t"],
  ['mail to "x" text "$h_nope:"', "Mail to: x\n   text: "],
  ['mail extra_headers "abc" text t', "Mail to: <default>\nextra_headers: abc\n   text: t"],
  [
    'mail extra_headers "A: b\\nfoo bar" text t',
    'Filter error: \\n not followed by space or valid header name in "A: b\\nfoo bar" in mail command',
  ],
  ['mail extra_headers "A: b\\n" text t', 'Filter error: \\n not followed by space or valid header name in "A: b\\n" in mail command'],
  ['mail extra_headers "A: b\\n\\nB: c" text t', "Mail to: <default>\nextra_headers: A: b\\n\\nB: c\n   text: t"],
  ['mail extra_headers " A: b" text t', "Mail to: <default>\nextra_headers:  A: b\n   text: t"],
  ['mail from "a b" text t', "Mail to: <default>\n   from: a b\n   text: t"],
  [
    "vacation",
    "Mail to: <default> (vacation)\nsubject: On vacation\n   file: .vacation.msg (expanded)\n    log: .vacation.log\n   once: .vacation\nonce_repeat: 7d",
  ],
  [
    "vacation text x",
    "Mail to: <default> (vacation)\nsubject: On vacation\n   text: x\n   file: .vacation.msg (expanded)\n    log: .vacation.log\n   once: .vacation\nonce_repeat: 7d",
  ],
  [
    "vacation file /x",
    "Mail to: <default> (vacation)\nsubject: On vacation\n   file: /x\n    log: .vacation.log\n   once: .vacation\nonce_repeat: 7d",
  ],
  [
    "vacation expand file /x",
    "Mail to: <default> (vacation)\nsubject: On vacation\n   file: /x (expanded)\n    log: .vacation.log\n   once: .vacation\nonce_repeat: 7d",
  ],
  [
    "vacation subject s log /l once /o once_repeat 2d",
    "Mail to: <default> (vacation)\nsubject: s\n   file: .vacation.msg (expanded)\n    log: /l\n   once: /o\nonce_repeat: 2d",
  ],
  ["unseen mail text x", "Mail to: <default>\n   text: x"],
  ["mail to ${if eq{a}{b}{c}fail} text x", 'Filter error: unknown filtering command "eq{a}{b}{c}fail}" near line 2 of filter file'],
  ["mail text ${if eq{a}{b}{c}fail}", 'Filter error: unknown filtering command "eq{a}{b}{c}fail}" near line 2 of filter file'],
  ["mail once ${if eq{a}{b}{c}fail} text x", 'Filter error: unknown filtering command "eq{a}{b}{c}fail}" near line 2 of filter file'],
  ['mail log "" once "" text x', "Mail to: <default>\n   text: x\n    log: \n   once: "],
  ["Mail Text x", 'Filter error: unknown filtering command "Mail" near line 2 of filter file'],
  ["mail text x finish", "Mail to: <default>\n   text: x\nFinish"],
  ["mail text x if a is a then testprint y endif", "Mail to: <default>\n   text: x\nTestprint: y"],
];

const SIGNIFICANT = "Filtering set up at least one significant delivery or other action.\nNo other deliveries will occur.\n";
const NORMAL = "Filtering did not set up a significant delivery.\nNormal delivery will occur.\n";

function expected(output: string): string {
  const last = output.split("\n").at(-1) ?? "";
  if (/^Filter(?:ing ended by|( error):)/.test(last) || output.startsWith("Filter error: ")) return `${output}\n`;
  if (last === "+") return output.slice(0, -1) + SIGNIFICANT;
  return output === "" ? NORMAL : `${output}\n${NORMAL}`;
}

for (const [text, output] of CASES) {
  test(text, (t) => t.is(testOutput(text), expected(output)));
}
