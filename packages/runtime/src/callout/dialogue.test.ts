import test from "ava";
import type { CalloutAnswer, CalloutSession } from "@mailkit/sdk";
import { converse } from "./dialogue.ts";
import type { Questions } from "./dialogue.ts";

const HOST = { name: "mx.test", address: "192.0.2.1", fromMx: false };
const refusal = (at: "MAIL" | "RCPT", code: number, open = true): CalloutAnswer => ({
  kind: "refused",
  at,
  open,
  fault: { message: `${code}`, refusal: { command: at, code, text: `${code} no` } },
});
const YES: CalloutAnswer = { kind: "accepted" };

function session(answers: readonly CalloutAnswer[]): { asked: string[]; session: CalloutSession } {
  const left = [...answers];
  const asked: string[] = [];
  return {
    asked,
    session: {
      host: HOST,
      probe: async ({ sender, recipient, same }) => {
        asked.push(same === true ? recipient : `<${sender}> ${recipient}`);
        return left.shift() as CalloutAnswer;
      },
    },
  };
}

const base: Questions = { sender: "", address: "a@d", domain: "d", random: undefined, postmaster: undefined };
const full = { sender: "p@q", full: true };

const cases: [string, Partial<Questions>, CalloutAnswer[], string[], string, Record<string, unknown>][] = [
  ["accepted", {}, [YES], ["<> a@d"], "accept", { result: "accept" }],
  ["refused", {}, [refusal("RCPT", 550)], ["<> a@d"], "reject recipient", { result: "accept" }],
  ["put off", {}, [refusal("RCPT", 450)], ["<> a@d"], "unclear", { result: "accept" }],
  ["MAIL refused", {}, [refusal("MAIL", 550)], ["<> a@d"], "reject mail", { result: "rejectNull" }],
  ["MAIL of another refused", { sender: "s@x" }, [refusal("MAIL", 550)], ["<s@x> a@d"], "reject mail", { result: "accept" }],
  ["takes anything", { random: "r@d", postmaster: full }, [YES], ["<> r@d"], "accept", { result: "accept", random: "accept", randomAt: 9 }],
  [
    "random refused, address taken",
    { random: "r@d" },
    [refusal("RCPT", 550), YES],
    ["<> r@d", "<> a@d"],
    "accept",
    { result: "accept", random: "reject", randomAt: 9 },
  ],
  [
    "hangs up after the random one",
    { random: "r@d" },
    [refusal("RCPT", 550, false)],
    ["<> r@d"],
    "again",
    { result: "accept", random: "reject", randomAt: 9 },
  ],
  [
    "postmaster with and without domain",
    { postmaster: full },
    [YES, refusal("RCPT", 550), YES],
    ["<> a@d", "<p@q> postmaster@d", "postmaster"],
    "accept",
    { result: "accept", postmaster: "accept", postmasterAt: 9 },
  ],
  [
    "no postmaster",
    { postmaster: { sender: "", full: false } },
    [YES, refusal("RCPT", 550)],
    ["<> a@d", "<> postmaster@d"],
    "reject postmaster",
    { result: "accept", postmaster: "reject", postmasterAt: 9 },
  ],
];

for (const [why, questions, answers, asked, end, domain] of cases)
  test(why, async (t) => {
    const made = session(answers);
    const { findings, domain: learnt } = await converse(made.session, { ...base, ...questions }, 9);
    t.deepEqual(made.asked, asked);
    t.is(findings.kind === "reject" ? `reject ${findings.stage}` : findings.kind, end);
    t.deepEqual(learnt as Record<string, unknown>, domain);
  });
