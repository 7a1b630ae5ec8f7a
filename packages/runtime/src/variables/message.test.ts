import test from "ava";
import { newMessageFacts } from "@mailkit/sdk";
import { messageHeader, messageVariables } from "./message.ts";

const lines = [
  "To: one@x,\n  two@x  \n",
  "To: \n",
  "To: three@x\n",
  "X-A: first: val\n",
  "X-A:\n",
  "X-A:   second\n   folded  \n",
  "Reply-To: r@r\n",
  "Reply-To: s@s\n",
  "From: a@b\n",
];
const message = newMessageFacts({ headers: lines.map((text) => ({ type: " ", text })) });
const header = messageHeader(message);

// As seen on Exim 4.96 with -bem.
const rows: [form: "h" | "rh" | "lh", name: string, expected: string | undefined][] = [
  ["h", "to", "one@x,\n  two@x,\nthree@x"],
  ["rh", "To", " one@x,\n  two@x  \n \n three@x\n"],
  ["lh", "to", " one@x,\n  two@x  : : three@x"],
  ["h", "x-a", "first: val\nsecond\n   folded"],
  ["lh", "x-a", " first:: val::   second\n   folded  "],
  ["h", "none", undefined],
];
for (const [form, name, expected] of rows) test(`$${form}_${name}:`, (t) => t.is(header(form, name)?.text, expected));

const variables = messageVariables(message, { now: () => 0, body: (text: string) => text, decode: (text) => text, queueRunning: true });

test("the reply address stands on one line", (t) => {
  t.deepEqual(variables("reply_address"), { text: "r@r  s@s", tainted: true });
});

test("conditions of delivery have names that no configuration can write", (t) => {
  t.like(variables("condition queue_running"), { text: "1" });
  t.like(variables("condition first_delivery"), { text: "" });
});
