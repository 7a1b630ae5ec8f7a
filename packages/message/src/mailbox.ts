import { trimSpaceEnd } from "@mailkit/sdk";
import { type DomainRules, endOfAtom, endOfQuoted, isSpace, scanDomain, scanLocalPart, skipComments } from "./address-scan.ts";

/**
 * One address in the forms of RFC 5322 and RFC 5321: `a@b`, `<a@b>`, `Phrase <a@b>`, with a source route, or a bare
 * local part. Texts of faults are Exim's own. Qualification is the caller's: an unqualified address has domain "".
 */
export type Mailbox = ParsedMailbox | MailboxFault;

export interface ParsedMailbox {
  readonly ok: true;
  /** `localPart@domain`, or the bare local part; "" for `<>`. Quotes of the local part are kept. */
  readonly address: string;
  readonly localPart: string;
  readonly domain: string;
}

export interface MailboxFault {
  readonly ok: false;
  readonly message: string;
  /** Nothing was there but white space, comments or an empty group: lists pass over it. */
  readonly empty?: boolean;
}

export interface MailboxRules extends DomainRules {
  /** `<>` is an address. */
  readonly allowNull?: boolean;
  /** `strip_excess_angle_brackets`. */
  readonly stripExcessAngleBrackets?: boolean;
  /** Inside a group: a `;` ends the address, and what follows it is left alone. */
  readonly inGroup?: boolean;
  /** For "may not follow" texts, when the address is a part of a longer item (a group's first). */
  readonly itemStart?: number;
}

/** Longest address that Exim accepts. */
const MAX_ADDRESS = 256;

export function parseMailbox(text: string, rules: MailboxRules = {}): Mailbox {
  return parseMailboxAt(text, 0, rules);
}

export function parseMailboxAt(text: string, from: number, rules: MailboxRules): Mailbox {
  const start = skipComments(text, from);
  if (start >= text.length || (rules.inGroup === true && text[start] === ";")) return fault("empty address", true);
  if (text[start] === "<") return angled(text, start, rules);
  if (text[start] === "@") return routed(text, start, rules, false);
  const local = scanLocalPart(text, start);
  if (local === "unmatched") return fault("unmatched doublequote in local part");
  const next = text[local.end];
  if (local.text !== "") {
    if (next === "@") return withDomain(text, local.end, local.text, rules, 0);
    if (next === undefined || next === ";") return finished(text, local.end, local.text, "", rules);
  }
  const bracket = endOfPhrase(text, local.end);
  if (bracket >= 0) return angled(text, bracket, rules);
  return fault(`${bracket === UNMATCHED ? "unmatched doublequote in" : "missing or malformed"} local part (expected word or "<")`);
}

const UNMATCHED = -2;

/** Offset of the `<` behind the words of a phrase, -1 when something else comes, UNMATCHED for a quote that does not end. */
function endOfPhrase(text: string, from: number): number {
  let at = from;
  for (;;) {
    while (text[at] === ".") at = skipComments(text, at + 1);
    if (text[at] === "<") return at;
    const end = text[at] === '"' ? endOfQuoted(text, at) : endOfAtom(text, at);
    if (end <= at) return text[at] === '"' ? UNMATCHED : -1;
    at = skipComments(text, end);
  }
}

function angled(text: string, open: number, rules: MailboxRules): Mailbox {
  let depth = 1;
  let at = skipComments(text, open + 1);
  while (rules.stripExcessAngleBrackets === true && text[at] === "<") {
    depth++;
    at = skipComments(text, at + 1);
  }
  if (text[at] === ">" && rules.allowNull === true) return closed(text, at, { depth, localPart: "", domain: "" }, rules);
  if (text[at] === "@") return routed(text, at, rules, true, depth);
  const local = scanLocalPart(text, at);
  if (local === "unmatched") return fault("unmatched doublequote in local part");
  if (local.text === "") return fault("missing or malformed local part");
  if (text[local.end] === "@") return withDomain(text, local.end, local.text, rules, depth);
  if (text[local.end] === ">") return closed(text, local.end, { depth, localPart: local.text, domain: "" }, rules);
  return fault(`"@" or "." expected after "${trimSpaceEnd(text.slice(at, local.end))}"`);
}

/** `@x,@y:` before an address: read and dropped (RFC 5321 §4.1.2, Appendix C). */
// oxlint-disable-next-line max-params
function routed(text: string, from: number, rules: MailboxRules, inBrackets: boolean, depth = inBrackets ? 1 : 0): Mailbox {
  let at = from;
  while (text[at] === "@") {
    const domain = scanDomain(text, skipComments(text, at + 1), rules);
    if (typeof domain === "string") return fault(domain);
    at = domain.end;
    if (text[at] !== ",") break;
    at = skipComments(text, at + 1);
  }
  if (text[at] !== ":") return fault(text.slice(from, at).includes(",") ? "colon expected after route list" : "no local part");
  at = skipComments(text, at + 1);
  const local = scanLocalPart(text, at);
  if (local === "unmatched") return fault("unmatched doublequote in local part");
  if (local.text === "") return fault("missing or malformed local part");
  if (text[local.end] === "@") return withDomain(text, local.end, local.text, rules, depth);
  return fault("domain missing in source-routed address");
}

// oxlint-disable-next-line max-params
function withDomain(text: string, atSign: number, localPart: string, rules: MailboxRules, depth: number): Mailbox {
  const domain = scanDomain(text, skipComments(text, atSign + 1), rules);
  if (typeof domain === "string") return fault(domain);
  if (depth === 0) return finished(text, domain.end, localPart, domain.text, rules);
  return closed(text, domain.end, { depth, localPart, domain: domain.text }, rules);
}

interface Inside {
  readonly depth: number;
  readonly localPart: string;
  readonly domain: string;
}

function closed(text: string, from: number, inside: Inside, rules: MailboxRules): Mailbox {
  let at = from;
  for (let depth = inside.depth; depth > 0; depth--) {
    if (at >= text.length) return fault("'>' missing at end of address");
    if (text[at] !== ">") return mayNotFollow(text, at, rules);
    at = skipComments(text, at + 1);
  }
  return finished(text, at, inside.localPart, inside.domain, rules);
}

// oxlint-disable-next-line max-params
function finished(text: string, end: number, localPart: string, domain: string, rules: MailboxRules): Mailbox {
  if (end < text.length && !(rules.inGroup === true && text[end] === ";")) return mayNotFollow(text, end, rules);
  const address = domain === "" ? localPart : `${localPart}@${domain}`;
  if (address.length > MAX_ADDRESS) return fault(`address is ridiculously long: ${address.slice(0, 64)}...`);
  return { ok: true, address, localPart, domain };
}

function mayNotFollow(text: string, at: number, rules: MailboxRules): MailboxFault {
  let start = rules.itemStart ?? 0;
  while (isSpace(text.charCodeAt(start))) start++;
  return fault(`malformed address: ${text.slice(at, at + 32)} may not follow ${text.slice(start, at)}`);
}

function fault(message: string, empty?: boolean): MailboxFault {
  return empty === true ? { ok: false, message, empty } : { ok: false, message };
}
