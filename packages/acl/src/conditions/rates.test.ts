import test from "ava";
import fc from "fast-check";
import { makeWorld, type WorldParts } from "../testing/world.ts";
import type { AclHook } from "../hooks.ts";
import type { AclVerdict } from "../types.ts";
import { parseRatelimit } from "./ratelimit-parse.ts";
import { smoothed } from "./ratelimit.ts";
import { parseSeen } from "./seen.ts";

/** Runs the condition `times` times at once: y and n, then the variables. */
function runs(condition: string, times: number, { hook = "rcpt" as AclHook, parts = {} as WorldParts, step = 0 } = {}) {
  const world = makeWorld(parts);
  let answers = "";
  for (let i = 0; i < times; i++) {
    answers += (world.run(`deny ${condition}\naccept`, hook) as AclVerdict).kind === "deny" ? "y" : "n";
    world.now += step;
  }
  const get = (name: string) => world.session.extra.get(name)?.text;
  return { world, answers, shown: `${get("sender_rate")}/${get("sender_rate_period")} (max ${get("sender_rate_limit")})` };
}

test("a burst counts at once; the values of Exim 4.96", (t) => {
  const { answers, shown } = runs("ratelimit = 2/1h/per_cmd/strict", 5, { step: 10 });
  t.is(answers, "nnyyy");
  t.is(shown, "5.0/1h (max 2)");
  t.is(runs("ratelimit = 1.5k/90m/", 1).shown, "1.0/90m (max 1.5k)");
  t.is(runs("ratelimit = 1/90m/count=2.5/qq", 1).shown, "2.5/90m (max 1)");
});

test("leaky: what is over the limit is not counted further", (t) => {
  const { answers, shown } = runs("ratelimit = 2/1h/per_cmd", 6, { step: 10 });
  t.is(answers, "nnyyyy", "and it is not forgotten either");
  t.is(shown, "3.0/1h (max 2)");
});

test("the rate fades with time", (t) => {
  const record = { time: 0, rate: 10 };
  const later = smoothed(record, { now: 3_600_000, period: 3_600_000, count: 1 });
  t.true(Math.abs(later - (1 - Math.exp(-1) + 10 * Math.exp(-1))) < 1e-9);
  t.is(smoothed(record, { now: 1e12, period: 3_600_000, count: 1 }), 1, "an event is one event at least");
});

test("per_mail counts a message once, per_rcpt each recipient", (t) => {
  t.is(runs("ratelimit = 3/1h/strict", 5).shown, "1.0/1h (max 3)");
  t.is(runs("ratelimit = 3/1h/strict/per_rcpt", 4, { step: 1 }).answers, "nnny");
  const atData = runs("ratelimit = 3/1h/strict/per_rcpt", 1, { hook: "data", parts: { message: { recipients: ["a", "b", "c", "d"] } } });
  t.is(atData.shown, "4.0/1h (max 3)");
  t.is(runs("ratelimit = 1k/1h/per_byte", 1, { parts: { message: { size: 2048 } } }).answers, "y");
});

test("per_addr and unique: different events only", (t) => {
  t.is(runs("ratelimit = 2/1h/strict/per_addr", 5, { step: 1 }).answers, "nnnnn");
  const world = makeWorld();
  const kinds = ["a", "b", "a", "c"].map((value) => {
    world.now += 1;
    return (world.run(`deny ratelimit = 3/1h/strict/per_cmd/unique=${value}\naccept`) as AclVerdict).kind;
  });
  t.deepEqual(kinds, ["accept", "accept", "accept", "accept"]);
  t.is(world.session.extra.get("sender_rate")?.text, "3.0");
});

test("readonly, and units where they make no sense", (t) => {
  t.is(runs("ratelimit = 1/1h/readonly", 3).shown, "0.0/1h (max 1)");
  t.is(runs("ratelimit = 1/1h/per_rcpt", 3, { hook: "connect" }).shown, "0.0/1h (max 1)");
  const wrong = makeWorld().run("deny ratelimit = 1/1h/per_rcpt/strict", "connect") as AclVerdict;
  t.is(
    wrong.logMessage,
    'error in arguments to "ratelimit" condition: "per_rcpt" must not have /leaky or /strict option, or cannot be used in connection ACL',
  );
});

test("faults as Exim words them", (t) => {
  const cases: [string, string][] = [
    ["foo", '"foo" is not a positive number'],
    ["1", '"NULL" is not a time value'],
    ["1/x", '"x" is not a time value'],
    ["1/1h/strict/leaky", "conflicting update modes"],
    ["1/1h/per_rcpt/per_cmd", "conflicting per_* options"],
    ["1/1h/count=-3", '"count=-3" is not a positive number'],
  ];
  for (const [text, fault] of cases) t.is(parseRatelimit(text), fault);
  t.like(parseRatelimit("10 / 1m / a / b//c"), { key: "a/b/c", unit: "per_mail" });
  fc.assert(fc.property(fc.string(), (text) => (parseRatelimit(text), parseSeen(text), true)));
});

test("seen: since, before, key", (t) => {
  t.is(runs("seen = 5m", 3, { step: 60_000 }).answers, "nyy");
  t.is(runs("seen = 5m", 3, { step: 600_000 }).answers, "nnn");
  t.is(runs("seen = -5m", 3, { step: 200_000 }).answers, "nny", "greylisting: too early does not start again");
  t.is(runs("seen = 5m/readonly", 3).answers, "nnn");
  const { world } = runs("seen = 5m/key=k", 1);
  const readonly = (): unknown => (world.run("deny seen = 5m/key=k/readonly\naccept", "rcpt") as AclVerdict).kind;
  t.deepEqual([readonly(), readonly()], ["deny", "deny"], "who only looks changes nothing");
  t.is(runs("seen = -5m/write", 3, { step: 200_000 }).answers, "nnn");
});

test("seen: a record that is used is refreshed, and stays old enough", (t) => {
  const day = 86_400_000;
  const { world, answers } = runs("seen = -5m/key=k", 3, { step: 11 * day });
  t.is(answers, "nyy");
  const record = world.context("rcpt").scope.services.hints.get<{ time: number }>("seen", "k");
  t.is(record?.value.time, world.now - 11 * day - 300_000);
});

const YEAR = 365 * 86_400_000;

test("a clock that was a year ahead, and is right again: nobody is held back until then", (t) => {
  const greylist = runs("seen = -5m/key=k", 1).world;
  const asks = (condition: string): unknown => (greylist.run(`deny ${condition}\naccept`, "rcpt") as AclVerdict).kind;
  greylist.now -= YEAR;
  t.is(asks("seen = -5m/key=k"), "accept", "as if it came for the first time");
  greylist.now += 301_000;
  t.is(asks("seen = -5m/key=k"), "deny");
  const { world } = runs("ratelimit = 2/1h/per_cmd", 6);
  world.now -= YEAR;
  const limited = (): unknown => (world.run("deny ratelimit = 2/1h/per_cmd\naccept", "rcpt") as AclVerdict).kind;
  t.is(limited(), "deny");
  world.now += 4 * 3_600_000;
  t.is(limited(), "accept", "what was counted has faded");
});

test("seen: faults", (t) => {
  t.is(parseSeen("foo"), "failed to parse 'foo'");
  t.is(parseSeen("5m/foo"), "unrecognised option 'foo' in '5m/foo'");
});
