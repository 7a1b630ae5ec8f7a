import { makeHeader } from "@mailkit/message";
import test from "ava";
import fc from "fast-check";
import { makeWorld, type WorldParts } from "../testing/world.ts";
import type { AclVerdict } from "../types.ts";
import { parseVerify } from "./parse.ts";

test("options and callouts", (t) => {
  t.like(parseVerify("sender"), { kind: "sender", argument: undefined, callout: undefined });
  t.like(parseVerify("sender=a//b@c/no_details/defer_ok"), { argument: "a/b@c", noDetails: true, deferOk: true });
  t.like(parseVerify("sender / callout = 10s,  defer_ok"), {
    callout: { timeout: 10_000, connectTimeout: 10_000, maxWait: 40_000, deferOk: true },
  });
  t.like(parseVerify("recipient/callout=5s,connect=1s,maxwait=30s,random,no_cache,hold,use_postmaster"), {
    callout: { timeout: 5000, connectTimeout: 1000, maxWait: 30_000, random: true, noCache: true, hold: true, usePostmaster: true },
  });
  t.like(parseVerify("sender/callout=postmaster_mailfrom=x@y"), {
    callout: { postmaster: true, postmasterMailFrom: "x@y", timeout: 30_000 },
  });
  t.like(parseVerify("header_sender/callout=mailfrom=x@y,fullpostmaster"), { callout: { mailFrom: "x@y", fullPostmaster: true } });
  t.like(parseVerify("sender/callout/callout_defer_ok/check_postmaster"), { callout: { deferOk: true, postmaster: true } });
  t.like(parseVerify("recipient/quota=cachepos=1h,cacheneg=0"), { quota: { cachePositive: 3_600_000, cacheNegative: 0 } });
  t.like(parseVerify("not_blind/case_insensitive"), { caseInsensitive: true });
  t.like(parseVerify("csa/x.y"), { kind: "csa", argument: "x.y" });
});

test("faults, as Exim 4.96 words them", (t) => {
  const cases: [string, string][] = [
    [
      "foo",
      'expected "sender[=address]", "recipient", "helo", "header_syntax", "header_sender", "header_names_ascii" or "reverse_host_lookup" at start of ACL condition "verify foo"',
    ],
    ["sender/foo", 'unknown option "foo" in ACL condition "verify sender/foo"'],
    ["sender/callout=foo", 'bad time value in ACL condition "verify sender/callout=foo"'],
    ["recipient/callout=foo=3s", 'bad time value in ACL condition "verify recipient/callout=foo=3s"'],
    ["helo/defer_ok", "unexpected '/' found in \"helo/defer_ok\" (this verify item has no options)"],
    [
      "sender/callout=mailfrom=a@b",
      '"mailfrom" is allowed as a callout option only for verify=header_sender (detected in ACL condition "sender/callout=mailfrom=a@b")',
    ],
    ["sender/callout=use_sender", "use_sender or use_postmaster cannot be used for a sender verify callout"],
    ["recipient/callout=use_sender,use_postmaster", "only one of use_sender and use_postmaster can be set for a recipient callout"],
    ["sender/quota", "can only verify quota of recipient"],
  ];
  for (const [text, fault] of cases) t.is(parseVerify(text), fault);
  fc.assert(fc.property(fc.string(), (text) => (parseVerify(text), true)));
});

const headers = (...lines: string[]) => lines.map((line) => makeHeader(`${line}\n`));

function atData(acl: string, message: WorldParts["message"], parts: WorldParts = {}): AclVerdict {
  return makeWorld({ message, ...parts }).run(acl, "data") as AclVerdict;
}

test("header_syntax, header_names_ascii: the fault is for the log, and for the client on demand", (t) => {
  const broken = { headers: headers("From: @") };
  const log = 'domain missing or malformed: failing address in "From:" header is: @';
  t.like(atData("require verify = header_syntax", broken), { kind: "deny", message: undefined, logMessage: log });
  t.like(atData("require verify = header_syntax", broken, { settings: { smtp_return_error_details: "yes" } }), {
    message: `Rejected after DATA: ${log}`,
  });
  t.is(atData("require verify = header_syntax\naccept", { headers: headers("From: a@b") }).kind, "accept");
  t.is(atData("require verify = header_syntax\naccept", { headers: headers("From: a") }).kind, "deny");
  t.is(
    atData("require verify = header_syntax\naccept", { headers: headers("From: a") }, { host: { allowsUnqualified: () => true } }).kind,
    "accept",
  );
  t.is(
    atData("require verify = header_names_ascii", { headers: headers("T\xe9: x") }).logMessage,
    'Invalid character in header "T\xe9" found',
  );
});

