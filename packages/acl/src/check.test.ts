import type { AclStatementSource } from "@mailkit/config";
import test from "ava";
import fc from "fast-check";
import { checkAcls } from "./check.ts";
import { CONTROL_NAMES, parseControl } from "./controls.ts";
import type { AclHook } from "./hooks.ts";
import { splitCode } from "./reply-code.ts";
import { parseCount, parseTime, parseTruth } from "./scalars.ts";
import { readFake } from "./testing/world.ts";

function check(acls: Record<string, string>, hooks: Partial<Record<AclHook, string>> = {}): string[] {
  const sources = new Map(
    Object.entries(acls).map(([name, text]) => [
      name,
      { name, at: { file: name, line: 0, column: 1 }, statements: readFake(text, name) as AclStatementSource[] },
    ]),
  );
  return checkAcls({ acls: sources, hooks: new Map(Object.entries(hooks) as [AclHook, string][]) }).map(
    ({ code, severity, at, message, hint }) => `${code} ${severity} ${at?.line} ${message}${hint === undefined ? "" : ` (${hint})`}`,
  );
}

test("what may not stand where, through nested ACLs, once", (t) => {
  const acls = { c: "accept hosts = x\nacl = inner\nacl = inner", inner: "deny domains = x\ncontrol = queue\nverify = recipient" };
  t.deepEqual(check(acls, { rcpt: "inner" }), []);
  t.deepEqual(
    check(acls, { connect: "c" }).map((line) => line.split(" (")[0]),
    [
      "MK0523 warning 1 cannot test domains condition in connection ACL, which acl_smtp_connect runs",
      'MK0523 warning 2 cannot use "control=queue" in connection ACL, which acl_smtp_connect runs',
      "MK0523 warning 3 cannot verify recipient in ACL for connection, which acl_smtp_connect runs",
    ],
  );
  t.is(check({ p: "discard" }, { predata: "p" }).length, 1);
  t.deepEqual(check({ p: "discard" }, { mail: "p" }), []);
});

test("arguments that make no sense, with the nearest name", (t) => {
  t.deepEqual(
    check({
      a: "warn control = freze\nverify = recipent\ndelay = 5\nratelimit = x/1h\nseen = 5\ncontrol = freeze/x\ncontrol = $acl_m0",
    }).map((line) => line.slice(0, 60)),
    [
      'MK0522 warning 1 there is no control "freze" (did you mean "',
      'MK0522 warning 2 verify: expected "sender[=address]", "recip',
      'MK0522 warning 3 "5" is not a time (write digits and units: ',
      'MK0522 warning 4 ratelimit: "x" is not a positive number (wr',
      "MK0522 warning 5 seen: failed to parse '5' (write seen = [-]",
      'MK0522 warning 6 control "freeze" has no option "x"',
    ],
  );
});

test("conditions that mailkit does not have are refused", (t) => {
  t.regex(check({ a: "deny spf = fail" })[0] ?? "", /^MK0521 error 1 condition "spf" is not supported/);
});

test("every control is known, and nothing throws", (t) => {
  for (const name of CONTROL_NAMES) t.truthy(parseControl(name) ?? parseControl(`${name}/x`), name);
  t.deepEqual(parseControl("cutthrough_delivery/defer=pass"), { name: "cutthrough_delivery", onDefer: "pass" });
  t.deepEqual(parseControl("debug/tag=.x/opts=+all/kill"), {
    name: "debug",
    options: [
      ["tag", ".x"],
      ["opts", "+all"],
      ["kill", ""],
    ],
  });
  t.deepEqual(parseControl("utf8_downconvert/-1"), { name: "utf8_downconvert", value: -1 });
  fc.assert(fc.property(fc.string(), (text) => (parseControl(text), splitCode(text, 550), true)));
});

test("codes in messages, as Exim 4.96 took them", (t) => {
  t.like(splitCode("599 1.2.3 right", 550), { code: 599, extended: "1.2.3", text: "right", logged: "599 1.2.3 right", panic: undefined });
  t.like(splitCode("450 4.1.1 wrong digit", 550), {
    code: 550,
    extended: undefined,
    text: "wrong digit",
    logged: "550 wrong digit",
    panic: 'configured error code starts with incorrect digit (expected 5) in "450 4.1.1 wrong digit"',
  });
  t.like(splitCode("550-foo\n550 bar", 550), { code: 550, text: "550-foo\n550 bar" });
  t.like(splitCode("259 2.1.5 fine", 250), { code: 259, text: "fine" });
  t.like(splitCode("no code", 550), { code: 550, text: "no code" });
  t.like(splitCode("5501 x", 550), { text: "5501 x" });
});

test("times, counts, truth", (t) => {
  t.deepEqual(["1w2d3h4m5s", "30s", "", "5", "1x", "1h 2m"].map(parseTime), [
    788_645_000,
    30_000,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  t.deepEqual(["10", "1.5k", "2M", "-1", "x", ".5"].map(parseCount), [10, 1536, 2_097_152, undefined, undefined, 0.5]);
  t.deepEqual(["", "0", "no", "FALSE", "yes", "True", "7", "-3", "00", "3x", "foo"].map(parseTruth), [
    false,
    false,
    false,
    false,
    true,
    true,
    true,
    true,
    false,
    undefined,
    undefined,
  ]);
});
