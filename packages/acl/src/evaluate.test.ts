import test from "ava";
import type { VerifyRequest, VerifyResult } from "@mailkit/sdk";
import { makeWorld, type WorldParts } from "./testing/world.ts";
import type { AclHook } from "./hooks.ts";
import type { AclVerdict } from "./types.ts";

const BAD: VerifyResult = { kind: "fail", message: "no such bad", stage: "route" };
const LATER: VerifyResult = { kind: "defer", message: "wait bad", stage: "route" };
const verify = ({ address }: VerifyRequest): VerifyResult =>
  address.startsWith("bad")
    ? BAD
    : address.startsWith("def")
      ? LATER
      : { kind: "ok", addressData: { text: "AD", tainted: false }, redirected: false };

function shown(verdict: AclVerdict): string {
  const { kind, message, logMessage } = verdict;
  return [kind, message, logMessage].map((part) => part ?? "-").join(" | ");
}

interface Case {
  readonly acl: string;
  readonly expected: string;
  readonly hook?: AclHook;
  readonly parts?: WorldParts;
}

const NESTED = {
  inner_yes: "accept message = inner",
  inner_no: "deny message = inner\nlog_message = inl",
  inner_drop: "drop message = inner",
  inner_discard: "discard",
};

/** Messages and log lines as Exim 4.96 gave them for the same ACLs. */
const table: Record<string, Case> = {
  "nothing true: implicit deny": { acl: "accept condition = no", expected: "deny | - | -" },
  accept: { acl: "accept", expected: "accept | - | -" },
  "accept, message is for the client": { acl: "accept message = fine", expected: "accept | fine | -" },
  "accept, false condition: on": { acl: "accept condition = 0\naccept message = 2", expected: "accept | 2 | -" },
  "endpass: the message is the refusal": { acl: "accept endpass\nmessage = foo\ncondition = 0", expected: "deny | foo | foo" },
  "no endpass: a text that was passed": { acl: "accept message = foo\nlog_message = bar\ncondition = 0", expected: "deny | foo | bar" },
  "no endpass: a text that was not reached": { acl: "accept condition = 0\nmessage = foo", expected: "deny | - | -" },
  "no endpass: the next statement says nothing of it": { acl: "accept message = foo\ncondition = 0\ndeny", expected: "deny | - | -" },
  "endpass: condition before it": { acl: "accept condition = 0\nendpass\naccept message = on", expected: "accept | on | -" },
  "endpass, inner text is logged": {
    acl: "accept endpass\nmessage = foo\nverify = recipient",
    expected: "deny | foo | no such bad",
    parts: { recipient: ["bad", "x"] },
  },
  deny: { acl: "deny message = no", expected: "deny | no | no" },
  "deny, log text of its own": { acl: "deny message = no\nlog_message = L", expected: "deny | no | L" },
  "the last message counts": { acl: "deny message = 1\nmessage = 2", expected: "deny | 2 | 2" },
  "require: the message before the failing condition": {
    acl: "require message = 1\ncondition = yes\nmessage = 2\ncondition = no\nmessage = 3",
    expected: "deny | 2 | 2",
  },
  "require true: on": { acl: "require condition = 1\naccept", expected: "accept | - | -" },
  drop: { acl: "drop message = x", expected: "drop | x | x" },
  defer: { acl: "defer message = later", expected: "defer | later | later" },
  discard: { acl: "discard message = D\nlog_message = L", expected: "discard | D | L" },
  "discard where it may not be": { acl: "discard", hook: "predata", expected: "error | - | -" },
  "a deferred condition defers a deny": { acl: "deny domains = DEFER\naccept", expected: "defer | - | list is down" },
  "and is passed over in a warn": { acl: "warn domains = DEFER\naccept", expected: "accept | - | -" },
  "condition that is neither": {
    acl: "deny message = abc\nlog_message = LL\ncondition = foo",
    expected: 'defer | - | invalid "condition" value "foo"',
  },
  "forced failure of a condition: as if it were true": {
    acl: "deny condition = FAIL\n!condition = FAIL\nmessage = both",
    expected: "deny | both | both",
  },
  "forced failure of a list: not in the list": { acl: "deny domains = FAIL\naccept", expected: "accept | - | -" },
  "... and negated, true": { acl: "deny !domains = FAIL", expected: "deny | - | -" },
  "error of an expansion": { acl: "warn condition = ERR\naccept", expected: 'error | - | failed to expand ACL string "ERR": it is broken' },
  "a lookup that is down": { acl: "deny condition = DEFER", expected: 'defer | - | failed to expand ACL string "DEFER": it is down' },
  "error of a list": { acl: "deny domains = ERR", expected: "error | - | it is broken" },
  "message that cannot be expanded is ignored": { acl: "deny message = ERR", expected: "deny | - | -" },
  "message that is forced to fail, too": { acl: "deny message = FAIL\nlog_message = L", expected: "deny | - | L" },
  "waiting in the middle": { acl: "accept condition = WAIT no\ndeny condition = WAIT yes\nmessage = WAIT m", expected: "deny | m | m" },
  recipient: { acl: "require verify = recipient", expected: "deny | no such bad | no such bad", parts: { recipient: ["bad", "x"] } },
  "recipient, own texts": {
    acl: "require message = M:$acl_verify_message\nlog_message = L\nverify = recipient",
    expected: "deny | M:no such bad | L: no such bad",
    parts: { recipient: ["bad", "x"] },
  },
  "recipient deferred": {
    acl: "require message = M\nverify = recipient",
    expected: "defer | wait bad | wait bad",
    parts: { recipient: ["def", "x"] },
  },
  "recipient deferred, defer_ok": {
    acl: "deny verify = recipient/defer_ok",
    expected: "deny | wait bad | wait bad",
    parts: { recipient: ["def", "x"] },
  },
  "negated verification": { acl: "accept !verify = recipient", expected: "accept | - | -", parts: { recipient: ["bad", "x"] } },
  "negated deferral stays one": {
    acl: "accept !verify = recipient",
    expected: "defer | wait bad | wait bad",
    parts: { recipient: ["def", "x"] },
  },
  sender: {
    acl: "require verify = sender",
    expected: "deny | Sender verify failed | Sender verify failed",
    parts: { message: { sender: "bad@b" } },
  },
  "sender, own texts": {
    acl: "deny message = hello $acl_verify_message\nlog_message = LM $acl_verify_message\n!verify = sender",
    expected: "deny | hello Sender verify failed | LM Sender verify failed: Sender verify failed",
    parts: { message: { sender: "bad@b" } },
  },
  "sender deferred": {
    acl: "require verify = sender",
    expected: "defer | - | Could not complete sender verify",
    parts: { message: { sender: "def@b" } },
  },
  "sender deferred, callout": {
    acl: "require verify = sender/callout",
    expected: "defer | - | Could not complete sender verify callout",
    parts: { message: { sender: "def@b" } },
  },
  "sender deferred, smtp_return_error_details": {
    acl: "require verify = sender",
    expected: "defer | Could not complete sender verify | Could not complete sender verify",
    parts: { message: { sender: "def@b" }, settings: { smtp_return_error_details: "yes" } },
  },
  "null sender is always fine": { acl: "require verify = sender\naccept", expected: "accept | - | -", parts: { message: { sender: "" } } },
  "text of a last failed verification stays for the implicit deny": {
    acl: "deny verify = sender=bad@q",
    expected: "deny | Sender verify failed | Sender verify failed",
  },
  "nested yes": { acl: "accept acl = inner_yes", expected: "accept | - | -", parts: { acls: NESTED } },
  "nested yes, outer message": { acl: "accept acl = inner_yes\nmessage = outer", expected: "accept | outer | -", parts: { acls: NESTED } },
  "nested no": { acl: "accept acl = inner_no\naccept message = on", expected: "accept | on | -", parts: { acls: NESTED } },
  "nested no, negated": { acl: "deny !acl = inner_no\nlog_message = outl", expected: "deny | inner | outl: inl", parts: { acls: NESTED } },
  "nested drop, outer refuses": { acl: "deny !acl = inner_drop", expected: "drop | inner | inner", parts: { acls: NESTED } },
  "nested drop, outer goes on": { acl: "deny acl = inner_drop\naccept", expected: "accept | - | -", parts: { acls: NESTED } },
  "nested drop behind endpass": { acl: "accept endpass\nacl = inner_drop", expected: "drop | inner | inner", parts: { acls: NESTED } },
  "nested discard in accept": { acl: "accept acl = inner_discard", expected: "discard | - | -", parts: { acls: NESTED } },
  "nested discard in deny": {
    acl: "deny acl = inner_discard",
    expected: 'error | - | nested ACL returned "discard" for "deny" command (only allowed with "accept" or "discard")',
    parts: { acls: NESTED },
  },
  "unknown ACL": { acl: "warn acl = nonexist\naccept", expected: 'error | - | unknown ACL verb "nonexist" in "nonexist"' },
  "a loop ends": {
    acl: "accept acl = rec",
    expected: "error | - | ACL nested too deep: possible loop",
    parts: { acls: { rec: "accept acl = rec" } },
  },
  "inline without arguments": { acl: "accept acl = deny\naccept message = on", expected: "accept | on | -" },
  "not in this ACL: condition": {
    acl: "accept domains = *",
    hook: "mail",
    expected: "error | - | cannot test domains condition in MAIL ACL",
  },
  "not in this ACL: modifier": {
    acl: "warn add_header = X: y",
    hook: "connect",
    expected: "error | - | cannot use add_header condition in connection ACL",
  },
  "not in this ACL: control": {
    acl: "warn control = queue",
    hook: "connect",
    expected: 'error | - | cannot use "control=queue" in connection ACL',
  },
  "not in this ACL: verify": { acl: "require verify = header_syntax", expected: "error | - | cannot verify header_syntax in ACL for RCPT" },
  "unknown control": { acl: "warn control = foo", expected: 'error | - | syntax error in "control=foo"' },
  "QUIT cannot refuse": {
    acl: "deny",
    hook: "quit",
    expected: "error | - | QUIT or not-QUIT toplevel ACL may not fail ('deny' verb used incorrectly)",
  },
  file: { acl: "/etc/acl", expected: "deny | filed | filed", parts: { files: { "/etc/acl": "deny message = filed" } } },
  "file that is not there": { acl: "/etc/nix", expected: 'error | - | failed to open ACL file "/etc/nix": No such file or directory' },
  certificate: { acl: "require verify = certificate", expected: "deny | no verified certificate | no verified certificate" },
  "reverse lookup": {
    acl: "require verify = reverse_host_lookup",
    expected: "deny | - | host lookup failed for reverse lookup check (failed to find host name from IP address)",
  },
};