test("header_sender: one good address is enough; Sender, Reply-To, From in this order", (t) => {
  const asked: string[] = [];
  const verify: WorldParts["verify"] = ({ address }) => {
    asked.push(address);
    if (address.startsWith("bad")) return { kind: "fail", message: "no", stage: "route" };
    return address.startsWith("def")
      ? { kind: "defer", message: "later", stage: "route" }
      : { kind: "ok", addressData: undefined, redirected: false };
  };
  const message = { headers: headers("From: good@x", "Reply-To: bad1@x, bad2@x", "To: to@x") };
  t.is(atData("require verify = header_sender\naccept", message, { verify }).kind, "accept");
  t.deepEqual(asked, ["bad1@x", "bad2@x", "good@x"]);
  t.is(
    atData("require verify = header_sender", { headers: headers("From: bad@x") }, { verify }).logMessage,
    "there is no valid sender in any header line",
  );
  t.like(atData("require verify = header_sender", { headers: headers("From: def@x") }, { verify }), {
    kind: "defer",
    logMessage: "all attempts to verify a sender in a header line deferred",
  });
  t.is(atData("require verify = header_sender/defer_ok\naccept", { headers: headers("From: def@x") }, { verify }).kind, "accept");
});

test("not_blind: domains without case, local parts with it unless asked", (t) => {
  const message = { headers: headers('To: "foo bar" <c@D>', "Cc: E@f"), recipients: ["c@d", "E@f"] };
  t.is(atData("require verify = not_blind\naccept", message).kind, "accept");
  t.is(atData("require verify = not_blind", { ...message, recipients: ["C@d"] }).logMessage, "bcc recipient detected");
  t.is(atData("require verify = not_blind/case_insensitive\naccept", { ...message, recipients: ["C@d"] }).kind, "accept");
});

test("helo, reverse lookup", (t) => {
  const kind = (acl: string, parts: WorldParts = {}) => (makeWorld(parts).run(`require verify = ${acl}\naccept`) as AclVerdict).kind;
  t.is(kind("helo"), "deny");
  t.is(kind("helo", { host: { verifyHelo: () => true } }), "accept");
  t.is(kind("helo", { session: { peer: undefined } }), "accept");
  t.is(kind("reverse_host_lookup", { host: { hostNames: () => ({ kind: "names", names: ["x"] }) } }), "accept");
  t.is(kind("reverse_host_lookup", { host: { hostNames: () => ({ kind: "defer", message: "x" }) } }), "defer");
  t.is(kind("reverse_host_lookup/defer_ok", { host: { hostNames: () => ({ kind: "defer", message: "x" }) } }), "accept");
});

test("csa", (t) => {
  const run = (dns: NonNullable<WorldParts["dns"]>, helo = "a.b.client.test") => {
    const world = makeWorld({ dns, session: { helo } });
    const { kind } = world.run("require verify = csa\naccept") as AclVerdict;
    return `${kind} ${world.session.extra.get("csa_status")?.text}`;
  };
  const srv = "_client._smtp.a.b.client.test SRV";
  t.is(run({}), "deny unknown");
  t.is(run({ [srv]: ["1 2 0 target.test"], "target.test A": ["192.0.2.1"] }), "accept ok");
  t.is(run({ [srv]: ["1 2 0 target.test"], "target.test A": ["192.0.2.2"] }), "deny fail");
  t.is(run({ [srv]: ["1 1 0 target.test"] }), "deny fail");
  t.is(run({ [srv]: "defer" }), "defer defer");
  t.is(run({ "_client._smtp.client.test SRV": ["1 0 1 x"] }), "deny fail", "a parent says that all must be named");
  t.is(
    run({ "_client._smtp.1.2.0.192.in-addr.arpa SRV": ["1 2 0 target.test"], "target.test A": ["192.0.2.1"] }, "[192.0.2.1]"),
    "accept ok",
  );
});
