/** Reception wired to the engine and a partition: the adapters that `smtpd` asks for. */
import { chain, printable } from "@mailkit/sdk";
import type { BodySource, MessageFacts } from "@mailkit/sdk";
import { zoneOffset } from "@mailkit/message";
import type { NewBody, Partition } from "@mailkit/spool";
import { DEFAULT_LIMITS, hostAndIdent } from "@mailkit/smtpd";
import type { AcceptedMessage, BodySink, SmtpdDeps } from "@mailkit/smtpd";
import { loadavg } from "node:os";
import { makeAclRunner } from "./acls.ts";
import { aclHostFor, verifyHelo } from "./acl-host.ts";
import type { Engine } from "./engine.ts";
import { makeEtrn } from "./etrn.ts";
import type { StartQueueRun } from "./etrn.ts";
import { expandAddress } from "./expn.ts";
import type { MailLogs } from "./logs.ts";
import { makeIdent } from "./ident.ts";
import { roomCheck } from "./room-check.ts";
import { makeTls } from "./tls.ts";

export interface SmtpdParts {
  readonly engine: Engine;
  readonly partition: Partition;
  readonly logs: MailLogs;
  readonly newId: () => string;
  readonly deliver: (id: string, how?: { readonly routeOnly: boolean }) => void;
  readonly runQueue: StartQueueRun;
  readonly held: () => boolean;
  readonly dontDeliver?: boolean;
}

export function smtpdDeps(parts: SmtpdParts): SmtpdDeps {
  const { engine, logs } = parts;
  const { config, services, scopes } = engine;
  const { main } = config;
  const timezone = main.isSet("timezone") ? main.text("timezone") : undefined;
  const aclHost = aclHostFor(() => engine, {
    logs: (selector) => logs.selector.has(selector),
    log: (line, { session, message }) => {
      // A message has its id from the end of its header on.
      const id = message.headers === undefined || message.id === "" ? "" : `${message.id} `;
      const host = line.withHost ? `${hostAndIdent({ session, selector: logs.selector })} ` : "";
      for (const target of line.to) (target === "panic" ? logs.panicOnly : logs[target])(`${id}${host}${oneLine(line.text)}`);
    },
    messageText: (message) => wholeMessage(message),
  });
  return {
    settings: main,
    acl: makeAclRunner({ config, compilers: engine.compilers, scopes, host: () => aclHost }, engine.acls),
    spool: spoolPort(parts),
    log: { main: logs.main, reject: logs.reject, panic: logs.panicOnly },
    logSelector: logs.selector,
    rewrite: {
      hasSmtpRules: engine.rewriter.hasSmtpRules,
      smtp: (argument, scope) => engine.rewriter.smtpTime(argument, scope),
      sender: (address, scope) => engine.rewriter.address(address, "env-from", scope),
      recipient: (address, scope) => engine.rewriter.address(address, "env-to", scope),
      headers: (headers, scope, qualify) => engine.rewriter.headers(headers, scope, qualify),
    },
    auth: engine.serverAuth,
    hosts: {
      lookup: (session) => chain(engine.dns.lookupHost(session), () => undefined),
      verifyHelo: (session) => verifyHelo(engine, session),
      ident: makeIdent(engine),
    },
    addresses: {
      verify: (address, session, message) => engine.verify.verify({ kind: "recipient", address, session, message }),
      expand: (argument, session, message) => expandAddress(engine, argument, session, message),
      etrn: makeEtrn(engine, parts.runQueue),
    },
    tls: makeTls(engine),
    scope: scopes.forSession,
    clock: services.clock,
    random: services.random,
    accounts: services.accounts,
    trace: services.trace,
    deliver: parts.deliver,
    held: parts.held,
    ...(parts.dontDeliver === true ? { dontDeliver: true } : {}),
    mime: undefined,
    load: () => loadavg()[0] ?? 0,
    zone: (milliseconds) => zoneOffset(milliseconds, timezone),
    limits: DEFAULT_LIMITS,
  };
}

function spoolPort({ engine, partition, newId }: SmtpdParts): SmtpdDeps["spool"] {
  return {
    newId,
    shortage: roomCheck(engine),
    openBody: () => bodySink(partition),
    accept: async (message) => void (await partition.accept(toSpool(message, engine.services.clock.now()))),
  };
}

function bodySink(partition: Partition): BodySink {
  const writer = partition.newBody();
  return { write: (octets) => writer.write(octets), finish: () => writer.end(), discard: () => writer.discard() };
}

function toSpool(message: AcceptedMessage, now: number): Parameters<Partition["accept"]>[0] {
  const done = message.nonRecipients ?? [];
  const progress = [
    ...(done.length > 0 ? [{ kind: "done" as const, addresses: done }] : []),
    ...(message.frozen === undefined ? [] : [{ kind: "freeze" as const, at: now, why: message.frozen.why }]),
  ];
  return { envelope: message.envelope, headers: message.headers, body: toBody(message.body), ...(progress.length > 0 ? { progress } : {}) };
}

/** A body that streamed through the spool's writer comes back as the spool's own; one in memory is its octets. */
function toBody(body: BodySource): NewBody | Buffer {
  return body.bytes ?? (body as NewBody);
}

function wholeMessage(message: MessageFacts): string {
  return `${(message.headers ?? []).map((header) => (header.type === "*" ? "" : header.text)).join("")}\n${message.bodyStart}`;
}

/** What an ACL writes is one line, whatever it holds; tabs stay. */
function oneLine(text: string): string {
  return text.split("\t").map(printable).join("\t");
}
