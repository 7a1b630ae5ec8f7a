import test from "ava";
import * as fc from "fast-check";
import { parseLog, parseLogLine } from "./parse-line.ts";
import { type LogRecord, recordToJson } from "./records.ts";

const STAMP = "1999-03-02 09:44:33 10HmaX-0005vi-00 ";

/** Lines as Exim's own test suite has them. */
const LINES: readonly (readonly [string, Partial<LogRecord>, Record<string, string>?])[] = [
  ["<= CALLER@test.ex U=CALLER P=local S=529", { kind: "arrival", address: "CALLER@test.ex" }, { U: "CALLER", P: "local", S: "529" }],
  [
    "<= <> R=10HmaX-0005vi-01 U=EXIMUSER P=local S=1234",
    { kind: "arrival", address: "" },
    { R: "10HmaX-0005vi-01", U: "EXIMUSER", P: "local", S: "1234" },
  ],
  [
    "<= a@b H=host.name (test) [1.2.3.4]:567 I=[127.0.0.1]:25 U=ident P=esmtps X=TLS1.3:AES:256 CV=no A=plain:fred x K S=1 id=x@y for a@b c@d",
    { kind: "arrival", host: { name: "host.name", helo: "test", address: "1.2.3.4", port: 567 }, recipients: ["a@b", "c@d"] },
    {
      H: "host.name (test) [1.2.3.4]:567",
      I: "[127.0.0.1]:25",
      U: "ident",
      P: "esmtps",
      X: "TLS1.3:AES:256",
      CV: "no",
      A: "plain:fred x",
      K: "",
      S: "1",
      id: "x@y",
    },
  ],
  [
    '<= a@b U=spaced user P=local S=1 T="a \\"b\\" R=c" from <o@b> for x@y',
    { recipients: ["x@y"] },
    { U: "spaced user", P: "local", S: "1", T: 'a "b" R=c', from: "o@b" },
  ],
  ['<= "spaced R=x user"@myhost U=a P=local S=1', { address: '"spaced R=x user"@myhost' }],
  ["(= a@b H=(x) [1.2.3.4] P=smtp S=1", { kind: "fakereject", host: { helo: "x", address: "1.2.3.4" } }],
  ["<= a@b H=[1.2.3.4] P=smtp S=1", { host: { address: "1.2.3.4" } }],
  [
    "=> userx <userx@test.ex> R=r2 T=local_delivery",
    { kind: "delivery", address: "userx", original: "userx@test.ex" },
    { R: "r2", T: "local_delivery" },
  ],
  [
    '=> bob@x F=<ralph@d.tld> R=client T=smtp H=127.0.0.1 [127.0.0.1]* C="250 OK id=10HmgW-0005vi-00"',
    { host: { name: "127.0.0.1", address: "127.0.0.1", continued: true } },
    { F: "<ralph@d.tld>", R: "client", T: "smtp", H: "127.0.0.1 [127.0.0.1]*", C: "250 OK id=10HmgW-0005vi-00" },
  ],
  [
    '-> a492@test.ex R=client T=s H=h [1.2.3.4] L C="250 OK"',
    { kind: "additional" },
    { R: "client", T: "s", H: "h [1.2.3.4]", L: "", C: "250 OK" },
  ],
  [
    '>> userx@d.com (ruserx@d.com, rruserx@d.com) <rrruserx@d.com> R=all T=smtp H=127.0.0.1 [127.0.0.1] C="250 OK"',
    { kind: "cutthrough", address: "userx@d.com", parents: ["ruserx@d.com", "rruserx@d.com"], original: "rrruserx@d.com" },
  ],
  ["*> a@b R=r T=t", { kind: "suppressed", address: "a@b" }],
  ["=> :blackhole: <hole@nowhere.example> R=blackhole_router", { address: ":blackhole:", original: "hole@nowhere.example" }],
  ["=> |/bin/cat a <x@y> R=r T=p", { address: "|/bin/cat a", original: "x@y" }],
  ["=> a@b P=<c@d> R=r T=t QT=3s DT=0s", {}, { P: "<c@d>", R: "r", T: "t", QT: "3s", DT: "0s" }],
  ["** CALLER@test.ex: retry timeout exceeded", { kind: "failed", address: "CALLER@test.ex", message: "retry timeout exceeded" }],
  [
    "** d@test.ex R=all T=smtp H=127.0.0.1 [127.0.0.1]*: SMTP error from remote mail server after RCPT TO:<d@test.ex>: 550 No",
    {
      message: "SMTP error from remote mail server after RCPT TO:<d@test.ex>: 550 No",
      host: { name: "127.0.0.1", address: "127.0.0.1", continued: true },
    },
    { R: "all", T: "smtp", H: "127.0.0.1 [127.0.0.1]*" },
  ],
  [
    '** |TEST/showenv "${if match_address {$t}{a: b}{$v}}" $1 <system-filter> T=t1: return message generated',
    { address: '|TEST/showenv "${if match_address {$t}{a: b}{$v}}" $1', original: "system-filter", message: "return message generated" },
  ],
  [
    "== a@test.ex R=remote T=smtp defer (-44) H=127.0.0.1 [127.0.0.1]: SMTP error: 450 bad",
    { kind: "deferred", address: "a@test.ex", errno: -44, message: "SMTP error: 450 bad" },
    { R: "remote", T: "smtp", H: "127.0.0.1 [127.0.0.1]" },
  ],
  [
    "== e@x R=c T=s defer (110): Connection timed out H=h.x [127.0.0.1]:26: SMTP timeout after RCPT TO:<f@x>",
    {
      errno: 110,
      host: { name: "h.x", address: "127.0.0.1", port: 26 },
      message: "Connection timed out: SMTP timeout after RCPT TO:<f@x>",
    },
  ],
  [
    "== userx@myhost routing defer (-52): retry time not reached",
    { address: "userx@myhost", errno: -52, message: "retry time not reached" },
  ],
  ["== x@y R=lookuphost T=smtp defer (111): Connection refused", { errno: 111, message: "Connection refused" }],
  ["== y@d.ex <d@one.ex> R=d defer (-1): no", { address: "y@d.ex", original: "d@one.ex", errno: -1, message: "no" }],
  ["Completed", { kind: "completed" }],
  ["Completed QT=3m45s", { kind: "completed" }, { QT: "3m45s" }],
  ["Frozen (delivery error message)", { kind: "frozen" }],
  ["frozen by root", { kind: "frozen" }],
  ["Unfrozen by errmsg timer", { kind: "thawed" }],
  ["removed by CALLER", { kind: "removed" }],
  [
    "U=CALLER F=<x@y> rejected after DATA: domain missing or malformed: failing",
    { kind: "rejected", message: "domain missing or malformed: failing" },
    { U: "CALLER", F: "<x@y>" },
  ],
  ["no immediate delivery: queued by ACL", { kind: "note" }],
  ["=x strange", { kind: "note" }],
];

