/** What a run gives besides its printed form: replies, log lines, variables, headers, endings, waiting. */
import test from "ava";
import type { FilterForbidden } from "@mailkit/sdk";
import { makeChildren } from "../children.ts";
import { eximRequest, messageScope, runNow } from "../test-support.ts";
import { makeEximFilters, runEximFilter, splitFailText } from "./filter.ts";
import type { EximRequest, LogWrite } from "./run.ts";

const children = (text: string, given: Partial<EximRequest> = {}, home = "/home/fred") =>
  makeChildren(runNow(text, { purpose: "deliver", ...given }).actions, home);

const CHILDREN: readonly (readonly [string, readonly unknown[]])[] = [
  ["deliver joe", [{ kind: "address", address: "joe@test.ex" }]],
  [
    "noerror deliver a@b errors_to FRED@test.ex",
    [{ kind: "address", address: "a@b", extra: { errorsTo: "FRED@test.ex", noErrorMessage: true } }],
  ],
  ["save rel", [{ kind: "file", path: "/home/fred/rel" }]],
  ["save /x/", [{ kind: "directory", path: "/x/" }]],
  ["save /x 640", [{ kind: "file", path: "/x", extra: { mode: 0o640 } }]],
  ["save /x 999", [{ kind: "file", path: "/x", extra: { mode: 0 } }]],
  ['pipe "cat -n"', [{ kind: "pipe", command: "cat -n", extra: { expand: true } }]],
  [
    'if abc matches "(b)" and foranyaddress a@b (a is a) then pipe "x $1 $thisaddress" endif',
    [
      {
        kind: "pipe",
        command: "x $1 $thisaddress",
        extra: {
          expand: true,
          variables: {
            "0": { text: "b", tainted: false },
            "1": { text: "b", tainted: false },
            thisaddress: { text: "a@b", tainted: false },
          },
        },
      },
    ],
  ],
  ["mail text x", [{ kind: "reply", reply: { to: "Bob <bob@sender.ex>", text: "x" } }]],
  ['mail to "a@b,\\n c@d" text x', [{ kind: "reply", reply: { to: "a@b,  c@d", text: "x" } }]],
  [
    'mail to a@b cc c@d bcc e@f from g@h reply_to i@j subject s extra_headers "X: y" text t expand file /f return message log /l once /o once_repeat 1d2h',
    [
      {
        kind: "reply",
        reply: {
          to: "a@b",
          cc: "c@d",
          bcc: "e@f",
          from: "g@h",
          replyTo: "i@j",
          subject: "s",
          headers: "X: y",
          text: "t",
          file: "/f",
          expandFile: true,
          log: "/l",
          once: "/o",
          onceRepeat: 93_600_000,
          returnMessage: true,
        },
      },
    ],
  ],
  [
    "vacation file /f",
    [
      {
        kind: "reply",
        reply: {
          to: "Bob <bob@sender.ex>",
          subject: "On vacation",
          file: "/f",
          log: ".vacation.log",
          once: ".vacation",
          onceRepeat: 604_800_000,
        },
      },
    ],
  ],
];

for (const [text, expected] of CHILDREN) test(`children: ${text}`, (t) => t.deepEqual(children(text) as readonly unknown[], expected));

test("relative names stay when there is no home", (t) => {
  t.deepEqual(children("save rel", {}, ""), [{ kind: "file", path: "rel" }]);
});

test("a bounce is not answered; seen counts all the same", (t) => {
  const scope = messageScope({ variables: { sender_address: "" } });
  const run = runNow("seen mail to a@b text x", { scope, purpose: "deliver" });
  t.deepEqual(makeChildren(run.actions, ""), []);
  t.true(run.delivered);
});

const BAD_TIME = 'Bad time value for "once_repeat" in mail or vacation command: ';
const ERRORS: readonly (readonly [string, Partial<EximRequest>, string])[] = [
  ["mail once_repeat 5x text a", { purpose: "verify" }, `${BAD_TIME}5x`],
  ['mail once_repeat "" text a', { purpose: "deliver" }, BAD_TIME],
  ["logwrite a", { purpose: "deliver" }, 'attempt to obey "logwrite" command without a previous "logfile"'],
  ["logfile /x logwrite a", { purpose: "deliver", forbid: new Set(["logwrite"]) }, "logwrite command forbidden"],
  [
    "logfile /x logwrite a",
    { purpose: "deliver", writeLog: () => "No such file or directory" },
    'failed to open filter log file "/x": No such file or directory',
  ],
  [
    'deliver "${readfile{/x}}"',
    { forbid: new Set(["readfile"]) },
    'failed to expand "${readfile{/x}}" in deliver command: file insertions are not permitted',
  ],
  [
    'deliver "${if exists{/tmp/junk}{abc}{def}}"',
    { forbid: new Set(["existstest"]) },
    'failed to expand "${if exists{/tmp/junk}{abc}{def}}" in deliver command: File existence tests are not permitted',
  ],
  ["if a is a then fail endif", { forbid: new Set(["fail"]) }, 'filtering command "fail" is disabled: near line 2 of filter file'],
  [
    'mail extra_headers "h1: a\\nh2 misses a colon" text t',
    {},
    '\\n not followed by space or valid header name in "h1: a\\nh2 misses a colon" in mail command',
  ],
];

