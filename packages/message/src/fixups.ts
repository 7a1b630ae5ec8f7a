import type { HeaderLine } from "@mailkit/sdk";
import { equalCaseless, lower } from "@mailkit/sdk";
import { extractAddresses } from "./address-list.ts";
import { encodeWords, needsEncoding } from "./encoded-words.ts";
import { mailDate } from "./dates.ts";
import { DELETED, findHeader, hasName, isDeleted, makeHeader, nameOfHeader, valueOfHeader } from "./header-lines.ts";
import { fixPhrase } from "./local-parts.ts";

/**
 * What Exim puts right in the headers of local and submission-mode messages, and never in others: Message-Id, From,
 * Sender, Date, and their Resent- twins (manual §"Message processing", §"Summary of message fixup control").
 */
export interface FixupInput {
  readonly headers: readonly HeaderLine[];
  readonly origin: "local" | "submission";
  /** Message id, for Message-Id. */
  readonly id: string;
  readonly now: number;
  /** Minutes east of Greenwich. */
  readonly zone: number;
  /** Envelope sender; "" = null. */
  readonly sender: string;
  readonly qualifyDomain: string;
  /** `message_id_header_domain` or the primary host name; `message_id_header_text`, expanded. */
  readonly messageIdDomain: string;
  readonly messageIdText?: string;
  /** The caller of a local message. */
  readonly caller?: { readonly login: string; readonly fullName: string; readonly trusted: boolean };
  readonly charset: string;
  readonly localFromCheck: boolean;
  readonly localSenderRetain: boolean;
  /** `local_from_prefix`, `local_from_suffix`: lists like `*-` and `-*`. */
  readonly localFromPrefix: readonly string[];
  readonly localFromSuffix: readonly string[];
  readonly submission?: {
    readonly senderRetain: boolean;
    /** Undefined: not given. "" : the id is the whole address. */
    readonly domain?: string;
    readonly name?: string;
    readonly authenticatedId: string;
  };
  /** It reports about another message (an autoreply). */
  readonly report?: boolean;
  /** Recipients as they were before they were rewritten: kept in old lines, as Exim does. */
  readonly formerRecipients?: readonly string[];
  /** The From of a local SMTP session is not replaced by the login's (`-bs`). */
  readonly smtp: boolean;
}

export interface FixupResult {
  readonly headers: HeaderLine[];
  /** A created Sender: takes the return path with it. */
  readonly sender: string;
}

export function fixHeaders(input: FixupInput): FixupResult {
  const work: Work = { input, headers: [...input.headers], sender: input.sender, prefix: resentPrefix(input.headers) };
  removeSenders(work);
  addMessageId(work);
  for (const address of input.formerRecipients ?? [])
    work.headers.push({ type: DELETED, text: `X-rewrote-original-recipient: ${address}\n` });
  replaceBareLogin(work);
  addFrom(work);
  addSender(work);
  addDate(work);
  return { headers: work.headers, sender: work.sender };
}

/** Lines that may not arrive from anybody: manual §"The Return-path: header line" and its likes. */
export function removeTraceHeaders(
  headers: readonly HeaderLine[],
  which: { readonly returnPath: boolean; readonly deliveryDate: boolean; readonly envelopeTo: boolean },
): HeaderLine[] {
  const names = [
    ...(which.returnPath ? ["Return-path"] : []),
    ...(which.deliveryDate ? ["Delivery-date"] : []),
    ...(which.envelopeTo ? ["Envelope-to"] : []),
  ];
  return headers.map((header) => (names.some((name) => hasName(header, name)) ? { text: header.text, type: DELETED } : header));
}

interface Work {
  readonly input: FixupInput;
  headers: HeaderLine[];
  sender: string;
  /** "Resent-" when any such line is there. */
  readonly prefix: "" | "Resent-";
}

function resentPrefix(headers: readonly HeaderLine[]): "" | "Resent-" {
  return headers.some((h) => !isDeleted(h) && lower(nameOfHeader(h.text)).startsWith("resent-")) ? "Resent-" : "";
}

/** An untrusted user, or a submission, does not choose its Sender. */
function removeSenders(work: Work): void {
  const { input } = work;
  const remove =
    input.origin === "local"
      ? input.caller?.trusted !== true && !input.localSenderRetain
      : input.submission?.senderRetain !== true && !input.localSenderRetain;
  if (!remove) return;
  work.headers = work.headers.map((header) =>
    header.type === "S" && (hasName(header, "Sender") || hasName(header, "Resent-Sender")) ? { text: header.text, type: DELETED } : header,
  );
}

function addMessageId(work: Work): void {
  const name = `${work.prefix}Message-Id`;
  if (findHeader(work.headers, name) !== undefined) return;
  const { id, messageIdDomain, messageIdText } = work.input;
  const extra = messageIdText === undefined || messageIdText === "" ? "" : `.${dotAtom(messageIdText)}`;
  add(work, `${name}: <E${id}${extra}@${dotAtom(messageIdDomain)}>`, work.prefix !== "");
}

/** Characters that an id may not hold become hyphens (manual §"message_id_header_text"). */
function dotAtom(text: string): string {
  return text.replace(/[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]/g, "-");
}

/** For compatibility with Sendmail: `From: login` of a non-SMTP message becomes the constructed address. */
function replaceBareLogin(work: Work): void {
  const { input } = work;
  if (input.origin !== "local" || input.smtp || input.caller === undefined) return;
  for (const [at, header] of work.headers.entries()) {
    if (header.type !== "F" || !equalCaseless(valueOfHeader(header.text), input.caller.login)) continue;
    const replacement = makeHeader(`${nameOfHeader(header.text)}: ${constructed(work, callerAddress(input), input.caller.fullName)}`);
    work.headers.splice(at, 1, { text: header.text, type: DELETED }, replacement);
    return;
  }
}

