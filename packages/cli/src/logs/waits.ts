/** Why addresses wait: the reason, the retry rule that holds (with its place), the next try, the end of patience. */
import { chooseRule } from "@mailkit/delivery";
import type { RetryRule, RetryStep } from "@mailkit/config";
import type { Engine } from "@mailkit/runtime";
import type { HintsStore, RetryHint, WaitReason } from "@mailkit/sdk";
import { splitAddress, unicodeOf } from "@mailkit/sdk";
import type { QueueItem } from "@mailkit/spool";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { briefReason } from "../words.ts";

export interface Wait {
  readonly address: string;
  readonly reason: string;
  readonly nextTry: number | undefined;
  readonly givesUp: number | undefined;
  readonly rule: { readonly file: string; readonly line: number; readonly source: string; readonly step: RetryStep } | undefined;
  readonly frozen: boolean;
  /** No delivery was attempted yet. */
  readonly first: boolean;
}

export async function waitsOf(engine: Engine, item: QueueItem): Promise<readonly Wait[]> {
  const { envelope, state } = item;
  const hints = existingHints(engine);
  const open = envelope.recipients.map(({ address }) => address).filter((address) => !state.done.has(address));
  /** An address that redirection made waits under its own name. */
  const addresses = [
    ...new Set([...state.waiting.keys(), ...open.filter((address) => state.waiting.size === 0 || state.waiting.has(address))]),
  ];
  return Promise.all(addresses.map((address) => waitOf({ engine, item, hints }, address, state.waiting.get(address))));
}

interface Work {
  readonly engine: Engine;
  readonly item: QueueItem;
  readonly hints: HintsStore | undefined;
}

async function waitOf({ engine, item, hints }: Work, address: string, reason: WaitReason | undefined): Promise<Wait> {
  const base = { address: unicodeOf(address), frozen: item.state.frozen !== undefined, first: item.state.first };
  if (reason === undefined) return { ...base, reason: "", nextTry: undefined, givesUp: undefined, rule: undefined };
  const found = hints === undefined ? undefined : findHint(hints, item.envelope.sender, { address, reason });
  const rule = found === undefined ? undefined : await ruleFor(engine, item, found);
  const received = item.envelope.received;
  const since = Math.min(found?.hint.firstFailed ?? received, received);
  const cutoff = rule?.steps.at(-1)?.cutoff;
  return {
    ...base,
    reason: briefReason(reason.message),
    nextTry: reason.nextTry,
    givesUp: cutoff === undefined ? undefined : since + cutoff,
    rule: rule === undefined ? undefined : shownRule(rule, Math.max(0, reason.failed - (found?.hint.firstFailed ?? received))),
  };
}

function shownRule(rule: RetryRule, age: number): Wait["rule"] {
  const step = rule.steps.find(({ cutoff }) => age < cutoff) ?? rule.steps.at(-1);
  return step === undefined ? undefined : { file: basename(rule.at.file), line: rule.at.line, source: rule.source, step };
}

interface Found {
  readonly hint: RetryHint;
  readonly first: string;
  readonly second?: string;
}

/** The hint that this deferral left; keys as `retryKeys` of the delivery makes them. */
function findHint(hints: HintsStore, sender: string, { address, reason }: { address: string; reason: WaitReason }): Found | undefined {
  const { domain } = splitAddress(address);
  const any = `*@${domain}`;
  const keys: readonly (readonly [string, string])[] = [
    [`R:${address}:<${sender}>`, address],
    [`R:${address}`, address],
    [`T:${address}`, address],
    [`R:${domain}`, any],
    [`T:${domain}`, any],
  ];
  for (const [key, first] of keys) {
    const hint = hints.get<RetryHint>("retry", key)?.value;
    if (hint !== undefined && belongs(hint, reason)) return { hint, first };
  }
  for (const { key, value } of hints.scan<RetryHint>("retry", reason.host === undefined ? "T:" : `T:${reason.host}:`))
    if (reason.host === undefined ? value.nextTry === reason.nextTry : belongs(value, reason))
      return { hint: value, first: `*@${hostOfKey(key)}`, second: any };
  return undefined;
}

/** Made by the same failure, or a later one of the same host or mailbox. */
function belongs(hint: RetryHint, reason: WaitReason): boolean {
  return reason.nextTry === hint.nextTry || hint.lastTry >= reason.failed;
}

function hostOfKey(key: string): string {
  return /^T:([^:]*):/.exec(key)?.[1] ?? "";
}

async function ruleFor(engine: Engine, item: QueueItem, found: Found): Promise<RetryRule | undefined> {
  const { hint, first, second } = found;
  const subject = { first, ...(second === undefined ? {} : { second }), error: hint.error, sender: item.envelope.sender };
  return chooseRule(engine.config.retry, subject, engine.scopes.bare());
}

/** A command that only looks makes no database. */
function existingHints(engine: Engine): HintsStore | undefined {
  return existsSync(join(engine.settings.text("spool_directory") as string, "db")) ? engine.hints : undefined;
}
