import type { Diagnostic, Position } from "./diagnostics.ts";
import type { Expansion, Template } from "./expansion.ts";
import type { FilterService } from "./filter-service.ts";
import type { HostFinder, HostTarget } from "./host-finder.ts";
import type { Maybe } from "./maybe.ts";
import type { OptionTable, OptionValues } from "./options.ts";
import type { Scope } from "./scope.ts";
import type { Account, Services } from "./services.ts";
import type { Text } from "./text.ts";
import type { Identity } from "./transport.ts";

/** What a router says of an address, in Exim's words (manual §"The processing of addresses by routers"). */
export type RouterOutcome =
  /** Accepted; goes to the generic `transport` (or `transport` here: manualroute rules name one), to `hosts` when remote. */
  | {
      readonly kind: "ok";
      readonly hosts?: readonly HostTarget[];
      readonly transport?: string;
      /** Text added to `$address_data`'s place for explanations. */
      readonly detail?: string;
      /** dnslookup with `widen_domains` or a CNAME: the domain that is used from here on. */
      readonly domain?: string;
      /** The first host is this host: the generic option `self` decides. The message says so in Exim's words. */
      readonly localHost?: { readonly name: string; readonly message: string };
      /** Takes the place of `$address_data` (queryprogram DATA=). */
      readonly addressData?: Text;
      /** Other addresses of the same domain may share this routing (`same_domain_copy_routing`). */
      readonly sameDomainCopy?: boolean;
    }
  /** New addresses instead of this one; an empty list is `discard` in disguise and not allowed. */
  | {
      readonly kind: "rerouted";
      readonly children: readonly ChildAddress[];
      readonly detail?: string;
      readonly at?: Position;
      /** Children that are not delivered at once become recipients of their own (`one_time`). */
      readonly oneTime?: boolean;
      /** The rewriting rules are not applied to the children (`no_rewrite`). */
      readonly noRewrite?: boolean;
      /** Bounces name the parent only (`hide_child_in_errmsg`). */
      readonly hideChild?: boolean;
      readonly notes?: OutcomeNotes;
    }
  | {
      readonly kind: "decline";
      readonly reason: string;
      /** Kept for the user if no router takes the address. */ readonly message?: string;
      readonly notes?: OutcomeNotes;
    }
  | { readonly kind: "pass"; readonly reason: string }
  | {
      readonly kind: "fail";
      readonly message: string;
      /** `:fail:` text is for the user. */ readonly forUser?: boolean;
      readonly logMessage?: string;
    }
  | {
      readonly kind: "defer";
      readonly message: string;
      readonly forUser?: boolean;
      readonly freeze?: boolean;
      readonly logMessage?: string;
      /** A host lookup that did not complete: `pass_on_timeout` turns it into a pass. */
      readonly timeout?: boolean;
      /** The negative number of Exim's logs (`defer (-17)`); -1 when it is not given. */
      readonly errno?: number;
      readonly notes?: OutcomeNotes;
    }
  | { readonly kind: "discard"; readonly reason: string }
  /** `self = reroute`: starts again with another domain. */
  | {
      readonly kind: "rewrite";
      readonly address: string;
      readonly reason: string;
      /** Header lines with the old domain get the new one. */
      readonly rewriteHeaders?: boolean;
    };

/** `syntax_errors_to`: mistakes in redirection data that were passed over. */
export interface SyntaxReport {
  readonly router: string;
  readonly to: string;
  /** `syntax_errors_text`, expanded. */
  readonly text: string;
  /** As the mail tells them. */
  readonly errors: readonly string[];
  /** Something good was left. */
  readonly valid: boolean;
}

/** What a router wants written down besides its outcome. */
export interface OutcomeNotes {
  /** Lines for the mainlog. */
  readonly log?: readonly string[];
  /** Lines for the paniclog. */
  readonly panic?: readonly string[];
  /** A message about syntax errors in redirection data (`syntax_errors_to`). */
  readonly report?: SyntaxReport;
}

export type ChildAddress =
  | { readonly kind: "address"; readonly address: string; readonly extra?: ChildExtra }
  | { readonly kind: "pipe"; readonly command: string; readonly extra?: ChildExtra }
  | { readonly kind: "file"; readonly path: string; readonly extra?: ChildExtra }
  | { readonly kind: "directory"; readonly path: string; readonly extra?: ChildExtra }
  | { readonly kind: "reply"; readonly reply: AutoReply; readonly extra?: ChildExtra };