for (const [title, { acl, hook, parts, expected }] of Object.entries(table)) {
  test(title, async (t) => t.is(shown(await makeWorld({ verify, ...parts }).run(acl, hook)), expected));
}

test("the default refusal of a relay attempt is synchronous", (t) => {
  const world = makeWorld({ recipient: ["x", "elsewhere.test"] });
  const acl =
    "accept hosts = \ndeny domains = +x\naccept domains = local.test\nrequire verify = sender\naccept authenticated = *\ndeny message = relay not permitted";
  const verdict = world.run(acl);
  t.false(verdict instanceof Promise);
  t.is(shown(verdict as AclVerdict), "deny | relay not permitted | relay not permitted");
  t.is((verdict as AclVerdict).at?.line, 6);
});

test("warn: header from message, line from log_message, each text once", (t) => {
  const world = makeWorld();
  const acl =
    "warn message = foo: bar\nlog_message = X\nwarn log_message = X\nwarn condition = 0\nlog_message = Y\nwarn message = foo: bar\naccept";
  const verdict = world.run(acl) as AclVerdict;
  t.deepEqual(verdict.effects.headersAdd, [{ position: "at_end", text: "foo: bar\n" }]);
  t.deepEqual(world.logged, [{ to: ["main"], text: "Warning: X", withHost: true }]);
});

