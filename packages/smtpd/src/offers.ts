/** What is offered to this host in the answer to EHLO, and the machine's settings for a session. */
import { chain, isPromise, type HostList, type HostSubject, type Maybe, type Scope, trimSpace } from "@mailkit/sdk";
import type { Extensions, ServerSettings } from "@mailkit/smtp-core";
import type { SmtpdDeps } from "./deps.ts";
import { isProxyFailed, PROXY_FAILED } from "./proxied.ts";
import { scopeOf, type Session, type SessionKind } from "./session-state.ts";

/** Does the peer match a host list option? A list that cannot be decided counts as no. */
export function hostIn(session: Session, option: string): Maybe<boolean> {
  return inList(session.deps, session, option, () => scopeOf(session));
}

function inList(deps: SmtpdDeps, session: Session, option: string, scope: () => Scope): Maybe<boolean> {
  const list = deps.settings.list(option) as HostList | undefined;
  if (list === undefined || trimSpace(list.source) === "" || trimSpace(list.source) === "!*") return false;
  if (list.source === "*") return true;
  return chain(list.match(subject(session), scope()), (result) => result.kind === "yes");
}

/** The peer as host lists see it; its names are looked up when an item asks for them. */
function subject(session: Session): HostSubject {
  const { facts, deps } = session;
  return {
    address: facts.peer?.address,
    names: () => {
      const known = (): ReturnType<HostSubject["names"]> => {
        if (facts.hostNames !== undefined && facts.hostNames.length > 0) return { kind: "names", names: facts.hostNames };
        return facts.hostLookup === "deferred"
          ? { kind: "defer", message: "host lookup did not complete" }
          : { kind: "unknown", message: "no host name found" };
      };
      if (facts.hostNames !== undefined || facts.hostLookup !== "not yet" || facts.peer === undefined) return known();
      return chain(deps.hosts.lookup(facts), known);
    },
  };
}

/** Several options at once, in order; synchronous when no lookup waits. */
function hostInAll<const K extends string>(session: Session, options: readonly K[]): Maybe<Record<K, boolean>> {
  const out = {} as Record<K, boolean>;
  const from = (start: number): Maybe<Record<K, boolean>> => {
    for (let i = start; i < options.length; i++) {
      const option = options[i] as K;
      const result = hostIn(session, option);
      if (isPromise(result)) {
        return result.then((value) => {
          out[option] = value;
          return from(i + 1);
        });
      }
      out[option] = result;
    }
    return out;
  };
  return from(0);
}

const ADVERTISE = [
  "auth_advertise_hosts",
  "chunking_advertise_hosts",
  "dsn_advertise_hosts",
  "limits_advertise_hosts",
  "pipelining_advertise_hosts",
  "pipelining_connect_advertise_hosts",
  "smtputf8_advertise_hosts",
  "tls_advertise_hosts",
] as const;

export function extensionsFor(session: Session): Maybe<Extensions> {
  const { deps, facts } = session;
  return chain(hostInAll(session, ADVERTISE), (yes) => {
    const mechanisms: Maybe<readonly string[]> =
      yes.auth_advertise_hosts && deps.auth !== undefined ? deps.auth.advertised(scopeOf(session)) : [];
    return chain(mechanisms, (auth): Extensions => {
      const { settings } = deps;
      const mailMax = session.machine.settings.messagesMax;
      const rcptMax = settings.number("recipients_max");
      return {
        size: session.sizeLimit,
        ...(yes.limits_advertise_hosts && { limits: { ...(mailMax > 0 && { mailMax }), ...(rcptMax > 0 && { rcptMax }) } }),
        eightBit: settings.flag("accept_8bitmime"),
        dsn: yes.dsn_advertise_hosts,
        etrn: deps.acl.isSet("etrn"),
        vrfy: deps.acl.isSet("vrfy"),
        expn: deps.acl.isSet("expn"),
        pipelining: yes.pipelining_advertise_hosts,
        pipeConnect: yes.pipelining_connect_advertise_hosts && facts.peer !== undefined,
        auth,
        chunking: yes.chunking_advertise_hosts,
        starttls: yes.tls_advertise_hosts && deps.tls !== undefined && facts.tls === undefined && session.kind !== "stdin",
        prdr: settings.flag("prdr_enable"),
        smtputf8: yes.smtputf8_advertise_hosts,
      };
    });
  });
}

const AT_START = [
  "helo_accept_junk_hosts",
  "hosts_require_helo",
  "helo_verify_hosts",
  "sender_unqualified_hosts",
  "recipient_unqualified_hosts",
  "smtp_accept_max_nonmail_hosts",
  "pipelining_advertise_hosts",
  "pipelining_connect_advertise_hosts",
] as const;

