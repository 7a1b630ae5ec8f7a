import test from "ava";
import type { DeliveryState, Envelope } from "@mailkit/sdk";
import { settle } from "./settle.ts";
import type { Settlement } from "./settle.ts";
import { context, HOUR, node, NOW, routed } from "./testing/cases.ts";
import type { AddressNode, Verdict } from "./types.ts";

const settings = { ignoreBounceErrorsAfter: 10 * HOUR };

interface World {
  readonly recipients: readonly string[];
  readonly envelope?: Partial<Envelope>;
  readonly state?: Partial<DeliveryState>;
  readonly now?: number;
}

function settled(world: World, ...verdicts: readonly Verdict[]): Settlement {
  return settle(context(world.recipients, world), verdicts, settings);
}

const delivered = (address: AddressNode): Verdict => ({
  kind: "delivered",
  address: { ...routed(address.display), ...address },
  fact: { kind: "delivered" },
  first: true,
});
const failed = (address: AddressNode): Verdict => ({ kind: "failed", address, transport: "", fact: { kind: "failed", message: "no" } });
const deferred = (address: AddressNode, given: object = {}): Verdict => ({
  kind: "deferred",
  address,
  transport: "t",
  fact: { kind: "deferred", message: "later", scope: "recipient", ...given },
  nextTry: NOW + HOUR,
});

const done = (s: Settlement): unknown => s.progress.find((p) => p.kind === "done");
const waiting = (s: Settlement): unknown => s.progress.flatMap((p) => (p.kind === "attempted" ? p.waiting.map(([key]) => key) : []));

test("all delivered: the message is over and nothing else is written", (t) => {
  const s = settled({ recipients: ["u@b"] }, delivered(node("u@b")));
  t.true(s.completed);
  t.deepEqual(s.progress, [{ kind: "done", addresses: ["u@b"] }]);
  t.deepEqual(s.bounces, []);
});

test("one of two waits: the other is done, the reason and the next try are kept", (t) => {
  const s = settled({ recipients: ["u@b", "v@b"] }, delivered(node("u@b")), deferred(node("v@b")));
  t.false(s.completed);
  t.deepEqual(s.progress, [
    { kind: "done", addresses: ["u@b"] },
    { kind: "attempted", at: NOW, waiting: [["v@b", { message: "later", failed: NOW, nextTry: NOW + HOUR, router: "r", transport: "t" }]] },
  ]);
});

test("a recipient of which one child waits is open, the other child is not delivered again", (t) => {
  const list = node("list@b");
  const s = settled({ recipients: ["list@b"] }, delivered(node("a@c", { parent: list })), deferred(node("b@c", { parent: list })));
  t.deepEqual(done(s), { kind: "done", addresses: ["a@c"] });
  t.deepEqual(waiting(s), ["b@c"]);
  t.false(s.completed);
});

test("when all children are over, their recipient is, and only it is noted", (t) => {
  const list = node("list@b");
  const s = settled({ recipients: ["list@b"] }, delivered(node("a@c", { parent: list })), failed(node("b@c", { parent: list })));
  t.deepEqual(done(s), { kind: "done", addresses: ["list@b"] });
  t.true(s.completed);
});

test("a duplicate waits for the address that it is a duplicate of", (t) => {
  const [one, two] = [node("one@b"), node("two@b")];
  const twin: Verdict = { kind: "same", address: node("x@c", { parent: two }), done: false };
  const open = settled({ recipients: ["one@b", "two@b"] }, deferred(node("x@c", { parent: one })), twin);
  t.false(open.completed);
  t.is(done(open), undefined);
  const over = settled({ recipients: ["one@b", "two@b"] }, delivered(node("x@c", { parent: one })), twin);
  t.true(over.completed);
});

test("a duplicate of what an earlier attempt delivered is over", (t) => {
  const s = settled({ recipients: ["two@b"] }, { kind: "same", address: node("x@c", { parent: node("two@b") }), done: true });
  t.true(s.completed);
});

