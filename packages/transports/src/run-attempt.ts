/**
 * One attempt: a planned group of recipients and a transport instance become facts, one for each recipient. Evaluates
 * the generic options, makes the outgoing copy, calls the driver, runs the shadow. Never throws for policy; what a driver
 * throws is a bug and is reported as a deferral. Log lines and judgement are delivery's.
 */
import type { TransportInstance } from "@mailkit/config";
import type { RecipientFact, Scope, TransportJob, TransportReport } from "@mailkit/sdk";
import { filterCommand, runFilter } from "./filter.ts";
import { findCwd, findHome, findIdentity } from "./identity.ts";
import { performLocally } from "./local.ts";
import { checkSize, findReturnPath, makeOutgoing, toRecipient } from "./outgoing.ts";
import { attemptScope, type AttemptVariables } from "./scope.ts";
import { makeServices } from "./services.ts";
import { runShadow } from "./shadow.ts";
import { defer, done, type Step } from "./step.ts";
import type { AttemptRequest, GenericValues } from "./types.ts";

export interface Prepared {
  readonly request: AttemptRequest;
  readonly instance: TransportInstance;
  readonly generic: GenericValues;
  readonly scope: Scope;
  readonly job: TransportJob;
}

/** How deep `file_format` may hand a delivery on. */
const MOST_PASSES = 5;

export async function runAttempt(request: AttemptRequest): Promise<TransportReport> {
  const parallel = await takeTurn(request);
  if (!parallel.ok) return forAll(request, parallel.fact);
  try {
    const report = await attempt(request, MOST_PASSES);
    const shadowed = await runShadow(request, report, (copy) => attempt(copy, 0));
    return await submitAll(request, shadowed);
  } catch (error) {
    return forAll(request, bugFact(request, error));
  } finally {
    parallel.value();
  }
}

async function attempt(request: AttemptRequest, passes: number): Promise<TransportReport> {
  const prepared = await prepare(request);
  if (!prepared.ok) return { ...forAll(request, prepared.fact), ...panicOf(prepared.fact) };
  printDebug(prepared.value);
  const { driver } = request.instance;
  const report = driver.where === "local" ? await performLocally(prepared.value) : await deliverRemotely(prepared.value);
  if (report.passTo === undefined) return withAuthor(report, prepared.value);
  return passOn(request, report.passTo, passes);
}

/** Who and where a delivery runs as could not be found out: somebody has to mend the configuration. */
function panicOf(fact: RecipientFact): Pick<TransportReport, "panic"> {
  const faulty = fact.kind === "deferred" && (fact.errno === EXPANSION || fact.errno === USER);
  return faulty ? { panic: [fact.message] } : {};
}

/** Exim's numbers: "expansion failed", "user or group". */
const EXPANSION = -27;
const USER = -29;

/** Messages that a local delivery wrote come from its user. */
function withAuthor(report: TransportReport, { job }: Prepared): TransportReport {
  const { identity } = job;
  if (report.submit === undefined || identity === undefined) return report;
  return { ...report, submit: report.submit.map((message) => ({ ...message, identity })) };
}

async function prepare(request: AttemptRequest): Promise<Step<Prepared>> {
  const generic = request.instance.generic as GenericValues;
  const variables: AttemptVariables = { home: request.router.home, returnPath: request.returnPath };
  const scope = attemptScope(request, variables);
  const size = await checkSize(request, generic, scope);
  if (!size.ok) return size;
  const returnPath = await findReturnPath(request, generic, scope);
  if (!returnPath.ok) return returnPath;
  variables.returnPath = returnPath.value;
  const local = request.instance.driver.where === "local";
  const identity = local ? await findIdentity(request, generic, scope) : done(undefined);
  if (!identity.ok) return identity;
  const home = await findHome(request, generic, scope);
  if (!home.ok) return home;
  variables.home = home.value;
  const cwd = local ? await findCwd(request, generic, { scope, home: home.value }) : done("/");
  if (!cwd.ok) return cwd;
  const message = await makeOutgoing(request, generic, { scope, returnPath: returnPath.value });
  if (!message.ok) return message;
  const job: TransportJob = {
    message: message.value,
    recipients: request.recipients.map((recipient) => toRecipient(recipient, generic.rcpt_include_affixes)),
    hosts: request.hosts,
    ...(request.router.fallbackHosts === undefined ? {} : { fallbackHosts: request.router.fallbackHosts }),
    ...(request.generated === undefined ? {} : { generated: request.generated }),
    ...(identity.value === undefined ? {} : { identity: identity.value }),
    ...(home.value === undefined ? {} : { home: home.value }),
    cwd: cwd.value,
    now: request.now,
    ...(request.message.envelope.dontDeliver === true ? { dontDeliver: true } : {}),
    transport: request.instance.name,
    router: request.router.name,
  };
  return done({ request, instance: request.instance, generic, scope, job });
}

