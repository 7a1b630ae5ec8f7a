/**
 * What goes into routing and what comes out. Plain data: `delivery`, address verification and the commands read it.
 * A result is about one address; a node of a tree is an address with its result and the addresses it became.
 */
import type {
  AddressFacts,
  Generated,
  HostFinder,
  HostTarget,
  FilterService,
  Maybe,
  OutcomeNotes,
  Position,
  RoutePurpose,
  Scope,
  Services,
  Template,
  Text,
} from "@mailkit/sdk";

/** One address that wants to be routed. */
export interface RouteRequest {
  /** Whole, qualified; case as received. */
  readonly address: string;
  readonly purpose: RoutePurpose;
  /** Of the message; undefined = none yet (a sender is being verified, an address tested). */
  readonly sender: string | undefined;
  /** Of the message or session; the address's own variables are laid over it by `RouterHost.scopeFor`. */
  readonly scope: Scope;
  /** Nearest first; empty for an address of the envelope. */
  readonly ancestors?: readonly Ancestor[];
  /** Router to begin with (`redirect_router` of the parent). */
  readonly startAt?: number;
  /** What the parent hands down. */
  readonly inherited?: Inherited;
  /** Keep the steps for `renderRoute`. */
  readonly explain?: boolean;
  /** Gets the text of `debug_print`. */
  readonly debugPrint?: (text: string) => void;
  /** Distinguishes copies of one address (`unseen`, an alias that names itself); made by the chain. */
  readonly key?: string;
}

/** An address on the way from the envelope to the one that is being routed, with the router that handled it. */
export interface Ancestor {
  readonly address: string;
  readonly router: string;
  /** `$parent_local_part`, `$original_local_part`: as that router saw it. */
  readonly localPart: string;
  readonly domain: string;
}

/** What children get from their parent (manual §"Generic options for routers": address_data, set, errors_to, headers_add). */
export interface Inherited {
  readonly errorsTo: string | undefined;
  readonly headersAdd: readonly string[];
  readonly headersRemove: readonly string[];
  readonly addressData: Text | undefined;
  readonly variables: ReadonlyMap<string, Text>;
  readonly selfHostname: string;
  readonly oneTime: boolean;
  /** `hide_child_in_errmsg` of any ancestor. */
  readonly hidden: boolean;
  /** `noerror` of a filter. */
  readonly noErrorMessage?: boolean;
}

/** Of an address that no router gave anything. */
export const NOTHING_INHERITED: Inherited = {
  errorsTo: undefined,
  headersAdd: [],
  headersRemove: [],
  addressData: undefined,
  variables: new Map(),
  selfHostname: "",
  oneTime: false,
  hidden: false,
};

export interface RouteIdentity {
  readonly uid?: number;
  readonly gid?: number;
  readonly initgroups: boolean;
  /** For initgroups; known when the user was given by name or is the local user. */
  readonly login?: string;
}

interface ResultBase {
  /** As it was when it was routed: a child has its own. */
  readonly address: string;
  /** Its name among the non-recipients: made of the address, its ancestors and, for a pipe or file, its parent. */
  readonly key: string;
  /** The router that decided; undefined = they ran out. */
  readonly router: string | undefined;
  /** Lines for the logs that routing wants written. */
  readonly notes: readonly OutcomeNotes[];
  /** `disable_logging` of that router. */
  readonly silent: boolean;
  readonly steps: readonly RouteStep[];
  /** Bounces speak of the top address only. */
  readonly hidden: boolean;
}

export interface RouteAccepted extends ResultBase {
  readonly kind: "accepted";
  readonly router: string;
  /** Undefined: none is set (`verify_only`). */
  readonly transport: string | undefined;
  readonly where: "local" | "remote" | undefined;
  readonly hosts: readonly HostTarget[];
  readonly fallbackHosts: readonly string[];
  /** Undefined = the message's sender; "" discards bounces. */
  readonly errorsTo: string | undefined;
  readonly headersAdd: readonly string[];
  readonly headersRemove: readonly string[];
  readonly identity: RouteIdentity;
  /** From the password file or `router_home_directory`; `homeTemplate` goes before it. */
  readonly home: Text | undefined;
  /** `transport_home_directory`, `transport_current_directory`: expanded at delivery. */
  readonly homeTemplate: Template | undefined;
  readonly cwdTemplate: Template | undefined;
  /** All that `$variables` need at delivery: local part and domain as the router saw them, affixes, data, home, ... */
  readonly facts: AddressFacts;
  /** The local part as received, with its case, quotes and affixes (RCPT, `rcpt_include_affixes`). */
  readonly originalLocalPart: string;
  /** As the router saw it: quotes and affixes off, in lower case unless `caseful_local_part`. */
  readonly localPart: string;
  readonly domain: string;
  readonly dsnLasthop: boolean;
  readonly logAsLocal: boolean;
  readonly generated: Generated | undefined;
  /** A pipe or file that is not allowed, or whose transport is not known: failed or deferred instead of delivered. */
  readonly problem: { readonly kind: "failed" | "deferred"; readonly message: string } | undefined;
  /** From a filter: nobody is told when it fails. */
  readonly noErrorMessage: boolean;
  readonly oneTime: boolean;
  readonly retryKey: string;
  readonly sameDomainCopy: boolean;
  readonly detail: string | undefined;
}

