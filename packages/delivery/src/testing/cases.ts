/** Short ways to write addresses, envelopes and verdicts in tables of tests. */
import type { AddressFacts, DeliveryState, Envelope, HostTarget } from "@mailkit/sdk";
import { newAddressFacts, splitAddress } from "@mailkit/sdk";
import type { LineFormat } from "../log-lines.ts";
import type { AddressNode, DeliveryContext, RoutedAddress } from "../types.ts";

/** Arrival of every message here; `NOW` is an hour later. */
export const RECEIVED = Date.UTC(2026, 0, 1);
export const HOUR = 3_600_000;
export const NOW = RECEIVED + HOUR;

export function node(display: string, given: Partial<AddressNode> = {}): AddressNode {
  return { display, key: display, parent: undefined, router: "r", errorsTo: undefined, ...given };
}

export function routed(display: string, given: Partial<RoutedAddress> = {}): RoutedAddress {
  return {
    ...node(display),
    transport: "t",
    hosts: [],
    fallbackHosts: [],
    identity: undefined,
    home: undefined,
    cwd: undefined,
    headersAdd: [],
    headersRemove: [],
    generated: undefined,
    facts: factsOf(display),
    address: display,
    retryKey: splitAddress(display).domain,
    ...given,
  };
}

function factsOf(address: string): AddressFacts {
  const { localPart, domain } = splitAddress(address);
  return newAddressFacts(localPart, domain);
}

export function host(name: string, mx?: number): HostTarget {
  return { name, address: `192.0.2.${name.length}`, fromMx: mx !== undefined, ...(mx === undefined ? {} : { mx }) };
}

export function context(
  recipients: readonly string[],
  given: { envelope?: Partial<Envelope>; state?: Partial<DeliveryState>; now?: number } = {},
): DeliveryContext {
  const envelope: Envelope = {
    id: "1abcde-00000000001-2345",
    sender: "from@a.example",
    recipients: recipients.map((address) => ({ address })),
    received: RECEIVED,
    protocol: "esmtp",
    origin: { login: "mail", uid: 8, gid: 8, local: false },
    aclVariables: [],
    queueName: "",
    bodyLines: 1,
    bodySize: 5,
    maxReceivedLine: 5,
    ...given.envelope,
  };
  const state: DeliveryState = {
    done: new Set(),
    frozen: undefined,
    manuallyThawed: false,
    first: true,
    warnings: 0,
    lastAttempt: undefined,
    waiting: new Map(),
    ...given.state,
  };
  const body = { size: 5, read: async () => Buffer.from("body\n"), async *chunks() {} };
  return {
    message: { envelope, headers: [], body, state },
    envelope,
    now: given.now ?? NOW,
    options: { cause: "queueRun", force: false, thaw: false },
  };
}

export function format(given: { on?: readonly string[]; local?: readonly string[]; affixes?: readonly string[] } = {}): LineFormat {
  const on = new Set(given.on ?? ["smtp_confirmation"]);
  return {
    on: (selector) => on.has(selector),
    isLocal: (transport) => (given.local ?? []).includes(transport),
    includesAffixes: (transport) => (given.affixes ?? []).includes(transport),
  };
}