test("done in earlier attempts counts", (t) => {
  const s = settled({ recipients: ["u@b", "v@b"], state: { done: new Set(["u@b"]) } }, delivered(node("v@b")));
  t.true(s.completed);
});

test("failures go to the sender, or where errors_to sends them, one bounce each, the last failure first", (t) => {
  const owner = { errorsTo: "owner@b" };
  const s = settled({ recipients: ["u@b", "v@b", "w@b"] }, failed(node("u@b")), failed(node("v@b", owner)), failed(node("w@b", owner)));
  t.deepEqual(
    s.bounces.map(({ to, failures }) => [to, failures.map((f) => f.address.display)]),
    [
      ["owner@b", ["w@b", "v@b"]],
      ["from@a.example", ["u@b"]],
    ],
  );
  t.true(s.completed);
});

test("RFC 3461: who asked for no failure notice gets none", (t) => {
  const s = settled({ recipients: ["u@b"] }, failed(node("u@b", { dsn: { notify: ["success"] } })));
  t.deepEqual(s.bounces, []);
  t.true(s.completed);
  t.is(s.lines.at(-1), "u@b: error ignored: RFC 3461 DSN, failure notify not requested");
});

test("a bounce that fails is frozen, not lost", (t) => {
  const s = settled({ recipients: ["u@b"], envelope: { sender: "" } }, failed(node("u@b")));
  t.false(s.completed);
  t.is(done(s), undefined);
  t.is(s.freeze, "(delivery error message)");
  t.deepEqual(s.progress.at(-1), { kind: "freeze", at: NOW, why: "(delivery error message)" });
  t.is(s.lines.at(-1), "Frozen (delivery error message)");
});

test("ignore_bounce_errors_after: an old bounce that fails is dropped", (t) => {
  const s = settled({ recipients: ["u@b"], envelope: { sender: "", received: NOW - 10 * HOUR } }, failed(node("u@b")));
  t.true(s.completed);
  t.is(s.lines.at(-1), "u@b: error ignored");
});

test("a bounce that is given up ends in silence", (t) => {
  const given = context(["u@b"], { envelope: { sender: "" } });
  const s = settle({ ...given, options: { ...given.options, giveUp: "no", cancelled: true } }, [failed(node("u@b"))], settings);
  t.true(s.completed);
  t.deepEqual(s.lines, []);
});

test("a bounce whose retry time is over has had its time: it is dropped, not frozen", (t) => {
  const s = settled({ recipients: ["u@b"], envelope: { sender: "" } }, { ...failed(node("u@b")), timedOut: true } as Verdict);
  t.true(s.completed);
  t.is(s.lines.at(-1), "u@b: error ignored");
});

test("errors_to the null address: nobody is told", (t) => {
  const s = settled({ recipients: ["u@b"] }, failed(node("u@b", { errorsTo: "" })));
  t.true(s.completed);
  t.deepEqual(s.bounces, []);
});

test("the last verdict counts: deferred, then given up", (t) => {
  const s = settled({ recipients: ["u@b"] }, deferred(node("u@b")), failed(node("u@b")));
  t.true(s.completed);
  t.is(s.bounces.length, 1);
});

test("a deferral that freezes", (t) => {
  const s = settled({ recipients: ["u@b"] }, deferred(node("u@b"), { freeze: true }));
  t.is(s.freeze, "");
  t.is(s.lines.at(-1), "Frozen");
});

test("not tried: what was known of the address stays known", (t) => {
  const known = { message: "Connection refused", failed: NOW - HOUR, host: "mx.b" };
  const s = settled(
    { recipients: ["u@b"], state: { waiting: new Map([["u@b", known]]) } },
    deferred(node("u@b"), { errno: -52, message: "retry time not reached" }),
  );
  t.deepEqual(s.progress, [{ kind: "attempted", at: NOW, waiting: [["u@b", { ...known, nextTry: NOW + HOUR }]] }]);
});

test("disable_logging: no line, all else as ever", (t) => {
  const s = settled({ recipients: ["u@b"] }, delivered(node("u@b", { quiet: true })));
  t.deepEqual(s.lines, []);
  t.true(s.completed);
});
