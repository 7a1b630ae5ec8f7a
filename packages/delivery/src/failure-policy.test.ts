import test from "ava";
import type { RetryRule, RetryStep } from "@mailkit/config";
import type { HostFact, RecipientFact, RetryHint } from "@mailkit/sdk";
import { makeJudge } from "./failure-policy.ts";
import type { Judge } from "./failure-policy.ts";
import type { RetrySubject } from "./retry.ts";
import { context, host, HOUR, node, NOW, routed } from "./testing/cases.ts";
import type { JobResult, RoutedAddress, RoutingEnd, Verdict } from "./types.ts";

interface World {
  readonly rule?: RetryRule | undefined;
  readonly hints?: Readonly<Record<string, RetryHint>>;
  readonly remote?: boolean;
  readonly received?: number;
}

const steps: RetryStep[] = [{ kind: "F", cutoff: 96 * HOUR, interval: HOUR, factor: 1 }];
const RULE: RetryRule = {
  pattern: "*",
  list: undefined as never,
  error: "*",
  senders: undefined,
  steps,
  at: { file: "x", line: 1, column: 1 },
  source: "",
};

const hint = (given: Partial<RetryHint> = {}): RetryHint => ({
  firstFailed: NOW - HOUR,
  lastTry: NOW - HOUR,
  nextTry: NOW,
  expired: false,
  error: "refused_A",
  text: "",
  ...given,
});

async function judged(
  world: World,
  ends: readonly RoutingEnd[],
  results: readonly JobResult[],
): Promise<{ verdicts: readonly Verdict[]; hints: Judge["hints"]; asked: RetrySubject[] }> {
  const asked: RetrySubject[] = [];
  const given = world.received === undefined ? {} : { envelope: { received: world.received } };
  const judge = makeJudge(context(["u@b.example"], given), {
    ruleFor: async (subject) => {
      asked.push(subject);
      return "rule" in world ? world.rule : RULE;
    },
    hint: (key) => world.hints?.[key],
    transport: () => ({ remote: world.remote ?? true, useLocalPart: true, includeSender: true }),
    intervalMax: 24 * HOUR,
    random: () => 0,
  });
  await judge.routing(ends);
  for (const one of results) await judge.job(one);
  return { verdicts: judge.verdicts(), hints: judge.hints, asked };
}

const MX = host("mx.b.example", 10);
const address = routed("u@b.example", { hosts: [MX] });
const result = (
  facts: readonly RecipientFact[],
  hosts: readonly HostFact[] = [],
  addresses: readonly RoutedAddress[] = [address],
): JobResult => ({
  job: { transport: "t", remote: true, addresses, hosts: [MX] },
  report: { facts, hosts },
});
const later = (scope: "host" | "message" | "recipient" | "none", given: object = {}): RecipientFact => ({
  kind: "deferred",
  message: "no",
  scope,
  ...given,
});
const refused: HostFact = { host: MX, port: 25, result: "deferred", retryError: "refused_MX", message: "Connection refused" };
const HOST_KEY = "T:mx.b.example:192.0.2.12";
const kinds = (verdicts: readonly Verdict[]): string[] => verdicts.map((v) => v.kind);

test("a host that refuses: a hint of the host by its name, then by the domain; the address waits for it", async (t) => {
  const { verdicts, hints, asked } = await judged({}, [], [result([later("host", { retryError: "refused_MX" })], [refused])]);
  t.deepEqual(kinds(verdicts), ["deferred"]);
  t.deepEqual([...hints.keys()], [HOST_KEY]);
  t.is(hints.get(HOST_KEY)?.nextTry, NOW + HOUR);
  t.is((verdicts[0] as { nextTry: number }).nextTry, NOW + HOUR);
  t.like(asked[0], { first: "*@mx.b.example", second: "*@b.example", error: "refused_MX", sender: "from@a.example" });
});

test("every host past its last cutoff: the address is given up after its deferral", async (t) => {
  const old = hint({ firstFailed: NOW - 100 * HOUR });
  const { verdicts } = await judged({ hints: { [HOST_KEY]: old } }, [], [result([later("host")], [refused])]);
  t.deepEqual(kinds(verdicts), ["deferred", "failed"]);
  t.like(verdicts[1], { timedOut: true, fact: { message: "retry timeout exceeded" } });
});

test("one host of two past its cutoff: the address waits", async (t) => {
  const other = host("mx2.b.example", 20);
  const old = hint({ firstFailed: NOW - 100 * HOUR });
  const second: HostFact = { ...refused, host: other };
  const { verdicts } = await judged({ hints: { [HOST_KEY]: old } }, [], [result([later("host")], [refused, second])]);
  t.deepEqual(kinds(verdicts), ["deferred"]);
});

test("hosts come and go, the message is older than the last cutoff: it is given up", async (t) => {
  const { verdicts } = await judged({ received: NOW - 97 * HOUR }, [], [result([later("host")], [refused])]);
  t.deepEqual(kinds(verdicts), ["deferred", "failed"]);
});