/** Settings that are fixed for the session; expanded options become numbers here, once. */
export function settingsFor(session: Session): Maybe<ServerSettings> {
  const { deps } = session;
  const { settings } = deps;
  const local = session.kind === "stdin" || session.kind === "batch";
  return chain(hostInAll(session, AT_START), (yes) =>
    chain(numberOf(session, "message_size_limit", 52_428_800), (sizeLimit) =>
      chain(numberOf(session, "smtp_accept_max_per_connection", 1000), (messagesMax): ServerSettings => {
        session.sizeLimit = sizeLimit;
        return {
          hostname: session.facts.activeHostname,
          helo: {
            allowChars: settings.text("helo_allow_chars") ?? "",
            acceptJunk: yes.helo_accept_junk_hosts,
            utf8Domains: settings.flag("allow_utf8_domains"),
          },
          address: {
            domainLiterals: settings.flag("allow_domain_literals"),
            stripTrailingDot: settings.flag("strip_trailing_dot"),
            utf8Domains: settings.flag("allow_utf8_domains"),
          },
          requireHelo: (yes.hosts_require_helo || yes.helo_verify_hosts) && session.kind !== "batch",
          enforceSync: settings.flag("smtp_enforce_sync") && session.kind === "tcp",
          recipientsMax: settings.number("recipients_max"),
          recipientsMaxReject: settings.flag("recipients_max_reject"),
          messagesMax: local ? 0 : messagesMax,
          nonMailMax: yes.smtp_accept_max_nonmail_hosts ? settings.number("smtp_accept_max_nonmail") : undefined,
          unknownMax: settings.number("smtp_max_unknown_commands"),
          syntaxMax: settings.number("smtp_max_synprot_errors"),
          unqualifiedSender: yes.sender_unqualified_hosts || session.facts.peer === undefined,
          unqualifiedRecipient: yes.recipient_unqualified_hosts || session.facts.peer === undefined,
          sizeLimit,
          smtpRewriting: deps.rewrite.hasSmtpRules,
          help: {
            starttls: deps.tls !== undefined && !local && settings.show("tls_advertise_hosts") !== undefined,
            etrn: deps.acl.isSet("etrn"),
            expn: deps.acl.isSet("expn"),
            vrfy: deps.acl.isSet("vrfy"),
          },
          earlyPipelining: session.kind === "tcp" && yes.pipelining_advertise_hosts && yes.pipelining_connect_advertise_hosts,
          refuseAll: isProxyFailed(session.facts) ? PROXY_FAILED : undefined,
          enhancedCodes: deps.limits.enhancedCodes,
        };
      }),
    ),
  );
}

/** An expanded option as a number with K, M, G; the fallback when it does not expand to one. */
export function numberOf(session: Session, option: string, fallback: number): Maybe<number> {
  return chain(textOption(session, option), (text) => (text === undefined ? fallback : (parseNumber(text) ?? fallback)));
}

export function parseNumber(text: string): number | undefined {
  const match = /^\s*([0-9]+)\s*([KMG]?)\s*$/i.exec(text);
  if (match === null) return undefined;
  const unit = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[(match[2] ?? "").toUpperCase()] ?? 1;
  return Number(match[1]) * unit;
}

/** An expanded option; undefined when it is unset, or its expansion failed (which is logged, unless it was forced). */
export function textOption(session: Session, option: string): Maybe<string | undefined> {
  const template = session.deps.settings.template(option);
  if (template === undefined) return undefined;
  if (template.constant !== undefined) return template.constant;
  return chain(template.evaluate(scopeOf(session)), (result) => {
    if (result.kind === "value") return result.text;
    if (result.kind === "error") {
      const line = `failed to expand ${option}: ${result.message}`;
      session.deps.log.main(line);
      session.deps.log.panic(line);
    }
    return undefined;
  });
}

/** `smtp`, `esmtpsa`, `local-esmtp`, `local-bsmtp`, `utf8esmtp`, `utf8local-esmtp`...: `$received_protocol`. */
export function protocolOf(kind: SessionKind, session: Session): string {
  const { facts, machine, message } = session;
  if (kind === "batch") return session.standing.protocol ?? "local-bsmtp";
  const utf8 = message.smtputf8 ? "utf8" : "";
  const base = machine.esmtp ? "esmtp" : "smtp";
  if (facts.peer === undefined) return `${utf8}local-${base}`;
  return `${utf8}${base}${facts.tls === undefined ? "" : "s"}${facts.authenticator === undefined ? "" : "a"}`;
}