test("warn: what a verification said is neither header nor log line", (t) => {
  const world = makeWorld({ verify, recipient: ["bad", "x"] });
  const verdict = world.run("warn !verify = recipient\naccept") as AclVerdict;
  t.deepEqual([verdict.effects.headersAdd, world.logged], [[], []]);
});

test("warn: skipped statement is logged", (t) => {
  const world = makeWorld();
  void world.run("warn domains = DEFER\nlog_message = no\nlogwrite = never\naccept");
  t.deepEqual(world.logged, [
    { to: ["main"], text: 'Warning: ACL "warn" statement skipped: condition test deferred: list is down', withHost: true },
  ]);
});

test("modifiers act where they stand, even if the statement fails later", (t) => {
  const world = makeWorld();
  const acl = "accept set acl_m_x = 1\nadd_header = A: b\nlogwrite = seen $acl_m_x\ncondition = 0\nset acl_m_x = 2\ndeny";
  const verdict = world.run(acl) as AclVerdict;
  t.is(verdict.effects.headersAdd.length, 1);
  t.is(world.message.aclMessage.get("m_x")?.text, "1");
  t.deepEqual(world.logged, [{ to: ["main"], text: "seen 1", withHost: false }]);
});

test("acl variables: c with the connection, m with the message", (t) => {
  const world = makeWorld();
  void world.run("accept set acl_c0 = 1\nset acl_c_y = $acl_c0");
  t.deepEqual(
    [...world.session.aclConnection],
    [
      ["c0", { text: "1", tainted: false }],
      ["c_y", { text: "1", tainted: true }],
    ],
  );
});

test("nested ACL has its own arguments and gives the old ones back", (t) => {
  const world = makeWorld({
    acls: {
      n1: "accept acl = n2 $acl_arg1-x y\nlogwrite = $acl_narg [$acl_arg1] [$acl_arg2]",
      n2: "accept logwrite = $acl_narg [$acl_arg1] [$acl_arg2] [$acl_arg3]",
    },
  });
  void world.run("accept acl = n1 one");
  t.deepEqual(
    world.logged.map((line) => line.text),
    ["2 [one-x] [y] []", "1 [one] []"],
  );
});

