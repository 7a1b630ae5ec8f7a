import test from "ava";
import type { RetryRule, RetryStep } from "@mailkit/config";
import type { RetryHint } from "@mailkit/sdk";
import { chooseRule, admission, errorMatches, nextTry, retryKeys } from "./retry.ts";
import { dueWarnings } from "./warnings.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const errors: readonly [string, string, boolean, string][] = [
  ["*", "anything", true, ""],
  ["refused", "refused_MX", true, "with or without the origin of the host"],
  ["refused_A", "refused_MX", false, ""],
  ["timeout", "timeout_connect_A", true, "connecting is part of timing out"],
  ["timeout_MX", "timeout_connect_MX", true, ""],
  ["timeout_MX", "timeout_connect_A", false, ""],
  ["timeout_connect", "timeout_A", false, "a timeout later in the session is not one of connecting"],
  ["rcpt_4xx", "rcpt_452", true, ""],
  ["rcpt_45x", "rcpt_452", true, ""],
  ["rcpt_45x", "rcpt_442", false, ""],
  ["mail_4xx", "rcpt_452", false, ""],
  ["quota", "quota", true, ""],
  ["quota", "quota_3d", true, ""],
  ["quota_7d", "quota", false, "nobody knows since when"],
  ["quota_7d", "quota_1w", true, ""],
  ["quota_7d", "quota_8d", true, ""],
  ["quota_7d", "quota_6d", false, ""],
  ["lost_connection", "lost_connection", true, ""],
  ["lookup", "refused_A", false, ""],
];
for (const [rule, error, expected, why] of errors) {
  test(`rule error ${rule} ${expected ? "covers" : "does not cover"} ${error}${why === "" ? "" : `: ${why}`}`, (t) => {
    t.is(errorMatches(rule, error), expected);
  });
}

function rule(...steps: RetryStep[]): RetryRule {
  return {
    pattern: "*",
    list: undefined as never,
    error: "*",
    senders: undefined,
    steps,
    at: { file: "x", line: 1, column: 1 },
    source: "",
  };
}
const F = (cutoff: number, interval: number): RetryStep => ({ kind: "F", cutoff, interval, factor: 1 });
const G = (cutoff: number, interval: number, factor: number): RetryStep => ({ kind: "G", cutoff, interval, factor });
const DEFAULT = rule(F(2 * HOUR, 15 * MINUTE), G(16 * HOUR, HOUR, 1.5), F(4 * DAY, 6 * HOUR));

function after(
  used: RetryRule | undefined,
  old: RetryHint | undefined,
  now: number,
  extra: { received?: number; ofMessage?: boolean } = {},
) {
  return nextTry({
    rule: used,
    old,
    now,
    received: extra.received ?? now,
    ofMessage: extra.ofMessage ?? false,
    error: "refused_A",
    text: "x",
    intervalMax: DAY,
    random: () => 0,
  });
}

test("the default rule from the first failure to the bounce", (t) => {
  let now = 1_000_000;
  const start = now;
  let hint: RetryHint | undefined;
  const gaps: number[] = [];
  for (let i = 0; i < 40; i++) {
    const next = after(DEFAULT, hint, now, { received: start });
    if (next.timedOut) break;
    gaps.push((next.hint.nextTry - now) / MINUTE);
    hint = next.hint;
    now = hint.nextTry;
  }
  t.deepEqual(gaps.slice(0, 9), [15, 15, 15, 15, 15, 15, 15, 15, 60]);
  t.deepEqual(gaps.slice(9, 13), [90, 135, 202.5, 303.75]);
  t.true(gaps.slice(15).every((gap) => gap === 360));
  t.true(now - start >= 4 * DAY && now - start < 4 * DAY + 6 * HOUR);
});

test("no rule, and a rule without steps, give up at once", (t) => {
  t.true(after(undefined, undefined, 5).timedOut);
  t.true(after(rule(), undefined, 5).timedOut);
});

test("the cutoff counts from the first failure of the host, not from the age of the message", (t) => {
  const old: RetryHint = { firstFailed: 0, lastTry: 3 * HOUR, nextTry: 3 * HOUR, expired: false, error: "", text: "" };
  const next = after(rule(F(2 * HOUR, MINUTE)), old, 4 * HOUR, { received: 4 * HOUR });
  t.true(next.timedOut);
  t.true(next.hint.expired);
});

test("for errors of the message its arrival counts when it is earlier", (t) => {
  t.true(after(rule(F(2 * HOUR, MINUTE)), undefined, 3 * HOUR, { received: 0, ofMessage: true }).timedOut);
});