function addFrom(work: Work): void {
  const { input } = work;
  const name = `${work.prefix}From`;
  if (findHeader(work.headers, name) !== undefined) return;
  if (input.origin === "local") {
    if (work.sender === "") {
      const { caller } = input;
      // Whoever may choose the sender, and chose none, is no author; a report that mailkit writes is its user's.
      if (caller !== undefined && !input.smtp && (!caller.trusted || input.report === true))
        add(work, `${name}: ${constructed(work, callerAddress(input), caller.fullName)}`);
      return;
    }
    // A trusted caller who sends as another gives no name with it.
    const own = input.caller !== undefined && (!input.caller.trusted || (!input.smtp && equalCaseless(work.sender, callerAddress(input))));
    add(work, `${name}: ${own ? constructed(work, work.sender, input.caller.fullName) : work.sender}`);
  } else if (work.sender !== "") {
    add(work, `${name}: ${constructed(work, work.sender, input.submission?.name ?? "")}`);
  } else {
    const address = submissionAddress(input);
    if (address !== undefined) add(work, `${name}: ${constructed(work, address, input.submission?.name ?? "")}`);
  }
}

function addSender(work: Work): void {
  const { input } = work;
  const expected = expectedSender(work);
  if (expected === undefined || fromMatches(work, expected.address)) return;
  add(work, `${work.prefix}Sender: ${constructed(work, expected.address, expected.fullName)}`);
  if (input.origin === "submission") work.sender = expected.address;
}

/** Who must stand in From:, undefined when nobody checks. */
function expectedSender(work: Work): { address: string; fullName: string } | undefined {
  const { input } = work;
  if (input.origin === "submission") {
    const address = input.submission?.senderRetain === true ? undefined : submissionAddress(input);
    return address === undefined ? undefined : { address, fullName: input.submission?.name ?? "" };
  }
  if (!input.localFromCheck || input.caller === undefined || input.caller.trusted) return undefined;
  return { address: callerAddress(input), fullName: input.caller.fullName };
}

/** Exactly one address in From:, and it is the expected one, affixes apart. */
function fromMatches(work: Work, expected: string): boolean {
  const name = `${work.prefix}From`;
  const lines = work.headers.filter((header) => header.type === "F" && hasName(header, name));
  if (lines.length !== 1) return false;
  const { addresses, faults } = extractAddresses(valueOfHeader((lines[0] as HeaderLine).text));
  const address = addresses[0];
  if (addresses.length !== 1 || faults.length > 0 || address === undefined) return false;
  return lower(withoutAffixes(address, work.input)) === lower(expected) || lower(address) === lower(expected);
}

function withoutAffixes(address: string, input: FixupInput): string {
  const at = address.lastIndexOf("@");
  let local = at < 0 ? address : address.slice(0, at);
  const prefix = input.localFromPrefix.map((p) => prefixLength(p, local)).find((n) => n > 0);
  if (prefix !== undefined) local = local.slice(prefix);
  const suffix = input.localFromSuffix.map((s) => suffixLength(s, local)).find((n) => n > 0);
  if (suffix !== undefined) local = local.slice(0, local.length - suffix);
  return `${local}@${at < 0 ? input.qualifyDomain : address.slice(at + 1)}`;
}

function prefixLength(pattern: string, local: string): number {
  if (!pattern.startsWith("*")) return lower(local).startsWith(lower(pattern)) ? pattern.length : 0;
  const at = lower(local).lastIndexOf(lower(pattern.slice(1)));
  return at < 0 ? 0 : at + pattern.length - 1;
}

function suffixLength(pattern: string, local: string): number {
  if (!pattern.endsWith("*")) return lower(local).endsWith(lower(pattern)) ? pattern.length : 0;
  const at = lower(local).indexOf(lower(pattern.slice(0, -1)));
  return at < 0 ? 0 : local.length - at;
}

function addDate(work: Work): void {
  const name = `${work.prefix}Date`;
  if (findHeader(work.headers, name) !== undefined) return;
  add(work, `${name}: ${mailDate(work.input.now, work.input.zone)}`, work.prefix !== "");
}

function callerAddress(input: FixupInput): string {
  return `${input.caller?.login ?? ""}@${input.qualifyDomain}`;
}

function submissionAddress(input: FixupInput): string | undefined {
  const submission = input.submission;
  if (submission === undefined || submission.authenticatedId === "") return undefined;
  if (submission.domain === "") return submission.authenticatedId;
  return `${submission.authenticatedId}@${submission.domain ?? input.qualifyDomain}`;
}

/** `Zaphod Beeblebrox <zaphod@end.univ.example>`, manual §"Constructed addresses". */
function constructed(work: Work, address: string, fullName: string): string {
  return constructAddress(address, fullName, work.input.charset);
}

export function constructAddress(address: string, fullName: string, charset: string): string {
  if (fullName === "") return address;
  return `${needsEncoding(fullName) ? encodeWords(fullName, charset) : fixPhrase(fullName)} <${address}>`;
}

/** New lines go to the end; Resent- ids and dates above the block that they belong to. */
function add(work: Work, text: string, atTop = false): void {
  if (atTop) work.headers.unshift(makeHeader(text));
  else work.headers.push(makeHeader(text));
}
