/** The appendfile transport: prepare in the worker, perform under the recipient's uid. Manual §"The appendfile transport". */
import { chain, defineTransport, type Diagnostic, type LocalJob, type NewLocalMessage, type TransportReport } from "@mailkit/sdk";
import { checkOptions } from "./check.ts";
import { newDirectorySync, newSerial } from "./io.ts";
import { newKernelLocks } from "./kernel-lock.ts";
import { appendToMailbox } from "./mailbox.ts";
import { deliverToMaildir } from "./maildir.ts";
import { deliverToNewFile } from "./new-file.ts";
import { options } from "./options.ts";
import type { Order, Step } from "./order.ts";
import { planDelivery } from "./plan.ts";
import { newNamer } from "./unique-names.ts";

/** What all deliveries of one process share; names and locks are the process's own. */
const tools = {
  directories: newDirectorySync(),
  inLine: newSerial(),
  locks: newKernelLocks(),
  nextName: newNamer(process.pid),
};

export const driver = defineTransport({
  name: "appendfile",
  where: "local",
  options,
  needs: ["expand", "scope", "setting"],
  check: (values, instance): readonly Diagnostic[] => checkOptions(values, instance),
  batchMax: (values) => Math.max(1, values.batch_max),
  prepare: async (job, values, host) => {
    const planned = await planDelivery({ job, options: values, host });
    if (planned.ok) return { kind: "order", order: planned.value };
    return { kind: "report", report: { facts: job.recipients.map(() => planned.fault) } };
  },
  perform: (order: Order, job: LocalJob): Promise<TransportReport> => perform(order, job),
  mailbox: (host, values) => {
    const template = values.file ?? values.directory;
    if (template === undefined || (values.file === undefined && !values.maildir_format)) return undefined;
    return chain(host.expand(template), (found) =>
      found.kind === "value" && !found.tainted && found.text.startsWith("/")
        ? { kind: values.maildir_format ? ("maildir" as const) : ("mbox" as const), path: found.text.replace(/(?<=.)\/+$/, "") }
        : undefined,
    );
  },
});

async function perform(order: Order, job: LocalJob): Promise<TransportReport> {
  const result = await write(order, job);
  if (!result.ok) return { facts: job.recipients.map(() => result.fault) };
  const { warning, passTo } = result.value;
  return {
    facts: job.recipients.map(() => ({ kind: "delivered" })),
    ...(warning === undefined ? {} : { submit: [warning] }),
    ...(passTo === undefined ? {} : { passTo }),
  };
}

async function write(order: Order, job: LocalJob): Promise<Step<{ warning?: NewLocalMessage; passTo?: string }>> {
  if (order.kind === "nothing") return { ok: true, value: {} };
  if (order.kind === "file") {
    const appended = await appendToMailbox(order, job, tools);
    if (!appended.ok) return appended;
    if (appended.value.kind === "pass") return { ok: true, value: { passTo: appended.value.transport } };
    return { ok: true, value: appended.value.warning === undefined ? {} : { warning: appended.value.warning } };
  }
  const delivered = await (order.kind === "maildir" ? deliverToMaildir(order, job, tools) : deliverToNewFile(order, job, tools));
  if (!delivered.ok) return delivered;
  return { ok: true, value: delivered.value === undefined ? {} : { warning: delivered.value } };
}