test("a message that waited past the cutoff is given up though the host just began to fail", (t) => {
  const next = after(rule(F(2 * HOUR, MINUTE)), undefined, 3 * HOUR, { received: 0 });
  t.true(next.timedOut);
  t.false(next.hint.expired);
});

test("G grows from the interval that really passed", (t) => {
  const old: RetryHint = { firstFailed: 0, lastTry: 0, nextTry: 4 * HOUR, expired: false, error: "", text: "" };
  t.is(after(rule(G(DAY, HOUR, 2)), old, HOUR).hint.nextTry - HOUR, 2 * HOUR);
});

test("retry_interval_max caps intervals that grow, and those that are fixed", (t) => {
  const old: RetryHint = { firstFailed: 0, lastTry: 0, nextTry: 20 * HOUR, expired: false, error: "", text: "" };
  t.is(after(rule(G(9 * DAY, HOUR, 2)), old, 20 * HOUR).hint.nextTry, 20 * HOUR + DAY);
  t.is(after(rule(F(9 * DAY, 3 * DAY)), undefined, 0).hint.nextTry, DAY);
});

test("hints hold back until their time, say expired after it, and get stale", (t) => {
  const hint: RetryHint = { firstFailed: 0, lastTry: 0, nextTry: 100, expired: false, error: "", text: "" };
  t.is(admission(undefined, 50, DAY), "now");
  t.is(admission({ value: hint, updated: 0 }, 50, DAY), "not yet");
  t.is(admission({ value: hint, updated: 0 }, 100, DAY), "now");
  t.is(admission({ value: { ...hint, expired: true }, updated: 0 }, 50, DAY), "expired");
  t.is(admission({ value: { ...hint, nextTry: 9 * DAY }, updated: 0 }, 8 * DAY, 7 * DAY), "now");
  t.is(
    admission({ value: { ...hint, nextTry: 400 * DAY, lastTry: 365 * DAY }, updated: 365 * DAY }, 0, 7 * DAY),
    "now",
    "the clock was ahead",
  );
  t.is(admission({ value: { ...hint, nextTry: 2 * HOUR }, updated: 60_000 }, 0, 7 * DAY), "not yet", "noted after this attempt began");
});

test("keys name the port only when it is not 25", (t) => {
  t.is(retryKeys.host({ name: "h", address: "192.0.2.1" }, 25), "T:h:192.0.2.1");
  t.is(retryKeys.host({ name: "h", address: "192.0.2.1" }, 587), "T:h:192.0.2.1:587");
});

test("delay warnings: each listed time, then the last interval again and again", (t) => {
  const at =
    (...hours: number[]) =>
    (age: number) =>
      dueWarnings(
        hours.map((h) => h * HOUR),
        age * HOUR,
      );
  t.deepEqual([3, 4, 7, 8, 12].map(at(4)), [0, 1, 1, 2, 3]);
  t.deepEqual([3, 4, 8, 11, 12, 16].map(at(4, 8)), [0, 1, 2, 2, 3, 4]);
  t.is(at()(100), 0);
  t.is(at(0)(100), 0);
});

test("a rule is chosen line by line: error, host name or domain, sender", async (t) => {
  const one = (...texts: readonly string[]) => ({ match: (address: string) => ({ kind: texts.includes(address) ? "yes" : "no" }) });
  const line = (name: string, error: string, list: unknown, senders?: unknown) =>
    ({ pattern: name, error, list, senders, steps: [F(HOUR, MINUTE)] }) as unknown as RetryRule;
  const rules = [
    line("other error", "quota", one("*@mx.host", "*@a.dom")),
    line("other sender", "*", one("*@mx.host"), one("s@x")),
    line("domain first", "*", one("*@a.dom")),
    line("host later", "*", one("*@mx.host")),
  ];
  const chosen = async (first: string, second?: string, sender = "q@x") => {
    const subject = { first, error: "refused_A", sender, ...(second === undefined ? {} : { second }) } as never;
    return (await chooseRule(rules, subject, undefined as never))?.pattern;
  };
  t.is(await chosen("*@mx.host", "*@a.dom"), "domain first", "each line is tried with both before the next");
  t.is(await chosen("*@mx.host", "*@b.dom"), "host later");
  t.is(await chosen("*@mx.host", "*@a.dom", "s@x"), "other sender");
  t.is(await chosen("*@b.dom"), undefined);
});
