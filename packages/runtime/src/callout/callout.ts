/** Callouts: the cache first, then the hosts, then the cache again. Manual §"Callout verification". */
import type { CalloutRequest, CalloutTalk, HintsStore, HostTarget, Scope, VerifyRequest } from "@mailkit/sdk";
import type { RouteAccepted } from "@mailkit/routers";
import { runCallout } from "@mailkit/transports";
import type { Engine } from "../engine.ts";
import { addressKey, consult, learned, liveDomain } from "./cache.ts";
import type { AddressRecord, CacheTimes, DomainRecord } from "./cache.ts";
import { converse, isPermanent } from "./dialogue.ts";
import type { Findings, Questions } from "./dialogue.ts";
import { refused, refusedBefore, unclear } from "./texts.ts";
import type { Failed } from "./texts.ts";

/** Undefined: nothing against the address. "random": the host takes any local part. */
export type CalloutVerdict = Failed | "random" | undefined;

export type Callout = (request: VerifyRequest, accepted: RouteAccepted, scope: Scope) => Promise<CalloutVerdict>;

export function makeCallout(engine: () => Engine): Callout {
  return (request, accepted, scope) => callOut({ engine: engine(), request, accepted, scope, wish: request.callout as CalloutRequest });
}

interface Course {
  readonly engine: Engine;
  readonly request: VerifyRequest;
  readonly accepted: RouteAccepted;
  readonly scope: Scope;
  readonly wish: CalloutRequest;
}

async function callOut(course: Course): Promise<CalloutVerdict> {
  const { engine, accepted, wish, request } = course;
  const address = `${accepted.originalLocalPart}@${accepted.domain}`;
  const sender = senderOf(course);
  const { now } = engine.services.clock;
  const times = timesOf(engine);
  const hints: HintsStore | undefined = wish.noCache ? undefined : engine.hints;
  const key = addressKey(address, sender);
  const stored = hints?.get<DomainRecord>("callout", accepted.domain);
  const consulted = consult(
    { sender, random: wish.random, postmaster: wish.postmaster },
    { domain: stored, address: hints?.get<AddressRecord>("callout", key), now: now(), times },
  );
  if (consulted.kind === "reject") return refusedBefore({ kind: request.kind, address: request.address, stage: consulted.stage });
  if (consulted.kind === "accept") return consulted.by === "random" ? "random" : undefined;
  const questions: Questions = {
    sender,
    address,
    domain: accepted.domain,
    random: consulted.random ? `${await randomLocalPart(course)}@${accepted.domain}` : undefined,
    postmaster: consulted.postmaster ? { sender: wish.postmasterMailFrom, full: wish.fullPostmaster } : undefined,
  };
  const heard = await ask(course, questions);
  if (heard === "cannot") return undefined;
  if (hints !== undefined) remember(hints, heard, { domain: accepted.domain, key, before: liveDomain(stored, now(), times) });
  return verdictOf(heard, course);
}

/** "<>" unless the configuration says otherwise (manual: use_sender, use_postmaster, mailfrom). */
function senderOf({ request, wish, engine }: Course): string {
  if (wish.useSender) return request.message.sender ?? "";
  if (wish.usePostmaster) return `postmaster@${engine.setting("qualify_domain") ?? ""}`;
  return wish.mailFrom;
}

function timesOf({ config: { main } }: Engine): CacheTimes {
  return {
    positive: main.number("callout_positive_expire"),
    negative: main.number("callout_negative_expire"),
    domainPositive: main.number("callout_domain_positive_expire"),
    domainNegative: main.number("callout_domain_negative_expire"),
  };
}

async function randomLocalPart({ engine, scope }: Course): Promise<string> {
  const template = engine.config.main.template("callout_random_local_part");
  const written = template ?? engine.services.strings.compile("$primary_hostname-$tod_epoch-testing");
  const result = await written.evaluate(scope);
  return result.kind === "value" ? result.text : "testing";
}

/** What the hosts said; the last fault stands for all of them when none had an answer. */
interface Heard {
  findings: Findings;
  host: HostTarget | undefined;
  domain: Partial<DomainRecord>;
  address: "accept" | "reject" | undefined;
}

async function ask(course: Course, questions: Questions): Promise<Heard | "cannot"> {
  const { engine, accepted, request, scope } = course;
  const instance = accepted.transport === undefined ? engine.plainSmtp() : engine.config.transports.get(accepted.transport);
  if (instance === undefined) return "cannot";
  const heard: Heard = { findings: { kind: "unclear", fault: { message: "" } }, host: undefined, domain: {}, address: undefined };
  const recipient = { address: questions.address, facts: accepted.facts, original: request.address };
  const called = await runCallout(
    {
      instance,
      recipient,
      hosts: accepted.hosts,
      router: accepted.router,
      sender: questions.sender,
      scope,
      now: engine.services.clock.now(),
      ports: { hosts: engine.hosts, setting: engine.setting, authenticators: engine.clientAuth },
    },
    (address) => talkOf(course, { ...questions, address }, heard),
  );
  return called ? heard : "cannot";
}

function talkOf({ engine, request, wish }: Course, questions: Questions, heard: Heard): CalloutTalk {
  const { now } = engine.services.clock;
  const until = now() + wish.maxWait;
  const { authenticatedSender } = request.message;
  let { random } = questions;
  return {
    timeout: wish.timeout,
    connectTimeout: wish.connectTimeout,
    goOn: () => now() < until,
    ...(authenticatedSender === "" ? {} : { authenticatedSender }),
    ask: async (session) => {
      const dialogue = await converse(session, { ...questions, random }, now());
      Object.assign(heard, { ...dialogue, host: session.host, domain: { ...heard.domain, ...dialogue.domain } });
      if (dialogue.findings.kind === "again") random = undefined;
      return dialogue.findings.kind === "again" ? "again" : dialogue.findings.kind === "unclear" ? "next" : "done";
    },
    failed: (host, fault) => {
      const permanent = isPermanent(fault);
      heard.host = host;
      heard.findings = permanent ? { kind: "reject", stage: "mail", fault } : { kind: "unclear", fault };
      if (permanent) heard.domain = { ...heard.domain, result: "reject" };
      return permanent;
    },
    noHosts: (message) => {
      heard.findings = { kind: "unclear", fault: { message } };
    },
  };
}

interface Places {
  readonly domain: string;
  readonly key: string;
  readonly before: DomainRecord | undefined;
}

/** Nothing that is unclear is remembered of the address; of the domain, what was clear on the way. */
function remember(hints: HintsStore, heard: Heard, { domain, key, before }: Places): void {
  const record = learned(before, heard.domain);
  if (record !== undefined && Object.keys(heard.domain).length > 0) hints.put("callout", domain, record);
  if (heard.address !== undefined) hints.put<AddressRecord>("callout", key, { result: heard.address });
}

function verdictOf({ findings, host }: Heard, { request }: Course): CalloutVerdict {
  const { kind, address } = request;
  switch (findings.kind) {
    case "accept":
      return findings.by === "random" ? "random" : undefined;
    case "reject":
      return host === undefined ? undefined : refused({ kind, address, stage: findings.stage }, host, findings.fault);
    case "unclear":
      return unclear(
        { kind, address },
        host === undefined ? findings.fault.message : `${host.name} [${host.address}] : ${findings.fault.message}`,
      );
    case "again":
      return unclear({ kind, address }, "");
  }
}
