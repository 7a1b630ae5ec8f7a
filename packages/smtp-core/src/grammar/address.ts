/**
 * The address of MAIL, RCPT, VRFY: Exim's loose grammar (manual §"Dots in local parts", §"Source routes"), with its
 * error texts. Total; each step looks at an octet once. RFC 5321 §4.1.2 is the strict form.
 */

import { isLiteral } from "./ip.ts";

export interface AddressRules {
  /** `allow_domain_literals` */
  readonly domainLiterals: boolean;
  /** `strip_trailing_dot` */
  readonly stripTrailingDot: boolean;
  /** `allow_utf8_domains`, or SMTPUTF8 was asked for. */
  readonly utf8Domains: boolean;
}

export type ParsedAddress =
  /** `domain` is "" for an unqualified address; `address` "" for `<>`. Quotes are kept as given. */
  | { readonly ok: true; readonly address: string; readonly localPart: string; readonly domain: string }
  | { readonly ok: false; readonly at: number; readonly message: string };

interface Reader {
  readonly text: string;
  readonly rules: AddressRules;
  at: number;
}

/** RFC 5321 §4.5.3.1 allows 64 + 1 + 255; Exim is a little wider. */
const MAX_ADDRESS = 320;
const MAX_DOMAIN = 255;

/** `allowNull`: `<>` is the null sender. */
export function parseAddress(text: string, rules: AddressRules, allowNull: boolean): ParsedAddress {
  const plain = text.length <= MAX_ADDRESS ? PLAIN.exec(text) : null;
  if (plain !== null) {
    const [, localPart = "", domain = ""] = plain;
    if (domain.length <= MAX_DOMAIN) return { ok: true, address: `${localPart}@${domain}`, localPart, domain };
  }
  const reader: Reader = { text, rules, at: 0 };
  const result = read(reader, allowNull);
  if (typeof result === "string") return { ok: false, at: reader.at, message: result };
  return result;
}

/** By far the most frequent form. */
const PLAIN =
  /^<([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64})@([A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)>$/;

function read(reader: Reader, allowNull: boolean): ParsedAddress | string {
  skipSpace(reader);
  if (reader.at >= reader.text.length) return "empty address";
  const bracketed = skipPhrase(reader);
  if (typeof bracketed === "string") return bracketed;
  if (bracketed) {
    skipSpace(reader);
    if (allowNull && reader.text[reader.at] === ">") return ending(reader, true, "", "");
    const route = readRoute(reader);
    if (route !== undefined) return route;
  }
  const localPart = readLocalPart(reader);
  if (localPart.fault !== undefined) return localPart.fault;
  if (localPart.text === "")
    return bracketed || (reader.at === 0 && reader.text[0] === "@")
      ? "missing or malformed local part"
      : 'missing or malformed local part (expected word or "<")';
  skipSpace(reader);
  const next = reader.text[reader.at];
  if (next !== "@") {
    if (bracketed && next !== undefined && next !== ">") return `"@" or "." expected after "${clip(localPart.text)}"`;
    return ending(reader, bracketed, localPart.text, "");
  }
  reader.at++;
  const domain = readDomain(reader);
  if (domain.fault !== undefined) return domain.fault;
  return ending(reader, bracketed, localPart.text, domain.text);
}

function ending(reader: Reader, bracketed: boolean, localPart: string, domain: string): ParsedAddress | string {
  skipSpace(reader);
  if (bracketed) {
    const next = reader.text[reader.at];
    if (next === undefined) return "'>' missing at end of address";
    if (next === ">") {
      reader.at++;
      skipSpace(reader);
    }
  }
  if (reader.at < reader.text.length) {
    return `malformed address: ${reader.text.slice(reader.at, reader.at + 32)} may not follow ${reader.text.slice(0, reader.at)}`;
  }
  const address = domain === "" ? localPart : `${localPart}@${domain}`;
  if (address.length > MAX_ADDRESS) return `address is ridiculously long: ${address.slice(0, 64)}...`;
  return { ok: true, address, localPart, domain };
}

/** Over a display name to behind its `<`. True: a bracket was opened; false: there is none, the reader stands at the start. */
function skipPhrase(reader: Reader): boolean | string {
  const start = reader.at;
  for (;;) {
    skipSpace(reader);
    const next = reader.text[reader.at];
    if (next === "<") {
      reader.at++;
      return true;
    }
    const before = reader.at;
    const word = readLocalPart(reader);
    if (word.fault !== undefined && start === before) return word.fault;
    if (word.fault !== undefined || reader.at === before) break;
  }
  const bare = reader.text[reader.at];
  const beyond = reader.at;
  reader.at = start;
  // Words, then neither `<` nor what may follow an address: a phrase that leads nowhere.
  if (bare !== undefined && bare !== "@" && bare !== ">" && bare !== ")") {
    reader.at = beyond;
    return 'missing or malformed local part (expected word or "<")';
  }
  const first = readLocalPart(reader);
  skipSpace(reader);
  const afterFirst = reader.text[reader.at];
  if (first.text !== "" && afterFirst !== undefined && afterFirst !== "@" && afterFirst !== ">")
    return 'missing or malformed local part (expected word or "<")';
  reader.at = start;
  return false;
}

/** `@a,@b:` before the address; ignored (RFC 5321 appendix C). */
function readRoute(reader: Reader): string | undefined {
  if (reader.text[reader.at] !== "@") return undefined;
  for (;;) {
    reader.at++;
    const domain = readDomain(reader);
    if (domain.fault !== undefined) return domain.fault;
    skipSpace(reader);
    const next = reader.text[reader.at];
    if (next === ",") {
      reader.at++;
      skipSpace(reader);
      if (reader.text[reader.at] !== "@") return "malformed source route";
      continue;
    }
    if (next !== ":") return "no local part";
    reader.at++;
    skipSpace(reader);
    return routedDomainMissing(reader) ? "domain missing in source-routed address" : undefined;
  }
}

function routedDomainMissing(reader: Reader): boolean {
  const ahead: Reader = { ...reader };
  const localPart = readLocalPart(ahead);
  skipSpace(ahead);
  return localPart.fault === undefined && localPart.text !== "" && ahead.text[ahead.at] !== "@";
}

type Piece = { readonly text: string; readonly fault?: string };

/** Atoms, quoted strings and dots in any order; a backslash takes the next octet with it. Comments are dropped. */
function readLocalPart(reader: Reader): Piece {
  const { text } = reader;
  let out = "";
  for (;;) {
    const from = reader.at;
    while (reader.at < text.length && isAtom(text.charCodeAt(reader.at))) reader.at++;
    out += text.slice(from, reader.at);
    const next = text[reader.at];
    if (next === "\\" && reader.at + 1 < text.length) {
      out += text.slice(reader.at, reader.at + 2);
      reader.at += 2;
    } else if (next === '"') {
      const end = quotedEnd(text, reader.at);
      if (end < 0) return { text: out, fault: "unmatched doublequote in local part" };
      out += text.slice(reader.at, end);
      reader.at = end;
    } else if (next === "(" && out !== "") {
      skipSpace(reader);
      if (text[reader.at] !== ".") return { text: out };
    } else return { text: out };
  }
}

function quotedEnd(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i + 1;
  }
  return -1;
}

