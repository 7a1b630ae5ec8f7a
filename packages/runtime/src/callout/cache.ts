/**
 * What earlier callouts have shown, in the hints database "callout": a record for each domain, one for each address (with
 * its sender, when that is not empty). Pure. Manual §"Callout caching".
 */
import type { HintRecord } from "@mailkit/sdk";

type Known = "unknown" | "accept" | "reject";

export interface DomainRecord {
  /** "rejectNull": MAIL FROM:<> was refused; other senders may do. */
  readonly result: "accept" | "reject" | "rejectNull";
  readonly postmaster: Known;
  readonly postmasterAt: number;
  readonly random: Known;
  readonly randomAt: number;
}

export interface AddressRecord {
  readonly result: "accept" | "reject";
}

/** `callout_positive_expire` and its kin, milliseconds. */
export interface CacheTimes {
  readonly positive: number;
  readonly negative: number;
  readonly domainPositive: number;
  readonly domainNegative: number;
}

export interface Wanted {
  readonly sender: string;
  readonly random: boolean;
  readonly postmaster: boolean;
}

/** What is left to ask, or the answer. */
export type Consulted =
  | { readonly kind: "accept"; readonly by: "random" | "address" }
  | { readonly kind: "reject"; readonly stage: "mail" | "postmaster" | "recipient" }
  | { readonly kind: "ask"; readonly random: boolean; readonly postmaster: boolean };

export interface Records {
  readonly domain: HintRecord<DomainRecord> | undefined;
  readonly address: HintRecord<AddressRecord> | undefined;
  readonly now: number;
  readonly times: CacheTimes;
}

export function addressKey(address: string, sender: string): string {
  return sender === "" ? address : `${address}/<${sender}>`;
}

export function consult(wanted: Wanted, { domain: stored, address, now, times }: Records): Consulted {
  const domain = liveDomain(stored, now, times);
  if (domain?.result === "reject" || (domain?.result === "rejectNull" && wanted.sender === "")) return { kind: "reject", stage: "mail" };
  const random = wanted.random ? liveRandom(domain, now, times) : "unknown";
  if (random === "accept") return { kind: "accept", by: "random" };
  const postmaster = wanted.postmaster ? livePostmaster(domain, now, times) : "unknown";
  if (postmaster === "reject") return { kind: "reject", stage: "postmaster" };
  const known = liveAddress(address, now, times);
  if (known === "reject") return { kind: "reject", stage: "recipient" };
  const asksPostmaster = wanted.postmaster && postmaster === "unknown";
  if (known === "accept" && !asksPostmaster) return { kind: "accept", by: "address" };
  return { kind: "ask", random: wanted.random && random === "unknown", postmaster: asksPostmaster };
}

/** The record with what a callout has found out; undefined = it did not come far enough to say anything. */
export function learned(before: DomainRecord | undefined, found: Partial<DomainRecord>): DomainRecord | undefined {
  const result = found.result ?? before?.result;
  if (result === undefined) return undefined;
  return { postmaster: "unknown", postmasterAt: 0, random: "unknown", randomAt: 0, ...before, ...found, result };
}

export function liveDomain(stored: HintRecord<DomainRecord> | undefined, now: number, times: CacheTimes): DomainRecord | undefined {
  if (stored === undefined) return undefined;
  const lives = stored.value.result === "accept" ? times.domainPositive : times.domainNegative;
  return isLive(stored.updated, lives, now) ? stored.value : undefined;
}

function liveRandom(domain: DomainRecord | undefined, now: number, times: CacheTimes): Known {
  return domain !== undefined && isLive(domain.randomAt, times.domainPositive, now) ? domain.random : "unknown";
}

function livePostmaster(domain: DomainRecord | undefined, now: number, times: CacheTimes): Known {
  if (domain === undefined) return "unknown";
  const lives = domain.postmaster === "reject" ? times.domainNegative : times.domainPositive;
  return isLive(domain.postmasterAt, lives, now) ? domain.postmaster : "unknown";
}

function liveAddress(stored: HintRecord<AddressRecord> | undefined, now: number, times: CacheTimes): Known {
  if (stored === undefined) return "unknown";
  const lives = stored.value.result === "accept" ? times.positive : times.negative;
  return isLive(stored.updated, lives, now) ? stored.value.result : "unknown";
}

/** What was learnt after now was learnt by a clock that has been set back since: how old it is nobody knows. */
function isLive(learnt: number, lives: number, now: number): boolean {
  return learnt <= now && learnt + lives > now;
}
