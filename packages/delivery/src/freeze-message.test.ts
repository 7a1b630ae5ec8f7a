import test from "ava";
import { freezeMessage } from "./reports.ts";
import type { ReportServices } from "./reports.ts";
import { context, node } from "./testing/cases.ts";
import type { Verdict } from "./types.ts";

type Deferred = Extract<Verdict, { kind: "deferred" }>;

const services = {
  settings: { dsnFrom: undefined, primaryHostname: "mx.ex", errorsReplyTo: undefined },
  scope: undefined,
  boundary: () => "b",
} as unknown as ReportServices;

function deferred(display: string, message: string, parent?: string): Deferred {
  const address = node(display, parent === undefined ? {} : { parent: node(parent) });
  return {
    kind: "deferred",
    address,
    transport: "",
    fact: { kind: "deferred", message, scope: "recipient", errno: -1 },
    nextTry: undefined,
  };
}

const cases: readonly [string, string, string][] = [
  ["", "", "has been frozen.\n"],
  ["of the system filter", "by the system filter: one\\ntwo", "has been frozen by the system filter.\none \ntwo.\n"],
  ["of a bounce", "(delivery error message)", "has been frozen (delivery error message).\n"],
];
for (const [title, why, text] of cases) {
  test(`the reason ${title}`, async (t) => {
    const made = await freezeMessage({ to: "a@b, c@d", why, waiting: [] }, context(["x@y"]), services);
    t.deepEqual(made.recipients, ["a@b", "c@d"]);
    t.true(made.text.includes(text), made.text);
  });
}

test("who waits, the last one first, with what it came from", async (t) => {
  const waiting = [deferred("one@y", "why one"), deferred("two@y", "why two", "list@y"), deferred("three@y", "")];
  const { text } = await freezeMessage({ to: "a@b", why: "", waiting }, context(["x@y"]), services);
  t.true(text.endsWith("have yet to be delivered:\n  three@y\n  two@y <list@y>: why two\n  one@y: why one\n"), text);
  t.regex(text, /^Auto-Submitted: auto-replied\nFrom: Mail Delivery System <Mailer-Daemon@mx\.ex>\nTo: a@b\n/);
});
