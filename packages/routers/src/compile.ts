/**
 * One router instance, compiled: its preconditions as closures, its driver bound to its options, the meaning of its
 * generic options prepared. Nothing of the configuration is looked at again while addresses pass.
 */
import { chain, splitList } from "@mailkit/sdk";
import type { Maybe, Position, RouterAddress, RouterOutcome, Template, TransportChoice } from "@mailkit/sdk";
import type { RouterInstance } from "@mailkit/config";
import { serviceMaker } from "./driver-host.ts";
import type { GenericRouterOptions } from "./generic-options.ts";
import { identityFinder } from "./identity.ts";
import type { IdentityFinder, IdentityFound } from "./identity.ts";
import { compilePreconditions } from "./preconditions.ts";
import type { Precondition } from "./preconditions.ts";
import { parseSelf } from "./self.ts";
import type { SelfAction } from "./self.ts";
import type { RouterHost } from "./types.ts";
import type { Visit } from "./visit.ts";

export interface CompiledRouter {
  readonly name: string;
  readonly at: Position;
  readonly index: number;
  readonly generic: GenericRouterOptions;
  readonly host: RouterHost;
  readonly preconditions: readonly Precondition[];
  readonly set: GenericRouterOptions["set"];
  readonly headersAdd: readonly Template[];
  readonly headersRemove: readonly Template[];
  /** Any of errors_to, headers_add, headers_remove. */
  readonly hasExtras: boolean;
  readonly identity: IdentityFinder;
  readonly self: SelfAction;
  /** `unseen` may send a copy on. */
  readonly mayGoOn: boolean;
  /** Where to go on after a pass, and where children begin. */
  readonly passTo: number;
  readonly redirectTo: number;
  readonly logAsLocal: boolean;
  readonly retryUseLocalPart: boolean;
  readonly run: (visit: Visit) => Maybe<RouterOutcome>;
  readonly ownTransport: (visit: Visit) => Maybe<TransportChoice>;
  readonly verifyErrorsTo: (address: string, visit: Visit) => Maybe<boolean>;
}

export interface CompileContext {
  readonly host: RouterHost;
  /** By name, for `pass_router` and `redirect_router`. */
  readonly places: ReadonlyMap<string, number>;
  readonly verifyErrorsTo: (address: string, visit: Visit) => Maybe<boolean>;
}

export function compileRouter(instance: RouterInstance, index: number, context: CompileContext): CompiledRouter {
  const { host, places } = context;
  const generic = instance.generic as unknown as GenericRouterOptions;
  const compile = (source: string) => host.services.strings.compile(source);
  const headersAdd = splitText(generic.headers_add, "\n").map(compile);
  const headersRemove = splitText(generic.headers_remove, ":").map(compile);
  const ownTransport = (visit: Visit) => expandTransport(instance.name, generic.transport, host, visit);
  const services = serviceMaker({ needs: instance.driver.needs, generic, host, own: ownTransport });
  const passTo = generic.pass_router === undefined ? undefined : places.get(generic.pass_router);
  const driver = instance.driver;
  const identity = identityFinder(generic, instance.name, host.services);
  const mayFilter = driver.needs.includes("filters");
  return {
    name: instance.name,
    at: instance.at,
    index,
    generic,
    host,
    preconditions: compilePreconditions(instance, generic, host),
    set: generic.set,
    headersAdd,
    headersRemove,
    hasExtras: generic.errors_to !== undefined || headersAdd.length > 0 || headersRemove.length > 0,
    identity,
    mayGoOn: generic.unseen !== false,
    self: parseSelf(generic.self),
    passTo: passTo !== undefined && passTo > index ? passTo : index + 1,
    redirectTo: (generic.redirect_router === undefined ? undefined : places.get(generic.redirect_router)) ?? 0,
    logAsLocal: generic.log_as_local ?? driver.name === "accept",
    retryUseLocalPart: generic.retry_use_local_part ?? dependsOnLocalPart(generic),
    run: (visit) => {
      const address = addressFor(instance.name, visit);
      if (!mayFilter) return driver.route(address, instance.options, services(visit));
      return chain(identity(visit.facts.account, visit.scope), (who) =>
        driver.route(withIdentity(address, who), instance.options, services(visit)),
      );
    },
    ownTransport,
    verifyErrorsTo: context.verifyErrorsTo,
  };
}

/** Manual §"Generic options for routers", `retry_use_local_part`. */
function dependsOnLocalPart(generic: GenericRouterOptions): boolean {
  return (
    generic.check_local_user ||
    generic.local_parts !== undefined ||
    generic.condition.length > 0 ||
    generic.local_part_prefix.length > 0 ||
    generic.local_part_suffix.length > 0 ||
    generic.senders !== undefined ||
    generic.require_files.length > 0
  );
}

/** Items of a list that is cut before it is expanded. */
function splitText(template: Template | undefined, separator: string): readonly string[] {
  return template === undefined ? [] : splitList(template.source, separator).items.filter((item) => item !== "");
}

function expandTransport(router: string, template: Template | undefined, host: RouterHost, visit: Visit): Maybe<TransportChoice> {
  if (template === undefined) return { kind: "none" };
  const name = template.constant;
  if (name !== undefined) return named(name, router, host);
  return chain(template.evaluate(visit.scope), (result): TransportChoice => {
    if (result.kind !== "value") {
      return { kind: "error", message: `failed to expand transport "${template.source}" in ${router} router: ${result.message}` };
    }
    if (result.tainted) {
      visit.notes.push({ panic: [`attempt to use tainted value '${result.text}' from '${template.source}' for transport`] });
      return { kind: "error", message: "internal configuration error" };
    }
    return named(result.text, router, host);
  });
}

function named(name: string, router: string, host: RouterHost): TransportChoice {
  const where = host.transportWhere(name);
  return where === undefined
    ? { kind: "error", message: `transport "${name}" not found in ${router} router` }
    : { kind: "transport", name, where };
}

function addressFor(router: string, visit: Visit): RouterAddress {
  const facts = visit.facts;
  return {
    router,
    address: visit.request.address,
    originalLocalPart: visit.rawLocalPart,
    localPart: facts.localPart,
    domain: visit.domain,
    prefix: facts.prefix,
    suffix: facts.suffix,
    purpose: visit.request.purpose,
    ...(facts.account === undefined ? {} : { account: facts.account }),
    ...(facts.home === undefined ? {} : { home: facts.home }),
    ancestors: visit.ancestors.map((ancestor) => ancestor.address),
    sender: visit.request.sender,
  };
}

/** Filters run as the user; a fault is reported when the outcome is settled. */
function withIdentity(address: RouterAddress, who: IdentityFound): RouterAddress {
  if ("fault" in who || who.uid === undefined || who.gid === undefined) return address;
  return { ...address, identity: { uid: who.uid, gid: who.gid } };
}
