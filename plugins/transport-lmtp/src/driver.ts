/** The lmtp transport: LMTP to a local socket or program, one reply for each recipient. Manual §"The lmtp transport". */
import { defineTransport, type Diagnostic, type LocalJob, type RecipientFact, type TransportReport } from "@mailkit/sdk";
import type { ClientFailure, RecipientResult } from "@mailkit/smtp-core";
import { openChannel } from "./channel.ts";
import { converse, type Conversed } from "./converse.ts";
import { options } from "./options.ts";
import { defer, planDelivery, type Order } from "./plan.ts";

export const driver = defineTransport({
  name: "lmtp",
  where: "local",
  options,
  needs: ["expand", "scope", "setting"],
  check: (values, instance): readonly Diagnostic[] => {
    if ((values.command === undefined) !== (values.socket === undefined)) return [];
    const message = `only one of "command" and "socket" must be set for the ${instance.name} transport`;
    return [{ code: "MK0891", severity: "error", message, at: instance.at, hint: "set command or socket" }];
  },
  batchMax: (values) => Math.max(1, values.batch_max),
  prepare: async (job, values, host) => {
    const planned = await planDelivery({ job, options: values, host });
    if (planned.ok) return { kind: "order", order: planned.value };
    return { kind: "report", report: { facts: job.recipients.map(() => planned.fact) } };
  },
  perform: (order: Order, job: LocalJob): Promise<TransportReport> => perform(order, job),
});

async function perform(order: Order, job: LocalJob): Promise<TransportReport> {
  const opened = await openChannel(order, job.cwd ?? "/");
  if (!opened.ok) return { facts: job.recipients.map(() => defer(opened.message, -1).fact) };
  return { facts: tell(await converse(order, job, opened.channel), job) };
}

function tell(conversed: Conversed, job: LocalJob): readonly RecipientFact[] {
  if (conversed.kind === "lost") return job.recipients.map(() => failureFact(conversed.failure));
  const { recipients, failure } = conversed.result;
  return recipients.map((result): RecipientFact => {
    switch (result.kind) {
      case "delivered":
        return { kind: "delivered", confirmation: result.reply.text };
      case "refused":
        return refusedFact(result);
      case "undone":
        return failure === undefined ? defer("the server took no recipient", 0).fact : failureFact(failure);
      default:
        return result satisfies never;
    }
  });
}

function refusedFact({ after, reply }: Pick<Extract<RecipientResult, { kind: "refused" }>, "after" | "reply">): RecipientFact {
  const message = `LMTP error after ${after}: ${reply.text}`;
  const smtp = { command: after, reply: reply.text };
  return reply.code >= 500 ? { kind: "failed", message, smtp } : { kind: "deferred", message, smtp, errno: 0, scope: "recipient" };
}

function failureFact(failure: ClientFailure): RecipientFact {
  switch (failure.kind) {
    case "refused":
      return refusedFact(failure);
    case "closed":
    case "io":
      return defer(`LMTP connection closed after ${failure.after}`, -1).fact;
    case "timeout":
      return defer(`LMTP timeout after ${failure.after}`, 110).fact;
    case "malformed":
      return defer(`Malformed LMTP reply after ${failure.after}: ${failure.text === "" ? "(empty line)" : failure.text}`, -19).fact;
    case "unsupported":
      return { kind: "failed", message: failure.message };
    case "tlsRequired":
    case "tlsFailed":
    case "authRequired":
      return defer(failure.message, -1).fact;
    default:
      return failure satisfies never;
  }
}