function readDomain(reader: Reader): Piece {
  skipSpace(reader);
  if (reader.text[reader.at] === "[") return readLiteral(reader);
  const from = reader.at;
  while (reader.at < reader.text.length && isDomainOctet(reader.text.charCodeAt(reader.at), reader.rules.utf8Domains)) reader.at++;
  let domain = reader.text.slice(from, reader.at);
  if (reader.rules.stripTrailingDot && domain.endsWith(".")) domain = domain.slice(0, -1);
  const sound = domain !== "" && domain.split(".").every((label) => label !== "" && !label.startsWith("-"));
  if (!sound) return { text: "", fault: "domain missing or malformed" };
  if (domain.length > MAX_DOMAIN) {
    return { text: "", fault: `address is ridiculously long: ${reader.text.slice(0, reader.at).replace(/^</, "").slice(0, 64)}...` };
  }
  return { text: domain };
}

function readLiteral(reader: Reader): Piece {
  const end = reader.text.indexOf("]", reader.at);
  if (!reader.rules.domainLiterals) return { text: "", fault: "domain literals not allowed" };
  const inside = end < 0 ? "" : reader.text.slice(reader.at + 1, end);
  if (!isLiteral(inside)) return { text: "", fault: "domain missing or malformed" };
  reader.at = end + 1;
  return { text: `[${inside}]` };
}

function skipSpace(reader: Reader): void {
  const { text } = reader;
  for (;;) {
    const octet = text.charCodeAt(reader.at);
    if (octet === 32 || octet === 9) reader.at++;
    else if (octet === 40) {
      const end = commentEnd(text, reader.at);
      if (end < 0) return;
      reader.at = end;
    } else return;
  }
}

function commentEnd(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const c = text[i];
    if (c === "\\") i++;
    else if (c === "(") depth++;
    else if (c === ")" && --depth === 0) return i + 1;
  }
  return -1;
}

function isAtom(octet: number): boolean {
  if (octet <= 32 || octet === 127) return false;
  switch (octet) {
    case 34: // "
    case 40: // (
    case 41: // )
    case 44: // ,
    case 58: // :
    case 59: // ;
    case 60: // <
    case 62: // >
    case 64: // @
    case 91: // [
    case 92: // \
    case 93: // ]
      return false;
    default:
      return true;
  }
}

function isDomainOctet(octet: number, utf8: boolean): boolean {
  return (
    (octet >= 97 && octet <= 122) ||
    (octet >= 65 && octet <= 90) ||
    (octet >= 48 && octet <= 57) ||
    octet === 45 ||
    octet === 46 ||
    (utf8 && octet > 127)
  );
}

function clip(text: string): string {
  return text.length > 64 ? text.slice(0, 64) : text;
}
