import type { Account } from "./services.ts";
import type { HeaderLine, Origin } from "./envelope.ts";
import type { Text } from "./text.ts";

/**
 * What is known while a session, a message or an address is worked on. The owner (smtpd, delivery, a command) fills
 * them in; `runtime/variables` turns them into `$variables`; ACLs and routers read them. Plain mutable records, one
 * owner each: nobody else writes, but through the functions that the owner gives.
 */
export interface SessionFacts {
  /** Undefined: a local program on stdin. */
  peer: { readonly address: string; readonly port: number } | undefined;
  local: { readonly address: string; readonly port: number } | undefined;
  /** Argument of HELO/EHLO as given; "" before it. */
  helo: string;
  heloKind: "none" | "HELO" | "EHLO" | "LHLO";
  /** `verify = helo`, `helo_try_verify_hosts`. */
  heloVerified: boolean;
  /** Verified reverse name, aliases after it; undefined = not looked up yet. */
  hostNames: readonly string[] | undefined;
  hostLookup: "not yet" | "ok" | "failed" | "deferred";
  ident: string;
  authenticatedId: string | undefined;
  authenticator: string | undefined;
  authenticationFailed: boolean;
  authenticatedFailId: string | undefined;
  tls: Origin["tls"];
  activeHostname: string;
  /** The caller, for local sessions (`-bs`, `-t`). */
  caller: { readonly login: string; readonly uid: number; readonly gid: number } | undefined;
  aclConnection: Map<string, Text>;
  /** The command being worked on, as received, and its argument. */
  command: string;
  commandArgument: string;
  commandHistory: string[];
  /** Why a session ended without QUIT (`$smtp_notquit_reason`). */
  notQuitReason: string;
  connectionsAtStart: number;
  /** `-bh`, `-bhc`: nothing is delivered; callouts only with `-bhc`. */
  hostChecking: boolean;
  noCallouts: boolean;
  /** Bytes, rates and the like that conditions leave behind: sender_rate, dnslist_domain, spam_score, ... */
  extra: Map<string, Text>;
  listCache: Map<string, unknown>;
}

/** In the cache of a message whose sender has been rewritten: once is enough (manual §"When does rewriting happen?"). */
export const SENDER_REWRITTEN = "sender rewritten";

export interface MessageFacts {
  id: string;
  sender: string | undefined;
  /** As accepted so far. */
  recipients: string[];
  rcptCount: number;
  rcptDeferCount: number;
  rcptFailCount: number;
  /** Undefined before the data. */
  headers: HeaderLine[] | undefined;
  /** First octets of the body, at least `message_body_visible` of them, and last ones; LF line ends. */
  bodyStart: string;
  bodyEnd: string;
  bodySize: number;
  bodyLines: number;
  bodyZeros: number;
  maxReceivedLine: number;
  /** -1 before it is known; SIZE at MAIL. */
  size: number;
  /** Milliseconds since 1970. */
  received: number;
  receivedProtocol: string;
  aclMessage: Map<string, Text>;
  authenticatedSender: string;
  smtputf8: boolean;
  eightBit: boolean;
  queueName: string;
  /** `$n0`..`$n9` and `$sn0`..`$sn9` of filters. */
  filterNumbers: number[];
  /** First attempt, manual thaw, age: only while delivering. */
  delivery: { readonly first: boolean; readonly manuallyThawed: boolean } | undefined;
  origin: Origin | undefined;
  extra: Map<string, Text>;
  listCache: Map<string, unknown>;
}

/** An address while it is verified, routed or delivered. */
export interface AddressFacts {
  localPart: string;
  domain: string;
  prefix: string;
  suffix: string;
  /** The part of a wildcarded affix that the `*` stood for. */
  prefixVariable: string;
  suffixVariable: string;
  /** Result of the last list match that succeeded; "" tainted-free. */
  localPartData: Text | undefined;
  domainData: Text | undefined;
  addressData: Text | undefined;
  parentLocalPart: string;
  parentDomain: string;
  originalLocalPart: string;
  originalDomain: string;
  home: Text | undefined;
  account: Account | undefined;
  selfHostname: string;
  routerName: string;
  transportName: string;
  /** `set = r_x = ...` */
  variables: Map<string, Text>;
  host: { name: string; address: string; port: number } | undefined;
  hostData: Text | undefined;
  /** `$pipe_addresses`, `$address_file`, `$address_pipe`, `$return_path`, `$bounce_recipient`, ... */
  extra: Map<string, Text>;
}

export function newSessionFacts(known: Partial<SessionFacts> = {}): SessionFacts {
  return {
    peer: undefined,
    local: undefined,
    helo: "",
    heloKind: "none",
    heloVerified: false,
    hostNames: undefined,
    hostLookup: "not yet",
    ident: "",
    authenticatedId: undefined,
    authenticator: undefined,
    authenticationFailed: false,
    authenticatedFailId: undefined,
    tls: undefined,
    activeHostname: "",
    caller: undefined,
    aclConnection: new Map(),
    command: "",
    commandArgument: "",
    commandHistory: [],
    notQuitReason: "",
    connectionsAtStart: 0,
    hostChecking: false,
    noCallouts: false,
    extra: new Map(),
    listCache: new Map(),
    ...known,
  };
}

export function newMessageFacts(known: Partial<MessageFacts> = {}): MessageFacts {
  return {
    id: "",
    sender: undefined,
    recipients: [],
    rcptCount: 0,
    rcptDeferCount: 0,
    rcptFailCount: 0,
    headers: undefined,
    bodyStart: "",
    bodyEnd: "",
    bodySize: 0,
    bodyLines: 0,
    bodyZeros: 0,
    maxReceivedLine: 0,
    size: -1,
    received: 0,
    receivedProtocol: "",
    aclMessage: new Map(),
    authenticatedSender: "",
    smtputf8: false,
    eightBit: false,
    queueName: "",
    filterNumbers: [],
    delivery: undefined,
    origin: undefined,
    extra: new Map(),
    listCache: new Map(),
    ...known,
  };
}

export function newAddressFacts(localPart: string, domain: string, known: Partial<AddressFacts> = {}): AddressFacts {
  return {
    localPart,
    domain,
    prefix: "",
    suffix: "",
    prefixVariable: "",
    suffixVariable: "",
    localPartData: undefined,
    domainData: undefined,
    addressData: undefined,
    parentLocalPart: "",
    parentDomain: "",
    originalLocalPart: localPart,
    originalDomain: domain,
    home: undefined,
    account: undefined,
    selfHostname: "",
    routerName: "",
    transportName: "",
    variables: new Map(),
    host: undefined,
    hostData: undefined,
    extra: new Map(),
    ...known,
  };
}
