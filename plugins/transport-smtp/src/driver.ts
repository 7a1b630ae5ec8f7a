/**
 * The smtp transport: goes through the hosts until every recipient is delivered or refused for good, or there is no host
 * left to try. Manual §"The smtp transport", §"How the limits for the number of hosts to try are used".
 */
import {
  defineTransport,
  type HostAdmission,
  type HostFact,
  type HostTarget,
  type RecipientFact,
  type TransportReport,
} from "@mailkit/sdk";
import { callOut } from "./callout.ts";
import { chooseFallback, chooseHosts, choosePort } from "./hosts.ts";
import { rulesFor } from "./host-rules.ts";
import { longestLineOver } from "./line-length.ts";
import { options } from "./options.ts";
import { checkOptions } from "./check.ts";
import { newSessionPool } from "./pool.ts";
import { claimHost, releaseHost } from "./serialize.ts";
import { tryHost } from "./try-host.ts";
import type { Plan } from "./plan.ts";

/** Free sessions of this process. Three seconds are enough for the next message of a busy queue, and polite. */
const pool = newSessionPool({ idle: 3000, perKey: 20, total: 200 });

export const driver = defineTransport({
  name: "smtp",
  where: "remote",
  options,
  needs: ["expand", "scope", "setting", "hosts", "files", "random", "admit", "authenticators", "hints", "clock", "trace"],
  check: (values, instance) => checkOptions(values, instance),
  batchMax: (values) => values.max_rcpt,
  deliver: (job, values, host) => deliver({ job, options: values, host }),
  callout: (job, values, host, talk) => callOut({ job, options: values, host }, talk),
  release: (message) => pool.close(message),
});

interface Course {
  readonly plan: Plan;
  /** Some host may be tried some time: not all of them have failed for too long. */
  alive: boolean;
  /** Latest fact for each recipient; undefined = nothing is known yet. */
  readonly facts: (RecipientFact | undefined)[];
  readonly hosts: HostFact[];
  readonly log: string[];
}

async function deliver(plan: Plan): Promise<TransportReport> {
  const { job } = plan;
  const all = (fact: RecipientFact): TransportReport => ({ facts: job.recipients.map(() => fact) });
  if (await longestLineOver(job.message, plan.options.message_linelength_limit)) {
    return all({ kind: "failed", message: "message has lines too long for transport" });
  }
  const hosts = await chooseHosts(plan);
  if (!hosts.ok) return all(hosts.fact);
  const port = await choosePort(plan);
  if (!port.ok) return all(port.fact);
  if (job.dontDeliver === true) return all(bypassed(hosts.value[0], port.value));
  const course: Course = { plan, alive: false, facts: job.recipients.map(() => undefined), hosts: [], log: [] };
  await tryInTurn(course, hosts.value, port.value);
  if (open(course).length > 0) {
    const fallback = await chooseFallback(plan);
    if (!fallback.ok) return all(fallback.fact);
    if (fallback.value.length > 0) await tryInTurn(course, fallback.value, port.value);
  }
  return {
    facts: course.facts.map((fact, i) => fact ?? nothingTried(course, plan.job.recipients[i]?.domain ?? "")),
    hosts: course.hosts,
    ...(course.log.length === 0 ? {} : { log: course.log }),
  };
}

async function tryInTurn(course: Course, hosts: readonly HostTarget[], defaultPort: number): Promise<void> {
  const { options, host } = course.plan;
  let counted = 0;
  let tried = 0;
  for (const [i, target] of hosts.entries()) {
    if (open(course).length === 0) return;
    if (options.hosts_max_try_hardlimit > 0 && tried >= options.hosts_max_try_hardlimit) return;
    // At the limit only the first host of each further MX value is tried, uncounted.
    const limited = options.hosts_max_try > 0 && counted >= options.hosts_max_try;
    const port = target.port ?? defaultPort;
    if (limited && (target.mx === undefined || target.mx === hosts[i - 1]?.mx)) {
      course.hosts.push({ host: target, port, result: "skipped", message: "hosts_max_try is reached" });
      continue;
    }
    const admitted = await host.admit(target, port);
    if (admitted.expired !== true) course.alive = true;
    if (!admitted.ok) {
      course.hosts.push({ host: target, port, result: "skipped", message: admitted.reason });
      continue;
    }
    tried++;
    await tryOne(course, target, port);
    if (!limited && admitted.expired !== true && !(await outlived(course, admitted))) counted++;
  }
}

/** Every host is to be asked before the address is given up, so a host counts for no more once the message is too old. */
async function outlived(course: Course, admitted: HostAdmission): Promise<boolean> {
  const last = course.hosts.at(-1);
  if (!admitted.ok || last?.result !== "deferred") return false;
  return (await admitted.outlived?.(last.retryError ?? "other")) === true;
}

async function tryOne(course: Course, target: HostTarget, port: number): Promise<void> {
  const { plan } = course;
  const indexes = open(course);
  const settle = (fact: RecipientFact): void => indexes.forEach((i) => (course.facts[i] = fact));
  const rules = await rulesFor(plan, target, port);
  if (!rules.ok) return settle(rules.fact);
  if (rules.value.serialize && !claimHost(plan.host, target)) {
    course.hosts.push({ host: target, port, result: "skipped", message: "connection limit reached" });
    return;
  }
  try {
    const recipients = indexes.map((i) => plan.job.recipients[i] as Plan["job"]["recipients"][number]);
    const outcome = await tryHost({ plan, rules: rules.value, recipients, pool, log: course.log });
    indexes.forEach((i, at) => (course.facts[i] = outcome.facts[at] as RecipientFact));
    course.hosts.push(outcome.host);
  } finally {
    if (rules.value.serialize) releaseHost(plan.host, target);
  }
}

/** Recipients that a further host may still take. */
function open({ facts }: Course): number[] {
  return facts.flatMap((fact, i) => (fact === undefined || fact.kind === "deferred" ? [i] : []));
}

/** `-N` */
function bypassed(target: HostTarget | undefined, port: number): RecipientFact {
  const host = target === undefined ? {} : { host: { name: target.name, address: target.address, port: target.port ?? port } };
  return { kind: "delivered", ...host, confirmation: "delivery bypassed by -N option" };
}

/** Every host was passed over. Those that failed for too long fail the address, unless fallback hosts take it. */
function nothingTried({ plan, hosts, alive }: Course, domain: string): RecipientFact {
  if (!alive && hosts.length > 0) {
    const why = plan.options.delay_after_cutoff ? "(and retry time not reached)" : "and were last tried after this message arrived";
    const message = `all hosts for '${domain}' have been failing for a long time ${why}`;
    return { kind: "failed", message, userMessage: message };
  }
  const limit = hosts.length > 0 && hosts.every((fact) => fact.message === "connection limit reached");
  const message = limit ? `connection limit reached for all hosts for '${domain}'` : `retry time not reached for any host for '${domain}'`;
  return { kind: "deferred", message, errno: -54, scope: limit ? "none" : "host" };
}
