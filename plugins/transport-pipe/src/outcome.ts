/** What the end of the command means: manual §"Returned status and data". Pure. */
import { errnoOf, type RecipientFact, type TransportReport, trimSpaceEnd, trimSpaceStart } from "@mailkit/sdk";
import type { LocalJob } from "@mailkit/sdk";
import type { Order } from "./plan.ts";
import { signalText, type Ended } from "./run-command.ts";

export function judge(order: Order, job: LocalJob, ended: Ended): TransportReport {
  const fact = factOf(order, job, ended);
  const output = "output" in ended ? ended.output.toString("latin1") : "";
  const log = output !== "" && isLogged(order, fact) ? [logLine(order, job, output)] : [];
  return { facts: job.recipients.map(() => fact), ...(log.length === 0 ? {} : { log }) };
}

function factOf(order: Order, job: LocalJob, ended: Ended): RecipientFact {
  switch (ended.kind) {
    case "notFound":
      return { kind: "failed", message: `"${order.argv[0] ?? ""}" command not found for ${order.transport} transport` };
    case "noDirectory":
      return deferred(`failed to chdir to ${job.cwd ?? "/"}`, errnoOf(ended.code));
    case "timeout":
      return order.timeoutDefer
        ? deferred("pipe delivery process timed out", 0)
        : { kind: "failed", message: "pipe delivery process timed out" };
    case "notRun":
      return execFailed(order);
    case "exited":
      return exited(order, job, ended.code, ended.output);
    case "signalled": {
      const text = `Child process of ${order.transport} transport (running command "${order.argv.join(" ")}") was terminated by signal ${ended.number} (${signalText(ended.number)})`;
      if (order.freezeSignal) return { ...deferred(text, 0), freeze: true } as RecipientFact;
      if (order.ignoreStatus) return exited(order, job, 0, ended.output);
      return withOutput({ kind: "failed", message: text }, order, job, ended.output);
    }
    default:
      return ended satisfies never;
  }
}

function exited(order: Order, job: LocalJob, status: number, output: Buffer): RecipientFact {
  const code = order.ignoreStatus ? 0 : status;
  if (code === 0) {
    if (!order.returnOutput || output.length === 0 || job.message.sender === "") return { kind: "delivered" };
    // What the program wrote speaks for itself.
    return { kind: "failed", message: "return message generated", userMessage: "", output: output.toString("latin1") };
  }
  const fact = returned(order, code);
  // What return_output would send makes it permanent.
  const permanent = order.returnOutput && output.length > 0;
  return fact.kind === "deferred" && !permanent ? fact : withOutput({ kind: "failed", message: fact.message }, order, job, output);
}

function execFailed(order: Order): RecipientFact {
  if (order.freezeExecFail)
    return { ...deferred(`pipe process failed to exec "${order.argv.join(" ")}"`, 0), freeze: true } as RecipientFact;
  if (order.ignoreStatus) return { kind: "delivered" };
  return returned(order, 127);
}

/** `temp_errors` say what may be tried again. */
function returned(order: Order, code: number): Extract<RecipientFact, { kind: "failed" | "deferred" }> {
  const message = `Child process of ${order.transport} transport returned ${code}${hint(code)} from command: ${order.argv[0] ?? ""}`;
  const temporary = order.tempErrors.includes("*") || order.tempErrors.includes(String(code));
  return temporary ? deferred(message, 0) : { kind: "failed", message };
}

function hint(code: number): string {
  if (code === 127) return " (could mean unable to exec or command does not exist)";
  if (code === 75) return " (could mean temporary error)";
  if (code > 128) return ` (could mean shell command ended by signal ${code - 128} (${signalText(code - 128)}))`;
  return SYSEXITS.get(code) ?? "";
}

const SYSEXITS: ReadonlyMap<number, string> = new Map([
  [64, " (could mean usage or syntax error)"],
  [65, " (could mean error in input data)"],
  [66, " (could mean input data not found)"],
  [67, " (could mean user nonexistent)"],
  [68, " (could mean host name unknown)"],
  [69, " (could mean service unavailable)"],
  [70, " (could mean internal software error)"],
  [71, " (could mean internal operating system error)"],
  [72, " (could mean system file missing)"],
  [73, " (could mean can't create output file)"],
  [74, " (could mean input/output error)"],
  [76, " (could mean protocol error)"],
  [77, " (could mean permission denied)"],
  [78, " (could mean local configuration error)"],
]);

function withOutput(fact: Extract<RecipientFact, { kind: "failed" }>, order: Order, job: LocalJob, output: Buffer): RecipientFact {
  const wanted = (order.returnFailOutput || order.returnOutput) && output.length > 0 && job.message.sender !== "";
  return wanted ? { ...fact, output: output.toString("latin1") } : fact;
}

function deferred(message: string, errno: number): Extract<RecipientFact, { kind: "deferred" }> {
  return { kind: "deferred", message, errno, scope: "recipient" };
}

function isLogged(order: Order, fact: RecipientFact): boolean {
  if (order.logOutput) return true;
  return fact.kind === "failed" ? order.logFailOutput : fact.kind === "deferred" && order.logDeferOutput;
}

/** `<user@dom>: t1 transport output: first line`. */
function logLine(order: Order, job: LocalJob, output: string): string {
  const first = trimSpaceEnd(trimSpaceStart(output).split("\n", 1)[0] as string);
  return `<${job.recipients[0]?.address ?? ""}>: ${order.transport} transport output: ${first}`;
}
