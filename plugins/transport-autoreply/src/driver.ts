/**
 * The autoreply transport: makes a new message instead of delivering the one it gets. The words come in `prepare`, files
 * are read and written in `perform` under the recipient's uid, the queue gets the reply from the runner.
 */
import { appendFileSync, chmodSync, readFileSync } from "node:fs";
import { logDate, zoneOffset } from "@mailkit/message";
import {
  defineTransport,
  errnoOf,
  octetsOf,
  pathOf,
  strerror,
  type LocalJob,
  type RecipientFact,
  type TransportReport,
} from "@mailkit/sdk";
import { composeReply } from "./compose.ts";
import { keyOf, readOnceFile, writeOnceFile } from "./once-file.ts";
import { options } from "./options.ts";
import { deferred, planReply, type Order, type Step } from "./plan.ts";

export const driver = defineTransport({
  name: "autoreply",
  where: "local",
  options,
  needs: ["expand", "scope", "setting", "files"],
  prepare: async (job, values, host) => {
    const planned = await planReply({ job, options: values, host });
    if (!planned.ok) return { kind: "report", report: all(job, planned.fact) };
    // Nobody to write to is no fault: a reply to a bounce, or to somebody in never_mail.
    if (planned.value === undefined) return { kind: "report", report: all(job, { kind: "delivered" }) };
    return { kind: "order", order: planned.value };
  },
  perform: (order: Order, job: LocalJob): Promise<TransportReport> => perform(order, job),
});

function all(job: { readonly recipients: readonly unknown[] }, fact: RecipientFact): TransportReport {
  return { facts: job.recipients.map(() => fact) };
}

async function perform(order: Order, job: LocalJob): Promise<TransportReport> {
  const first = isFirst(order, job);
  if (!first.ok) return all(job, first.fact);
  if (!first.value.send) {
    note(order, job, [`  previously sent to ${order.to}`]);
    return all(job, { kind: "delivered" });
  }
  const file = readBody(order);
  if (!file.ok) return all(job, file.fact);
  const text = await composeReply(order, job, file.value);
  const remembered = first.value.remember();
  if (!remembered.ok) return all(job, remembered.fact);
  note(order, job, order.logLines);
  // Replies come from nobody, like bounces, so that two of them never answer each other.
  return { ...all(job, { kind: "delivered" }), submit: [{ sender: "", recipients: order.recipients, text }] };
}

interface First {
  readonly send: boolean;
  readonly remember: () => Step<void>;
}

/** `once`: has this address had a reply already (manual §"once")? */
function isFirst(order: Order, job: LocalJob): Step<First> {
  const { once } = order;
  if (once === undefined) return { ok: true, value: { send: true, remember: () => ({ ok: true, value: undefined }) } };
  const fault = (error: unknown): ReturnType<typeof deferred> => {
    const errno = errnoOf((error as NodeJS.ErrnoException).code);
    return deferred(`Failed to open DBM file ${once} when sending message from ${order.transport} transport: ${strerror(errno)}`, errno);
  };
  try {
    const known = readOnceFile(once);
    if (known === undefined)
      return deferred(`${once} is not a once file of mailkit (remove it to begin a new one); ${order.transport} transport`, 22);
    const before = known.sent.get(keyOf(order.to));
    const send = before === undefined || (order.onceRepeat > 0 && job.now - before >= order.onceRepeat);
    const remember = (): Step<void> => {
      try {
        writeOnceFile(once, known, { address: order.to, now: job.now, mode: order.mode, limit: order.onceFileSize });
        return { ok: true, value: undefined };
      } catch (error) {
        return fault(error);
      }
    };
    return { ok: true, value: { send, remember } };
  } catch (error) {
    return fault(error);
  }
}

function readBody(order: Order): Step<string> {
  if (order.file === undefined) return { ok: true, value: "" };
  try {
    return { ok: true, value: readFileSync(pathOf(order.file), "latin1") };
  } catch (error) {
    if (order.fileOptional) return { ok: true, value: "" };
    const errno = errnoOf((error as NodeJS.ErrnoException).code);
    return deferred(`Failed to open file ${order.file} when sending message from ${order.transport} transport: ${strerror(errno)}`, errno);
  }
}

/** The log file is for the user's eyes; that it cannot be written stops nothing. */
function note(order: Order, job: LocalJob, lines: readonly string[]): void {
  if (order.log === undefined) return;
  try {
    const text = `${logDate(job.now, zoneOffset(job.now))}\n${lines.map((line) => line + "\n").join("")}`;
    appendFileSync(pathOf(order.log), octetsOf(text), { mode: order.mode });
    if (lines.length > 0) chmodSync(pathOf(order.log), order.mode);
  } catch {
    // As above.
  }
}
