/** Delivery lines to the mainlog and to the message's own log, as soon as it is known how an address ended. */
import type { DeliveryDeps } from "./deps.ts";
import { verdictLine } from "./log-lines.ts";
import type { DeliveryContext, Verdict } from "./types.ts";

export function logVerdicts(verdicts: readonly Verdict[], context: DeliveryContext, deps: Pick<DeliveryDeps, "log">): void {
  for (const verdict of verdicts) {
    if (verdict.kind === "same" || verdict.address.quiet === true) continue;
    const line = verdictLine(verdict, context, deps.log.format);
    if (verdict.kind !== "deferred" || verdict.panic !== true) writeLine(context, line, deps);
    else {
      deps.log.panic(context.envelope.id, line);
      deps.log.message(context.envelope.id, line);
    }
  }
}

export function writeLine({ envelope }: DeliveryContext, line: string, { log }: Pick<DeliveryDeps, "log">): void {
  log.main(envelope.id, line);
  log.message(envelope.id, line);
}