for (const [text, expected, fields] of LINES) {
  test(text, (t) => {
    const record = parseLogLine(STAMP + text);
    t.like(record, { id: "10HmaX-0005vi-00", time: Date.UTC(1999, 2, 2, 9, 44, 33), text, ...expected });
    if (fields !== undefined) for (const [key, value] of Object.entries(fields)) t.is(record?.fields.get(key), value, key);
  });
}

test("time, zone, pid and both forms of id", (t) => {
  t.like(parseLogLine("1999-03-02 09:44:33.123 +0130 [4711] 1vNQwE-00000001AbC-2XyZ Completed"), {
    time: Date.UTC(1999, 2, 2, 8, 14, 33, 123),
    pid: 4711,
    id: "1vNQwE-00000001AbC-2XyZ",
    kind: "completed",
  });
  t.is(parseLogLine("1999-03-02 09:44:33 Start queue run: pid=1", { offsetAt: () => 60 })?.time, Date.UTC(1999, 2, 2, 8, 44, 33));
  t.like(parseLogLine("1999-03-02 09:44:33 Start queue run: pid=1 -qf"), { kind: "queueRun", id: undefined });
  t.like(parseLogLine("1999-03-02 09:44:33 H=(x) [1.2.3.4] F=<a@b> rejected RCPT <c@d>: relay not permitted"), {
    kind: "rejected",
    host: { helo: "x", address: "1.2.3.4" },
    message: "relay not permitted",
  });
  t.is(parseLogLine("Envelope-from: <x@y>"), undefined);
  t.is(parseLogLine(""), undefined);
});

test("entries of the rejectlog keep their lines", (t) => {
  const lines = [
    "junk",
    `${STAMP}U=CALLER F=<x@y> rejected after DATA: no\n`,
    "Envelope-from: <x@y>\n",
    "P Received: x\n",
    "\tby y\n",
    `${STAMP}Completed\n`,
  ];
  const records = [...parseLog(lines)];
  t.deepEqual(
    records.map((r) => [r.kind, r.more]),
    [
      ["rejected", ["Envelope-from: <x@y>", "P Received: x", "\tby y"]],
      ["completed", undefined],
    ],
  );
});

test("JSON: one line, fields by name, text as Unicode", (t) => {
  const record = parseLogLine(`${STAMP}=> caf\xc3\xa9@x R=r T=t C="250 OK"`) as LogRecord;
  const json = recordToJson(record, "main");
  t.false(json.includes("\n"));
  t.like(JSON.parse(json), {
    time: "1999-03-02T09:44:33.000Z",
    log: "main",
    kind: "delivery",
    address: "caf\u00e9@x",
    fields: { R: "r", C: "250 OK" },
  });
});

test("any text is parsed, in time that grows with its length", (t) => {
  const piece = fc.constantFrom(...'<=>*-() ":[]AHRTUSid=.x\\', " R=", ' C="', " H=", ": ", " defer (-1)", " for ", "<= ", "== ", "** ");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => parseLogLine(STAMP + pieces.join("")) !== undefined),
    { numRuns: 3000 },
  );
  t.like(parseLogLine(`${STAMP}=> "${"A=".repeat(200_000)}`), { kind: "delivery" }, "does not take for ever");
});