test("senders are verified once a message; the failure goes with the verdict", (t) => {
  const world = makeWorld({ verify, message: { sender: "bad@b" } });
  const first = world.run("require verify = sender") as AclVerdict;
  const second = world.run("require verify = sender/no_details") as AclVerdict;
  t.is(world.verified.length, 1);
  t.like(first.senderFailure, { address: "bad@b", kind: "fail", message: "no such bad", details: true });
  t.is(second.senderFailure?.details, false);
});

test("verification keeps data, failures keep their kind", (t) => {
  const world = makeWorld({ verify, message: { sender: "a@b" } });
  void world.run("accept verify = sender");
  t.is(world.session.extra.get("sender_address_data")?.text, "AD");
  const failing = makeWorld({ verify, message: { sender: "bad@b" } });
  void failing.run(
    "warn !verify = sender\nset acl_m0 = $acl_verify_message\nwarn logwrite = [$acl_m0] [$acl_verify_message] $sender_verify_failure\naccept",
  );
  t.deepEqual(
    failing.logged.map((line) => line.text),
    ["[Sender verify failed] [] route"],
  );
});

test("recipient is verified as it was written", (t) => {
  const world = makeWorld({ recipient: ["FreD", "X.test"] });
  void world.run("accept verify = recipient/callout=10s,use_sender/success_on_redirect");
  t.like(world.verified[0], {
    address: "FreD@X.test",
    kind: "recipient",
    successOnRedirect: true,
    callout: { timeout: 10_000, maxWait: 40_000, useSender: true },
  });
});

test("caseful_local_part holds until caselower_local_part", (t) => {
  const world = makeWorld({ recipient: ["FreD", "x"] });
  const acl = "accept local_parts = FreD\nwarn control = caseful_local_part\naccept local_parts = FreD\nmessage = now";
  t.is((world.run(acl) as AclVerdict).message, "now");
  t.is(
    (world.run("warn control = caseful_local_part\ncontrol = caselower_local_part\naccept local_parts = FreD\ndeny") as AclVerdict).kind,
    "deny",
  );
});

test("delay waits by the clock; not when a session is only tested", async (t) => {
  const world = makeWorld();
  await world.run("accept delay = 1m30s");
  t.deepEqual(world.slept, [90_000]);
  const tested = makeWorld({ session: { hostChecking: true } });
  t.is((tested.run("accept delay = 30s") as AclVerdict).kind, "accept");
  t.deepEqual(tested.slept, []);
});

test("logwrite and log_reject_target", (t) => {
  const world = makeWorld();
  const verdict = world.run("deny logwrite = :main,reject: both\nlogwrite = :foo: x\nlog_reject_target = panic : foo") as AclVerdict;
  t.deepEqual(verdict.logTargets, ["panic"]);
  t.deepEqual(
    world.logged.map((line) => `${line.to.join()} ${line.text}`),
    [
      "main,reject both",
      'main,panic unknown log name in ":foo: x" in "logwrite" in RCPT ACL',
      'main,panic unknown log name "foo" in "log_reject_target" in RCPT ACL',
    ],
  );
});

test("queue, remove_header, control as data; udpsend", (t) => {
  const world = makeWorld();
  const acl =
    "accept queue = slow\nremove_header = X-a : X-b\ncontrol = submission/sender_retain/domain=d.e/name=b a r\ncontrol = freeze/no_tell\nudpsend = <; 192.0.2.9 ; 99 ; hello";
  const { effects } = world.run(acl) as AclVerdict;
  t.is(effects.queueName, "slow");
  t.deepEqual(effects.headersRemove, ["X-a", "X-b"]);
  t.deepEqual(effects.controls, [
    { name: "submission", senderRetain: true, domain: "d.e", fullName: "b a r" },
    { name: "freeze", noTell: true },
  ]);
  t.deepEqual(world.sent, ["192.0.2.9 99 hello"]);
});

test("everything is told to a tracer, with places", (t) => {
  const world = makeWorld({ trace: true, acls: { check: "accept domains = other.test\ndeny !hosts = 10.0.0.1\nmessage = no" } });
  void world.run("check");
  t.deepEqual(
    world.events.map((event) =>
      "name" in event
        ? `${event.kind} ${event.name} ${"result" in event ? event.result : ""}`
        : `${event.kind} ${"result" in event ? event.result : ""}`,
    ),
    ["acl.start undefined", "acl.item domains no", "acl.verb no", "acl.item hosts yes", "acl.verb yes", "acl.end deny"].map((line) =>
      line.replace(" undefined", " "),
    ),
  );
  t.like(world.events[3], { at: { file: "check", line: 2 }, detail: "192.0.2.1", negated: true });
});