export interface ChildExtra {
  readonly errorsTo?: string;
  readonly transport?: string;
  readonly headersAdd?: readonly string[];
  readonly headersRemove?: readonly string[];
  /** Filter `mail`/`save` options: file mode, `unseen` deliveries that must not stop ordinary ones. */
  readonly mode?: number;
  /** `one_time`, `check_ancestor` and the like have been applied by the driver. */
  readonly variables?: Readonly<Record<string, Text>>;
  /** `$n0`..., of a filter. */
  readonly noErrorMessage?: boolean;
  /** No transport could be found for a pipe, file or reply; the child is deferred with this text. */
  readonly error?: string;
  /** `forbid_pipe`, `forbid_file`, `forbid_filter_reply`: the child fails ("delivery to pipe forbidden"). */
  readonly forbidden?: boolean;
  /** A pipe from an Exim filter: the words of its command are expanded one by one. */
  readonly expand?: boolean;
}

/** A message to be sent by the autoreply transport (filter `mail`, `vacation`). */
export interface AutoReply {
  readonly from?: string;
  readonly replyTo?: string;
  readonly to?: string;
  readonly cc?: string;
  readonly bcc?: string;
  readonly subject?: string;
  readonly headers?: string;
  readonly text?: string;
  readonly file?: string;
  readonly expandFile?: boolean;
  readonly log?: string;
  readonly once?: string;
  /** Milliseconds. */
  readonly onceRepeat?: number;
  readonly returnMessage?: boolean;
}

export type RoutePurpose = "deliver" | "verifyRecipient" | "verifySender" | "expn" | "test";

/** The address as the driver sees it, affixes removed. */
export interface RouterAddress {
  /** Name of the router instance, for messages. */
  readonly router: string;
  /** Whole, as it stands at this point. */
  readonly address: string;
  /** As received, before lower-casing and affix removal. */
  readonly originalLocalPart: string;
  readonly localPart: string;
  readonly domain: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly purpose: RoutePurpose;
  /** Set by `check_local_user`. */
  readonly account?: Account;
  readonly home?: Text;
  /** From the generic options `user` and `group`, or the account. */
  readonly identity?: Identity;
  /** The addresses it came from, nearest first. */
  readonly ancestors: readonly string[];
  /** Message facts that drivers need; undefined when an address is tested without a message. */
  readonly sender: string | undefined;
}

/** The services a router may name in `needs`. */
export interface RouterServices {
  readonly expand: (template: Template) => Maybe<Expansion>;
  readonly dns: Services["dns"];
  readonly files: Services["files"];
  readonly accounts: Services["accounts"];
  readonly processes: Services["processes"];
  readonly lookups: Services["lookups"];
  readonly lists: Services["lists"];
  /** Compiles text of the configuration that an option's type leaves as it is (the rules of `route_list`). */
  readonly strings: Services["strings"];
  readonly random: Services["random"];
  readonly clock: Services["clock"];
  readonly hosts: HostFinder;
  /** For filters and other things that evaluate strings of their own. */
  readonly scope: Scope;
  /** Main options that drivers may read (`qualify_domain`, `qualify_recipient`, `primary_hostname`, ...), expanded. */
  readonly setting: (name: string) => string | undefined;
  readonly trace: Services["trace"];
  readonly transports: RouterTransports;
  /** Exim and Sieve filters; `@mailkit/filters` behind a port. */
  readonly filters: FilterService;
}
export type RouterNeed = keyof RouterServices;

/** The transports of the configuration, as a router may see them. */
export interface RouterTransports {
  /** Undefined = there is no such transport. */
  where(name: string): "local" | "remote" | undefined;
  /** The generic option `transport` of this router, expanded. */
  own(): Maybe<TransportChoice>;
}

export type TransportChoice =
  | { readonly kind: "none" }
  | { readonly kind: "transport"; readonly name: string; readonly where: "local" | "remote" }
  | { readonly kind: "error"; readonly message: string };

export interface RouterDriver<T extends OptionTable = OptionTable> {
  readonly kind: "router";
  readonly name: string;
  readonly options: T;
  readonly needs: readonly RouterNeed[];
  /** Faults that only show when options are seen together; called once at load. */
  readonly check?: (
    options: OptionValues<T>,
    instance: { readonly name: string; readonly at: Position; readonly isSet: (option: string) => boolean },
  ) => readonly Diagnostic[];
  /** Policy is a value, never thrown. */
  readonly route: (address: RouterAddress, options: OptionValues<T>, host: RouterServices) => Maybe<RouterOutcome>;
}

export function defineRouter<const T extends OptionTable>(driver: Omit<RouterDriver<T>, "kind">): RouterDriver<T> {
  return { kind: "router", ...driver };
}
