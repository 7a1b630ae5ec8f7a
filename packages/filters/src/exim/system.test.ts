/** System filters: what Exim 4.96 prints for these with -bF (a final "+": a significant delivery was set up). */
import test from "ava";
import { testOutput } from "../test-support.ts";

const CASES: readonly (readonly [string, string])[] = [
  ["fail", 'Fail text ""\nFiltering ended by "fail".'],
  ["fail x", 'Filter error: unknown filtering command "x" near line 2 of filter file'],
  ['fail "x"', 'Fail text "x"\nFiltering ended by "fail".'],
  ["fail text x", 'Fail text "x"\nFiltering ended by "fail".'],
  ['fail text ""', 'Fail text ""\nFiltering ended by "fail".'],
  ["fail text", 'Fail text ""\nFiltering ended by "fail".'],
  ['fail "<<log>>user"', 'Fail text "<<log>>user"\nFiltering ended by "fail".'],
  ["freeze", 'Freeze text ""\nFiltering ended by "freeze".'],
  ['freeze "x"', 'Freeze text "x"\nFiltering ended by "freeze".'],
  ['freeze text "a\\nb"', 'Freeze text "a\\nb"\nFiltering ended by "freeze".'],
  ["defer", 'Defer text ""\nFiltering ended by "defer".'],
  ['defer "x"', 'Defer text "x"\nFiltering ended by "defer".'],
  ['defer text "x\\ny"', 'Defer text "x\\ny"\nFiltering ended by "defer".'],
  ['deliver a@b fail "x"', 'Deliver message to: a@b\nFail text "x"\nFiltering ended by "fail".'],
  ["fail finish", 'Fail text ""\nFiltering ended by "fail".'],
  ["fail\ntestprint x", 'Fail text ""\nFiltering ended by "fail".'],
  ["seen fail", 'Fail text ""\nFiltering ended by "fail".'],
  ["seen freeze", 'Freeze text ""\nFiltering ended by "freeze".'],
  ["unseen fail", 'Fail text ""\nFiltering ended by "fail".'],
  ["noerror fail", 'Fail text ""\nFiltering ended by "fail".'],
  ["headers add x", 'Headers add "x"'],
  ['headers add "X: y\\nZ: w"', 'Headers add "X: y\\nZ: w"'],
  ['headers add "  X: y"', 'Headers add "  X: y"'],
  ['headers add ""', 'Filter error: value missing after "add", "remove", or "charset" near line 2 of filter file'],
  ['headers add "   "', 'Headers add "   "'],
  [
    "headers add ${if eq{a}{b}{c}fail} testprint x",
    'Filter error: unknown filtering command "eq{a}{b}{c}fail}" near line 2 of filter file',
  ],
  ['headers remove Subject testprint "$h_subject:"', 'Headers remove "Subject"\nTestprint: '],
  ['headers remove "a:b:c"', 'Headers remove "a:b:c"'],
  ['headers remove ""', 'Filter error: value missing after "add", "remove", or "charset" near line 2 of filter file'],
  [
    'headers add "X: y" testprint "$h_X:" headers remove X testprint "$h_x:"',
    'Headers add "X: y"\nTestprint: y\nHeaders remove "X"\nTestprint: ',
  ],
  ["headers charset utf-8", 'Headers charset "utf-8"'],
  ["headers foo", 'Filter error: "add", "remove", or "charset" expected after "headers" near line 2 of filter file'],
  ["headers", 'Filter error: "headers" requires an argument near line 2 of filter file'],
  ["headers add", 'Filter error: value missing after "add", "remove", or "charset" near line 2 of filter file'],
  ["deliver a@b errors_to x@y", "Deliver message to: a@b errors_to x@y\n+"],
  ['deliver a@b errors_to ""', 'Deliver message to: a@b errors_to ""@test.ex\n+'],
  ["deliver a@b errors_to x", "Deliver message to: a@b errors_to x@test.ex\n+"],
  ['deliver a@b errors_to "a b"', 'Filter error: unknown filtering command "b"" near line 2 of filter file'],
  ["save rel", "Save message to: rel\n+"],
  ["testprint $recipients", "Testprint: root@test.ex"],
  ["testprint $local_part", "Testprint: root"],
  ["testprint $home", "Testprint: /root"],
  ["if first_delivery then testprint y endif", "Testprint: y"],
  ['add 1 to n1 testprint "$n1 $sn1"', "Add 1 to n1\nTestprint: 1 0"],
  ['fail text "$h_nope"', 'Fail text ""\nFiltering ended by "fail".'],
  [
    'fail "${if eq{a}{b}{c}fail}"',
    'Filter error: failed to expand "${if eq{a}{b}{c}fail}" in fail command: "if" failed and "fail" requested',
  ],
  ["fail (x)", 'Filter error: unknown filtering command "(x)" near line 2 of filter file'],
  ["fail#x", 'Filter error: unknown filtering command "fail#x" near line 2 of filter file'],
  ['fail"x"', 'Filter error: unknown filtering command "fail"x"" near line 2 of filter file'],
  ['freeze text"x"', 'Filter error: unknown filtering command "text"x"" near line 2 of filter file'],
  ['finish"x"', 'Filter error: unknown filtering command "finish"x"" near line 2 of filter file'],
  ["logfile rel", "Logfile rel"],
  ["mail text x file rel", "Mail to: <default>\n   text: x\n   file: rel"],
  ["mail log rel text x", "Mail to: <default>\n   text: x\n    log: rel"],
  ["mail once rel text x", "Mail to: <default>\n   text: x\n   once: rel"],
  [
    "vacation",
    "Mail to: <default> (vacation)\nsubject: On vacation\n   file: .vacation.msg (expanded)\n    log: .vacation.log\n   once: .vacation\nonce_repeat: 7d",
  ],
  ["pipe x", "Pipe message to: x\n+"],
  ["save /x/ ", "Save message to: /x/\n+"],
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
  test(text, (t) => t.is(testOutput(text, { system: true }), expected(output)));
}
