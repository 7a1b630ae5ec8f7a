import test from "ava";
import { BYPASSED, verdictLine } from "./log-lines.ts";
import { reasonForSender } from "./reasons.ts";
import { context, node, routed } from "./testing/cases.ts";

test("a delivery that needs no transport has no return path in the log", (t) => {
  const address = routed("/dev/null", { transport: BYPASSED, parent: node("x@y"), special: "file" });
  const format = {
    on: (name: string) => name === "return_path_on_delivery",
    isLocal: () => true,
    includesAffixes: () => false,
  } as unknown as Parameters<typeof verdictLine>[2];
  const line = verdictLine({ kind: "delivered", address, fact: { kind: "delivered" }, first: true }, context(["x@y"]), format);
  t.true(line.endsWith("R=r T=**bypassed**"), line);
});

test("the sender does not hear of mistakes in somebody's filter", (t) => {
  const fact = { kind: "deferred" as const, message: "error in filter file", scope: "recipient" as const };
  const verdict = { kind: "deferred" as const, address: node("x@y"), transport: "", nextTry: undefined };
  t.is(reasonForSender({ ...verdict, fact: { ...fact, errno: -17 } }), undefined);
  t.is(reasonForSender({ ...verdict, fact: { ...fact, errno: -1 } }), "error in filter file");
});

test("nor of a pipe that is forbidden", (t) => {
  const fact = { kind: "failed" as const, message: "delivery to pipe forbidden" };
  const verdict = { kind: "failed" as const, address: node("|/bin/x", { special: "pipe" }), transport: "", fact };
  t.is(reasonForSender(verdict), undefined);
  t.is(reasonForSender({ ...verdict, address: node("x@y") }), "delivery to pipe forbidden");
});
