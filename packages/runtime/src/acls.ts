/** ACLs of the configuration, as sessions (`smtpd`) and expansions (`${acl{...}}`) run them. */
import { compileAcls, hookOption, splitCode, unsetResult } from "@mailkit/acl";
import type { AclContext, AclControl, AclHost, AclSet, AclVerdict } from "@mailkit/acl";
import { parseAcl } from "@mailkit/config";
import type { Compilers, Configuration } from "@mailkit/config";
import { chain, compileRegex, newAddressFacts, newMessageFacts, newSessionFacts, splitAddress, trimSpace } from "@mailkit/sdk";
import type { AclAnswer, AclService, AddressFacts, Maybe, Text } from "@mailkit/sdk";
import type { AclEffect, AclRequest, AclRunner, AclVerdict as SessionVerdict, Control } from "@mailkit/smtpd";
import type { Scopes } from "./scopes.ts";

export interface AclParts {
  readonly config: Configuration;
  readonly compilers: Compilers;
  readonly scopes: Scopes;
  /** Ports of ACLs that depend on the session. */
  readonly host: (request: AclRequest) => AclHost;
}

export function compileConfigured(config: Configuration, compilers: Compilers): AclSet {
  return compileAcls({
    acls: config.acls,
    compilers: {
      ...compilers,
      regex: (pattern) => {
        const made = compileRegex(pattern, { caseless: false });
        return made.ok ? made.regex : made.message;
      },
    },
    read: (text, origin) => {
      const { statements, diagnostics } = parseAcl(text, origin);
      const fault = diagnostics[0];
      return fault === undefined ? statements : (fault.eximText ?? fault.message);
    },
  });
}

export function makeAclRunner(parts: AclParts, set: AclSet): AclRunner {
  const { main } = parts.config;
  return {
    isSet: (where) => main.isSet(hookOption(where)),
    run: (request) => {
      const template = main.isSet(hookOption(request.where)) ? main.template(hookOption(request.where)) : undefined;
      if (template === undefined) return { kind: unsetResult(request.where) };
      const context = contextOf(parts, request);
      return chain(template.evaluate(context.scope), (name): Maybe<SessionVerdict> => {
        if (name.kind !== "value") return { kind: "defer", logMessage: `failed to expand ${hookOption(request.where)}: ${name.message}` };
        if (trimSpace(name.text) === "") return { kind: "accept" };
        return chain(set.run({ acl: trimSpace(name.text) }, context), (verdict) => toSession(verdict, request));
      });
    },
  };
}

/** The recipient that the ACL is about: its conditions leave data in it, which its variables show. */
function addressOf({ recipient, session }: AclRequest): AddressFacts | undefined {
  if (recipient === undefined) return undefined;
  const { localPart, domain } = splitAddress(recipient);
  const caseful = session.extra.get("caseful_local_part")?.text === "yes";
  const shown = caseful ? localPart : localPart.toLowerCase();
  return newAddressFacts(shown, domain.toLowerCase(), { originalLocalPart: localPart, originalDomain: domain });
}

function contextOf(parts: AclParts, request: AclRequest): AclContext {
  const { where, session, message } = request;
  const base = parts.scopes.forSession(session, message);
  const address = addressOf(request);
  const common = { hook: where, host: parts.host(request), session, message };
  return address === undefined ? { ...common, scope: base } : { ...common, scope: parts.scopes.forAddress(address, base), address };
}

/** Addresses whose failure was told in this message are not told again; the set lives with the message's cache. */
const TOLD = "sender failures told";

function toSession(verdict: AclVerdict, request: AclRequest): SessionVerdict {
  const kind = verdict.kind === "drop" ? "deny" : verdict.kind === "error" ? "defer" : verdict.kind;
  const effects = toEffects(verdict);
  const failure = verdict.senderFailure;
  const told = (request.message.listCache.get(TOLD) as Set<string> | undefined) ?? new Set<string>();
  const first = failure !== undefined && failure.details && !told.has(failure.address);
  if (first) request.message.listCache.set(TOLD, told.add(failure.address));
  return {
    kind,
    ...(verdict.kind === "error" ? { faulty: true } : {}),
    ...(verdict.kind === "drop" ? { close: true } : {}),
    ...(verdict.message === undefined ? {} : { message: verdict.message }),
    ...(verdict.logMessage === undefined ? {} : { logMessage: verdict.logMessage }),
    ...(first
      ? {
          senderVerify: {
            details: failure.shown ? failureLines(failure) : [],
            log: `sender verify ${failure.kind} for <${failure.address}>${failure.logMessage === "" ? "" : `: ${failure.logMessage}`}`,
          },
        }
      : {}),
    logTargets: verdict.logTargets,
    ...(effects.length === 0 ? {} : { effects }),
  };
}

function failureLines(failure: NonNullable<AclVerdict["senderFailure"]>): readonly string[] {
  if (failure.report !== undefined) return failure.report.flatMap((line) => line.split("\n"));
  if (failure.kind === "defer" && failure.logMessage.startsWith("Could not complete")) return failure.logMessage.split("\n");
  const lead = failure.kind === "fail" ? "Verification failed" : "Could not complete sender verify";
  return [`${lead} for <${failure.address}>`, ...(failure.message === "" ? [] : failure.message.split("\n"))];
}

function toEffects(verdict: AclVerdict): AclEffect[] {
  const { headersAdd, headersRemove, controls, queueName } = verdict.effects;
  return [
    ...(headersAdd.length > 0 ? [{ kind: "addHeaders" as const, headers: headersAdd }] : []),
    ...(headersRemove.length > 0 ? [{ kind: "removeHeaders" as const, names: headersRemove }] : []),
    ...controls.flatMap((control) => {
      const known = toControl(control);
      return known === undefined ? [] : [{ kind: "control" as const, control: known }];
    }),
    ...(queueName === undefined ? [] : [{ kind: "queue" as const, name: queueName }]),
  ];
}

/** Undefined: a control of something that mailkit does not do, which the loader has warned of. */
function toControl(control: AclControl): Control | undefined {
  switch (control.name) {
    case "submission":
      return {
        name: "submission",
        senderRetain: control.senderRetain,
        ...(control.domain === undefined ? {} : { domain: control.domain }),
        ...(control.fullName === undefined ? {} : { fullName: control.fullName }),
      };
    case "freeze":
      return { name: "freeze", tell: !control.noTell };
    case "queue":
      return { name: "queue", firstPassRoute: control.firstPassRoute };
    case "fakereject":
    case "fakedefer":
      return { name: control.name, message: control.text };
    case "enforce_sync":
    case "no_enforce_sync":
    case "no_multiline_responses":
    case "no_pipelining":
    case "allow_auth_unadvertised":
    case "suppress_local_fixups":
    case "caseful_local_part":
    case "caselower_local_part":
    case "no_delay_flush":
    case "cutthrough_delivery":
      return { name: control.name };
    default:
      return undefined;
  }
}

/** `${acl{name}{arg}}` and the `acl` condition of expansions, outside a session's own ACL run. */
export function makeAclService(set: () => AclSet, host: AclHost): AclService {
  return {
    run: (name, args: readonly Text[], scope) =>
      chain(
        set().run({ acl: name, args }, { hook: "unknown", host, scope, session: newSessionFacts(), message: newMessageFacts() }),
        (verdict): AclAnswer =>
          verdict.kind === "defer" || verdict.kind === "error"
            ? { kind: verdict.kind, message: verdict.logMessage ?? verdict.message ?? "" }
            : { kind: verdict.kind, message: verdict.message, logMessage: verdict.logMessage },
      ),
  };
}

export { splitCode };
