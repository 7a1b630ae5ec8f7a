/** Local deliveries: order in the worker, I/O in this process or in a helper under the recipient's uid. */
import type { Identity, LocalJob, TransportReport } from "@mailkit/sdk";
import { filterCommand, runFilter, type FilterOrder } from "./filter.ts";
import { forAll, type Prepared } from "./run-attempt.ts";
import { makeServices } from "./services.ts";
import { defer, done, type Step } from "./step.ts";
import type { LocalDriver } from "./helper.ts";

export async function performLocally(prepared: Prepared): Promise<TransportReport> {
  const { instance, request, job } = prepared;
  const driver = instance.driver as unknown as LocalDriver;
  const ready = await driver.prepare(job, instance.options as never, makeServices(prepared));
  if (ready.kind === "report") return ready.report;
  if (job.dontDeliver === true) return forAll(request, { kind: "delivered" });
  const filter = await planFilter(prepared, ready.order);
  if (!filter.ok) return forAll(request, filter.fact);
  const local: LocalJob = {
    message: job.message,
    recipients: job.recipients,
    ...(job.home === undefined ? {} : { home: job.home }),
    ...(job.cwd === undefined ? {} : { cwd: job.cwd }),
    now: job.now,
  };
  const where = placeOf(job.identity, prepared);
  if (!where.ok) return forAll(request, where.fact);
  if (where.value === undefined) return performFiltered(driver, { order: ready.order, job: local, filter: filter.value });
  const pool = request.ports.helpers;
  const task = { driver: driver.name, order: ready.order, job: local, filter: filter.value };
  return pool === undefined ? forAll(request, noHelper(where.value).fact) : pool.perform(where.value, task);
}

/** Undefined = here. Not root means everything runs as the caller, whatever the configuration says. */
function placeOf(identity: Identity | undefined, { request }: Prepared): Step<Identity | undefined> {
  if (identity === undefined || identity.uid === process.getuid?.()) return done(undefined);
  if (request.ports.helpers !== undefined) return done(identity);
  return process.getuid?.() === 0 ? noHelper(identity) : done(undefined);
}

function noHelper(identity: Identity): { readonly ok: false; readonly fact: ReturnType<typeof defer>["fact"] } {
  return defer(`unable to set gid=${identity.gid} or uid=${identity.uid}: no delivery helpers in this process`, -1);
}

async function planFilter(prepared: Prepared, order: unknown): Promise<Step<FilterOrder | undefined>> {
  const { generic, instance, job, scope } = prepared;
  if (generic.transport_filter === undefined) return done(undefined);
  const argv = await filterCommand(generic.transport_filter, { scope, transport: instance.name, recipients: job.recipients });
  if (!argv.ok) return argv;
  if (argv.value === undefined) return done(undefined);
  const isPipe = instance.driver.name === "pipe";
  // An order may say in `path` what it writes to; only texts of faults use it. That of a pipe is $PATH.
  const path = isPipe ? undefined : (order as { path?: unknown }).path;
  return done({
    argv: argv.value,
    timeout: generic.transport_filter_timeout,
    target: typeof path === "string" ? path : "",
    timeoutFails: isPipe && instance.options["timeout_defer"] !== true,
  });
}

/** Filter, if any, then the driver's I/O; in whichever process. */
export async function performFiltered(
  driver: LocalDriver,
  task: { readonly order: unknown; readonly job: LocalJob; readonly filter: FilterOrder | undefined },
): Promise<TransportReport> {
  if (task.filter === undefined) return driver.perform(task.order as never, task.job);
  const filtered = await runFilter(task.job.message, task.filter);
  if (!filtered.ok) return { facts: task.job.recipients.map(() => filtered.fact) };
  try {
    return await driver.perform(task.order as never, { ...task.job, message: filtered.value.message });
  } finally {
    filtered.value.dispose();
  }
}
