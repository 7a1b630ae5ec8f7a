/** Filters of Exim's own test suite that need no other package: 0037, 0316, 0406, 0452, 0510. */
import test from "ava";
import { messageScope, runNow } from "../test-support.ts";
import { printRun, testHeading } from "../test-output.ts";

const show = (form: string): string => `testprint ">${form}<"\n`;
const NORMAL = "Filtering did not set up a significant delivery.\nNormal delivery will occur.\n";

test("heading", (t) => t.is(testHeading("sieve", "x"), 'Testing Sieve filter file "x"\n\n'));

test("0037: errors without a command after seen", (t) => {
  const first = "\nif one is one then seen endif\n\nif two is two then save /dev/null endif\n";
  const error = 'Filter error: "seen", "unseen", or "noerror" near line 3 is not followed by a command\n';
  t.is(printRun(runNow(first)), error);
  t.is(printRun(runNow("\nunseen\n")), 'Filter error: "seen" or "unseen" near line 4 is not followed by a command\n');
});

test("0037: pipe shows its command unexpanded, save has a mode", (t) => {
  const run = runNow(
    'add 1 to n3\nadd 6 to n$n3\nsave /tmp/$primary_hostname 444\npipe "/tmp/$primary_hostname"\nlogfile /tmp/l logwrite "text: $qualify_domain"',
  );
  t.is(
    printRun(run),
    "Add 1 to n3\nAdd 6 to n1\nSave message to: /tmp/the.local.host.name 0444\nPipe message to: /tmp/$primary_hostname\n" +
      'Logfile /tmp/l\nLogwrite "text: test.ex\\n"\n' +
      "Filtering set up at least one significant delivery or other action.\nNo other deliveries will occur.\n",
  );
});

test("0037: a long string with continuation lines", (t) => {
  const text = `if $h_subject: is "This is a very long string which isn't likely to occur when\\\n  testing for a fixed string${", and so on\\\n  ".repeat(12)}"\nthen testprint "no" endif`;
  t.is(printRun(runNow(text)), NORMAL);
});

test("0037: headers of a system filter count at once", (t) => {
  const scope = messageScope({ headers: "Test-headers: first one\nFrom: x@y\nTest-headers: another\nMore-test-headers : yet another\n" });
  const run = runNow(
    'headers remove test-headers:more-test-headers\nheaders add "added-header: this is added\\nadded-header2: a second line"\ntestprint $message_headers',
    {
      system: true,
      scope,
      changeHeaders: (change, text) => {
        const names = text.split(":");
        const lines = scope.headers
          .split("\n")
          .filter((line) => change === "add" || !names.includes(line.slice(0, line.indexOf(":")).trim().toLowerCase()));
        scope.headers = lines.join("\n") + (change === "add" ? `${text}\n` : "");
      },
    },
  );
  t.is(
    printRun(run),
    'Headers remove "test-headers:more-test-headers"\nHeaders add "added-header: this is added\\nadded-header2: a second line"\n' +
      `Testprint: From: x@y\\nadded-header: this is added\\nadded-header2: a second line\n${NORMAL}`,
  );
});

test("0316: foranyaddress", (t) => {
  const list = '"Group name: a@b, c@d;, cc@dd, N2: e@f;, ee@ff"';
  const once = (pattern: string): string =>
    `if foranyaddress ${list} ( $thisaddress matches ${pattern} ) \nthen testprint "Matched $thisaddress" endif\n`;
  t.is(
    printRun(runNow(once("^c") + once("^cc") + once("^e"))),
    `Testprint: Matched c@d\nTestprint: Matched cc@dd\nTestprint: Matched e@f\n${NORMAL}`,
  );
});

test("0406: the forms of header lines", (t) => {
  const headers =
    "subject:       lots of space         \nTo:    a@b    \nTo:    c@d    \nX-5: (=?ISO-8859-1?Q?a?=  \n     =?ISO-8859-1?Q?b?=)\nX-14: =?ISO-8859-1?Q?X=00Y?=      \n";
  const text = ["$h_subject:", "$rh_subject:", "$h_to:", "$rheader_to:", "$bh_X-5:", "$h_X-5:", "$h_X-14:"].map(show).join("");
  t.is(
    printRun(runNow(text, { scope: messageScope({ headers }) })),
    "Testprint: >lots of space<\nTestprint: >       lots of space         \\n<\nTestprint: >a@b,\\nc@d<\n" +
      `Testprint: >    a@b    \\n    c@d    \\n<\nTestprint: >(ab)<\nTestprint: >(ab)<\nTestprint: >X?Y<\n${NORMAL}`,
  );
});

test("0510: what the system filter counted is there for users", (t) => {
  const run = runNow('add 3 to n1\ntestprint "n1:      $n1"', { system: true });
  t.is(printRun(run), `Add 3 to n1\nTestprint: n1:      3\n${NORMAL}`);
  const scope = messageScope({ variables: { sn1: String(run.numbers[1]) } });
  t.is(printRun(runNow('testprint "sn1:      $sn1"', { scope })), `Testprint: sn1:      3\n${NORMAL}`);
});