for (const [text, given, message] of ERRORS) {
  test(`error: ${text}: ${message}`, (t) => t.deepEqual(runNow(text, given).end, { kind: "error", message }));
}

test("log lines go to the latest file, with its mode", (t) => {
  const written: LogWrite[] = [];
  runNow('logfile /x 644 logwrite "a" logfile /y logwrite "b\\nc\\n"', {
    purpose: "deliver",
    writeLog: (entry) => void written.push(entry),
  });
  t.deepEqual(written, [
    { path: "/x", mode: 0o644, text: "a\n" },
    { path: "/y", mode: 0o600, text: "b\nc\n" },
  ]);
  runNow("logfile /x logwrite a", { purpose: "verify", writeLog: () => t.fail("nothing is written when an address is verified") });
});

test("allowed refusals end the run and keep what came before", (t) => {
  const forbid = new Set<FilterForbidden>(["fail"]);
  const run = runNow('deliver a@b freeze "cold" deliver c@d', { forbid });
  t.deepEqual(run.end, { kind: "freeze", text: "cold" });
  t.deepEqual(makeChildren(run.actions, ""), [{ kind: "address", address: "a@b" }]);
  t.deepEqual(runNow("defer", { forbid }).end, { kind: "defer", text: "" });
});

test("freeze leaves a thawed message alone", (t) => {
  const run = runNow("freeze deliver a@b", { system: true, manuallyThawed: true });
  t.deepEqual(run.end, { kind: "done" });
  t.true(run.delivered);
});

test("flags come from the scope when the request has none", (t) => {
  const {
    firstDelivery: _,
    manuallyThawed: __,
    ...rest
  } = eximRequest("if first_delivery then add 1 to n1 endif if manually_thawed then add 2 to n1 endif");
  const ask = (variables: Record<string, string>) => runEximFilter({ ...rest, scope: messageScope({ variables }) });
  t.like(ask({}), { numbers: { 1: 0 } });
  t.like(ask({ "condition first_delivery": "1" }), { numbers: { 1: 1 } });
  t.like(ask({ "condition manually_thawed": "1" }), { numbers: { 1: 2 } });
});

test("the charset is that of later strings", (t) => {
  const scope = messageScope({ headers: "Subject: =?ISO-8859-1?Q?=E9?=\n" });
  const shown = runNow('testprint "$h_subject:" headers charset "ISO-8859-1" testprint "$h_subject:"', { scope }).actions;
  t.deepEqual(
    shown.flatMap((action) => (action.kind === "testprint" ? [action.text] : [])),
    ["\xc3\xa9", "\xe9"],
  );
});

test("numeric variables of the filter do not leak", (t) => {
  const scope = messageScope();
  runNow('if abc matches "(b)" then endif', { scope });
  t.deepEqual(scope.frame.numeric, []);
});

test("waits where values have to be waited for", async (t) => {
  const text = `if $local_part is fred and not $domain is x or error_message then deliver "$local_part@$domain" else finish endif
    if foranyaddress "$sender_address, x@y" ($thisaddress is x@y) then save "/$thisaddress" mail subject "$domain" text "$home" endif finish`;
  const now = runNow(text);
  const later = await runEximFilter(eximRequest(text, { scope: messageScope({ later: true }) }));
  t.deepEqual(later, now);
  t.is(now.actions.length, 4);
});

test("a tree serves many messages, and depends on what is allowed", (t) => {
  const filters = makeEximFilters();
  const text = 'add 1 to n1 if $domain is a then fail "x" endif';
  const first = filters.run(eximRequest(text, { forbid: new Set() }));
  const again = filters.run(eximRequest(text, { forbid: new Set(), scope: messageScope({ variables: { domain: "a" } }) }));
  t.like(first, { end: { kind: "done" }, numbers: { 1: 1 } });
  t.like(again, { end: { kind: "fail" }, numbers: { 1: 1 } });
  t.like(filters.run(eximRequest(text)), { end: { kind: "error" } });
});

test("text of fail for the log", (t) => {
  t.deepEqual(splitFailText("<<spam>>go away"), { log: "spam", user: "go away" });
  t.deepEqual(splitFailText("<<spam"), { log: "<<spam", user: "<<spam" });
  t.deepEqual(splitFailText("no"), { log: "no", user: "no" });
});