export interface RouteRedirected extends ResultBase {
  readonly kind: "redirected";
  readonly router: string;
  /** Addresses to route from here on. */
  readonly children: readonly RouteRequest[];
  /** Pipes, files and replies: accepted already. */
  readonly generated: readonly RouteAccepted[];
  /** For each of those, how many of the children stand before it. */
  readonly generatedAt: readonly number[];
  readonly oneTime: boolean;
  /** `self = reroute: rewrite:` and lengthened domains: header lines with the old domain get the new one. */
  readonly headersRewrite: { readonly from: string; readonly to: string } | undefined;
  readonly detail: string | undefined;
}

export interface RouteFailed extends ResultBase {
  readonly kind: "failed";
  /** As the routers saw it: quotes, affixes and case off. Logs show it. */
  readonly seen: string;
  /** As the last router that set it left it. */
  readonly addressData: Text | undefined;
  readonly message: string;
  /** The message is meant for the user (`:fail:`): SMTP replies quote it. */
  readonly forUser: boolean;
  readonly logMessage: string | undefined;
}

export interface RouteDeferred extends ResultBase {
  readonly kind: "deferred";
  readonly seen: string;
  readonly addressData: Text | undefined;
  readonly message: string;
  readonly forUser: boolean;
  readonly logMessage: string | undefined;
  readonly freeze: boolean;
  /** `defer (-1)` of the log. */
  readonly errno: number;
  readonly retryKey: string;
}

export interface RouteDiscarded extends ResultBase {
  readonly kind: "discarded";
  readonly router: string;
  readonly reason: string;
}

/** `unseen`: this router's copy, and the address that went on. */
export interface RouteCopied extends ResultBase {
  readonly kind: "copied";
  readonly router: string;
  readonly seen: RouteAccepted | RouteRedirected;
  readonly rest: RouteResult;
}

export type RouteResult = RouteAccepted | RouteRedirected | RouteFailed | RouteDeferred | RouteDiscarded | RouteCopied;

/** A router that was considered, and what came of it. */
export interface RouteStep {
  readonly router: string;
  readonly result: "skipped" | "declined" | "accepted" | "redirect" | "passed" | "failed" | "deferred" | "discarded";
  /** The precondition, for skipped ones. */
  readonly by?: string;
  readonly detail?: string;
  readonly at?: Position;
}

export interface RouteNode {
  readonly address: string;
  /** Nearest first. */
  readonly ancestors: readonly string[];
  readonly key: string;
  readonly result: RouteResult;
  readonly children: readonly RouteNode[];
}

/** What the chain needs from the root. */
export interface RouterHost {
  readonly services: Services;
  readonly hosts: HostFinder;
  /** Lays the variables of an address over those of the message. The facts change while routers run: ask them late. */
  scopeFor(address: AddressFacts, base: Scope): Scope;
  /** Main options, expanded. */
  setting(name: string): string | undefined;
  transportWhere(name: string): "local" | "remote" | undefined;
  /** Undefined: filters are not available, and a redirection that needs one is deferred. */
  readonly filters?: FilterService;
  /** The rewriting rules for a child of a redirection; not called for `no_rewrite`. */
  rewriteChild?(address: string, scope: Scope): Maybe<string>;
  /** Does the address of `errors_to` verify? By default it is routed as a recipient of a message without sender. */
  verifyErrorsTo?(address: string, scope: Scope): Maybe<boolean>;
}

/** Of routing for a delivery. */
export interface DeliveryRouting {
  /** What a system filter wants delivered besides; it is met before the recipients. */
  readonly filtered?: RouteRedirected;
  /** Done in earlier attempts, by key. */
  readonly done?: (key: string) => boolean;
  /** Asked before an address is routed: a text puts it off (retry hints of routing: "retry time not reached"). */
  readonly admit?: (request: RouteRequest) => Maybe<string | undefined>;
}