async function deliverRemotely(prepared: Prepared): Promise<TransportReport> {
  const { instance, job, request } = prepared;
  if (instance.driver.where !== "remote") return forAll(request, defer("not a remote transport", -1).fact);
  const filter = prepared.generic.transport_filter;
  if (filter === undefined) return instance.driver.deliver(job, instance.options as never, makeServices(prepared));
  const argv = await filterCommand(filter, { scope: prepared.scope, transport: instance.name, recipients: job.recipients });
  if (!argv.ok) return forAll(request, argv.fact);
  if (argv.value === undefined) return instance.driver.deliver(job, instance.options as never, makeServices(prepared));
  const timeout = prepared.generic.transport_filter_timeout;
  const filtered = await runFilter(job.message, { argv: argv.value, timeout, target: "", timeoutFails: false });
  if (!filtered.ok) return forAll(request, filtered.fact);
  try {
    return await instance.driver.deliver({ ...job, message: filtered.value.message }, instance.options as never, makeServices(prepared));
  } finally {
    filtered.value.dispose();
  }
}

/** `file_format`: the mailbox belongs to another transport (manual §"file_format"). */
async function passOn(request: AttemptRequest, name: string, passes: number): Promise<TransportReport> {
  const instance = request.ports.instance(name);
  if (instance === undefined || passes === 0) {
    return forAll(request, defer(`${name} transport (for ${name} format) not found`, -30).fact);
  }
  return attempt({ ...request, instance }, passes - 1);
}

/** `max_parallel` (manual §"max_parallel"): the end of the turn, or the fact that the limit is reached. */
async function takeTurn(request: AttemptRequest): Promise<Step<() => void>> {
  const { instance, ports, scope } = request;
  const template = (instance.generic as GenericValues).max_parallel;
  if (template === undefined) return done(() => {});
  const result = await template.evaluate(scope);
  const limit = result.kind === "value" && /^\s*\d+\s*$/.test(result.text) ? Number(result.text) : undefined;
  if (limit === undefined) {
    const why = result.kind === "value" ? `integer expected but "${result.text}" found` : result.message;
    return defer(
      `Failed to expand max_parallel option in ${instance.name} transport (${request.recipients[0]?.address ?? ""}): ${why}`,
      -1,
    );
  }
  const running = ports.running.get(instance.name) ?? 0;
  if (limit > 0 && running >= limit) {
    return { ok: false, fact: { kind: "deferred", message: "concurrency limit reached for transport", errno: -57, scope: "none" } };
  }
  ports.running.set(instance.name, running + 1);
  return done(() => {
    const now = ports.running.get(instance.name) ?? 1;
    if (now <= 1) ports.running.delete(instance.name);
    else ports.running.set(instance.name, now - 1);
  });
}

/** Hands over what a local transport wrote. An autoreply that the queue does not take is a delivery that failed for now. */
async function submitAll(request: AttemptRequest, report: TransportReport): Promise<TransportReport> {
  const { submit, ...rest } = report;
  if (submit === undefined) return report;
  for (const message of submit) {
    if (message.recipients.length === 0) continue;
    try {
      await request.ports.submit(message, request.message.envelope.id);
    } catch (error) {
      if (request.instance.driver.name === "autoreply") {
        return forAll(request, {
          kind: "deferred",
          message: `Failed to send message from ${request.instance.name} transport (1)`,
          errno: 0,
          scope: "recipient",
        });
      }
      return {
        ...rest,
        log: [...(rest.log ?? []), `failed to send a warning from ${request.instance.name} transport: ${(error as Error).message}`],
      };
    }
  }
  return rest;
}

function printDebug({ generic, scope, instance }: Prepared): void {
  const trace = scope.services.trace;
  const template = generic.debug_print;
  if (template === undefined || !trace.on) return;
  const emit = (text: string): void => trace.emit({ kind: "note", area: `transport ${instance.name}`, text });
  void Promise.resolve(template.evaluate(scope)).then((result) => emit(result.kind === "value" ? result.text : result.message));
}

export function forAll(request: AttemptRequest, fact: RecipientFact): TransportReport {
  return { facts: request.recipients.map(() => fact) };
}

function bugFact(request: AttemptRequest, error: unknown): RecipientFact {
  const text = error instanceof Error ? error.message : String(error);
  return { kind: "deferred", message: `${request.instance.name} transport broke: ${text}`, errno: -1, scope: "none" };
}
