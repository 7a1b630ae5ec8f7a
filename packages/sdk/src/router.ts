import type { Diagnostic, Position } from "./diagnostics.ts";
import type { Expansion, Template } from "./expansion.ts";
import type { Maybe } from "./maybe.ts";
import type { OptionTable, OptionValues } from "./options.ts";
import type { Scope } from "./scope.ts";
import type { Account, Services } from "./services.ts";
import type { Text } from "./text.ts";

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
    }
  /** New addresses instead of this one; an empty list is `discard` in disguise and not allowed. */
  | { readonly kind: "rerouted"; readonly children: readonly ChildAddress[]; readonly detail?: string; readonly at?: Position }
  | {
      readonly kind: "decline";
      readonly reason: string;
      /** Kept for the user if no router takes the address. */ readonly message?: string;
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
    }
  | { readonly kind: "discard"; readonly reason: string }
  /** `self = reroute`: starts again with another domain. */
  | { readonly kind: "rewrite"; readonly address: string; readonly reason: string };

export interface HostTarget {
  /** As in the MX record or the route. */
  readonly name: string;
  readonly address: string;
  readonly port?: number;
  /** MX preference; undefined when there was no MX. Equal values are one group, already shuffled. */
  readonly mx?: number;
  /** Found by a secure (AD) answer. */
  readonly secure?: boolean;
  /** From an MX record (retry classes `_MX`) or straight from an address record (`_A`). */
  readonly fromMx: boolean;
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
  readonly random: Services["random"];
  readonly clock: Services["clock"];
  readonly hosts: HostFinder;
  /** For filters and other things that evaluate strings of their own. */
  readonly scope: Scope;
  /** Main options that drivers may read (`qualify_domain`, `qualify_recipient`, `primary_hostname`, ...), expanded. */
  readonly setting: (name: string) => string | undefined;
  readonly trace: Services["trace"];
}
export type RouterNeed = keyof RouterServices;

/** Port to `@mailkit/dns-mx`: names to hosts with Exim's rules. */
export interface HostFinder {
  /** MX, then A/AAAA (manual §"The dnslookup router"). */
  mx(question: MxQuestion): Maybe<HostsFound>;
  /** Addresses of one host, from DNS, then /etc/hosts, `localhost` known by itself. */
  addresses(question: {
    readonly name: string;
    readonly ipv4Only?: boolean;
    readonly ipv4Prefer?: boolean;
    readonly byName?: boolean;
    readonly dnssec?: boolean;
  }): Maybe<HostsFound>;
  /** Is it an address of this host (`self`)? */
  isLocal(address: string, port?: number): boolean;
}

export interface MxQuestion {
  readonly domain: string;
  readonly checkMx: boolean;
  readonly checkAddress: boolean;
  /** Service name of `check_srv`. */
  readonly srv?: string;
  readonly ipv4Only?: boolean;
  readonly ipv4Prefer?: boolean;
  readonly dnssecRequest?: boolean;
  readonly dnssecRequire?: boolean;
  /** True for addresses in `ignore_target_hosts`. */
  readonly ignore?: (address: string, name: string) => Maybe<boolean>;
  readonly secondaryOnly?: boolean;
}

export type HostsFound =
  | {
      readonly kind: "found";
      readonly hosts: readonly HostTarget[];
      /** The name that was really used (after a CNAME). */
      readonly name: string;
      /** This host is in the list: "first" = nobody is better; "later" = better ones remain, the rest was dropped. */
      readonly local: "no" | "first" | "later";
      readonly secure: boolean;
    }
  | {
      readonly kind: "notFound";
      readonly message: string;
      readonly why: "noDomain" | "noData" | "nullMx" | "noHosts" | "allIgnored" | "noMx" | "ipInMx";
    }
  | { readonly kind: "defer"; readonly message: string };

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