test("a host that works again is forgotten, and so is the recipient", async (t) => {
  const recipient = "R:u@b.example:<from@a.example>";
  const { hints } = await judged(
    { hints: { [HOST_KEY]: hint(), [recipient]: hint() } },
    [],
    [result([{ kind: "delivered" }], [{ host: MX, port: 25, result: "ok" }])],
  );
  t.deepEqual(
    [...hints],
    [
      [HOST_KEY, undefined],
      [recipient, undefined],
    ],
  );
});

test("a recipient put off: a hint of address and sender, none of the host", async (t) => {
  const { verdicts, hints, asked } = await judged(
    {},
    [],
    [result([later("recipient", { retryError: "rcpt_450" })], [{ host: MX, port: 25, result: "ok" }])],
  );
  t.deepEqual([...hints.keys()], ["R:u@b.example:<from@a.example>"]);
  t.like(asked[0], { first: "u@b.example", error: "rcpt_450" });
  t.deepEqual(kinds(verdicts), ["deferred"]);
});

test("a message put off by a host: only this message waits for that host", async (t) => {
  const used = { name: MX.name, address: MX.address, port: 25 };
  const { hints } = await judged(
    {},
    [],
    [result([later("message", { host: used, retryError: "data_451" })], [{ host: MX, port: 25, result: "ok" }])],
  );
  t.deepEqual([...hints.keys()], [`${HOST_KEY}:1abcde-00000000001-2345`]);
});

test("a local delivery put off: a hint of the address", async (t) => {
  const { hints } = await judged({ remote: false }, [], [result([later("recipient", { errno: 13 })])]);
  t.deepEqual([...hints.keys()], ["T:u@b.example"]);
});

test("scope none, or a freeze: nothing is learnt", async (t) => {
  for (const fact of [later("none"), later("recipient", { freeze: true })]) {
    const { verdicts, hints, asked } = await judged({}, [], [result([fact])]);
    t.deepEqual([kinds(verdicts), hints.size, asked.length], [["deferred"], 0, 0]);
  }
});

test("no retry rule: the first deferral is the last", async (t) => {
  const { verdicts } = await judged({ rule: undefined }, [], [result([later("recipient")])]);
  t.deepEqual(kinds(verdicts), ["deferred", "failed"]);
});

test("a transport that forgets a recipient: it waits, nothing is lost", async (t) => {
  const second = routed("v@b.example", { hosts: [MX] });
  const { verdicts } = await judged({}, [], [result([{ kind: "delivered" }], [], [address, second])]);
  t.deepEqual(kinds(verdicts), ["delivered", "deferred"]);
  t.is((verdicts[1] as { fact: { message: string } }).fact.message, "the transport said nothing of this recipient");
});

test("=> for the first recipient of a job, -> for the others", async (t) => {
  const job = result([{ kind: "delivered" }, { kind: "delivered" }], [], [address, routed("v@b.example")]);
  const { verdicts } = await judged({}, [], [job]);
  t.deepEqual(
    verdicts.map((v) => (v.kind === "delivered" ? v.first : undefined)),
    [true, false],
  );
});

const end = { node: node("u@b.example"), message: "no", userMessage: undefined };

test("routing put off: a hint of the domain, by the rule for lookup", async (t) => {
  const { hints, asked, verdicts } = await judged(
    {},
    [{ ...end, kind: "deferred", freeze: false, errno: undefined, retryKey: "b.example" }],
    [],
  );
  t.deepEqual([...hints.keys()], ["b.example"]);
  t.like(asked[0], { first: "*@b.example", error: "lookup" });
  t.like(verdicts[0], { kind: "deferred", nextTry: NOW + HOUR });
});

test("routing that freezes leaves no hint", async (t) => {
  const { hints, verdicts } = await judged({}, [{ ...end, kind: "deferred", freeze: true, errno: undefined, retryKey: "b.example" }], []);
  t.is(hints.size, 0);
  t.like(verdicts[0], { fact: { freeze: true, errno: -1 } });
});

test("retry time not reached: until the hint lets it go", async (t) => {
  const held: RoutingEnd = { ...end, kind: "deferred", freeze: false, errno: -52, retryKey: undefined, early: true };
  const { verdicts } = await judged({ hints: { "R:b.example": hint({ nextTry: NOW + 2 * HOUR }) } }, [held], []);
  t.like(verdicts[0], { kind: "deferred", early: true, nextTry: NOW + 2 * HOUR });
});

test("a failure of routing keeps what the user may read apart from the log", async (t) => {
  const { verdicts } = await judged({}, [{ ...end, kind: "failed", userMessage: "gone away" }], []);
  t.like(verdicts[0], { kind: "failed", userMessage: "gone away", fact: { message: "no" } });
});
