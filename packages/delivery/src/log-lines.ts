/**
 * Delivery lines of the mainlog, without time and id: `=> user <user@dom> R=r T=t H=h [a] C="250 OK"`. Pure.
 * Manual §"Logging deliveries" and the two sections after it.
 */
import type { HostUsed } from "@mailkit/sdk";
import { lower, printable, printableAddress, splitAddress, strerror } from "@mailkit/sdk";
import type { AddressNode, DeliveryContext, RoutedAddress, Verdict } from "./types.ts";

/** Stands where a transport would, when none is needed. */
export const BYPASSED = "**bypassed**";

export interface LineFormat {
  /** Is this `log_selector` on? */
  readonly on: (selector: string) => boolean;
  readonly isLocal: (transport: string) => boolean;
  /** `rcpt_include_affixes` */
  readonly includesAffixes: (transport: string) => boolean;
}

export function verdictLine(verdict: Exclude<Verdict, { kind: "same" }>, context: DeliveryContext, format: LineFormat): string {
  switch (verdict.kind) {
    case "delivered":
      return deliveredLine(verdict, context, format);
    case "failed":
      return failedLine(verdict, context, format);
    case "deferred":
      return deferredLine(verdict, format);
    case "discarded":
      return `=> ${verdict.shown} <${printableAddress(topOf(verdict.address).display)}>${routerField(verdict.address)}`;
  }
}

function deliveredLine(verdict: Extract<Verdict, { kind: "delivered" }>, context: DeliveryContext, format: LineFormat): string {
  const { address, fact } = verdict;
  const flag = context.envelope.dontDeliver === true ? "*>" : verdict.first ? "=>" : "->";
  let line = `${flag} ${addressField(address, format, true)}${senderFields(address, context, format)}`;
  line += `${routerField(address)} T=${address.transport}`;
  if (format.on("delivery_size")) line += ` S=${fact.size ?? context.message.body.size}`;
  if (format.isLocal(address.transport)) {
    if (address.hosts.length > 0) line += ` H=${address.hosts.map((host) => host.name).join(":")}`;
    if (fact.shadow !== undefined)
      line += ` ST=${fact.shadow.transport}${fact.shadow.error === undefined ? "" : ` (${fact.shadow.error})`}`;
  }
  if (fact.host !== undefined) line += hostFields(fact.host, format) + sessionFields(fact.host, format);
  if (fact.confirmation !== undefined && format.on("smtp_confirmation")) line += ` C="${quoted(fact.confirmation)}"`;
  return line + times(context, format);
}

function quoted(text: string): string {
  return printable(text).replace(/["\\]/g, "\\$&");
}

function failedLine(verdict: Extract<Verdict, { kind: "failed" }>, context: DeliveryContext, format: LineFormat): string {
  const { address, fact } = verdict;
  if (verdict.timedOut === true) return `** ${timedOutField(address)}: ${fact.message}`;
  let line = `** ${addressField(address, format, false)}`;
  if (verdict.transport !== "") line += senderFields(address, context, format);
  line += routerField(address);
  if (verdict.transport !== "") line += ` T=${verdict.transport}`;
  if (fact.host !== undefined) line += hostFields(fact.host, format);
  line += fact.message === "" ? "" : `: ${printable(fact.message)}`;
  return verdict.transport === "" ? line : line + times(context, format);
}

/** The address without what became of it since the deferral: only its parent is named. */
function timedOutField(address: AddressNode): string {
  const from = address.parent?.display ?? address.oneTimeParent;
  return `${printableAddress(address.display)}${from === undefined ? "" : ` <${printableAddress(from)}>`}`;
}

function isBypassed(address: AddressNode): boolean {
  return "transport" in address && address.transport === BYPASSED;
}

function senderFields(address: AddressNode, context: DeliveryContext, format: LineFormat): string {
  let fields = "";
  if (format.on("sender_on_delivery")) fields += ` F=<${context.envelope.sender}>`;
  if (format.on("return_path_on_delivery") && !isBypassed(address)) fields += ` P=<${address.errorsTo ?? context.envelope.sender}>`;
  return fields;
}

function deferredLine(verdict: Extract<Verdict, { kind: "deferred" }>, format: LineFormat): string {
  const { address, fact } = verdict;
  let line = `== ${addressField(address, format, false)}`;
  if (verdict.early === true) line += " routing";
  else line += routerField(address);
  if (verdict.transport !== "") line += ` T=${verdict.transport}`;
  const errno = fact.errno ?? (verdict.transport === "" ? -1 : 0);
  line += ` defer (${errno})`;
  if (errno > 0) line += `: ${strerror(errno)}`;
  if (fact.host !== undefined && fact.message !== "") line += ` H=${fact.host.name} [${fact.host.address}]${port(fact.host, format)}`;
  const rest = errno > 0 && fact.message === strerror(errno) ? "" : fact.message;
  return line + (rest === "" ? "" : `: ${printable(rest)}`);
}

/**
 * The address with what it came from: `user <user@dom>` where a local delivery succeeded, else whole; ` (parents) <top>`
 * behind it when it is not that of the envelope. A pipe, file or reply names its parent, `all_parents` names all.
 */
function addressField(address: AddressNode, format: LineFormat, success: boolean): string {
  const top = topOf(address);
  const all = format.on("all_parents");
  const parents: string[] = [];
  if (all || address.special !== undefined)
    for (let node = address.parent; node !== undefined && node !== top; node = node.parent) parents.push(printableAddress(node.display));
  const between = parents.length === 0 ? "" : ` (${(all ? parents : parents.slice(0, 1)).join(", ")})`;
  const suffix = ` <${printableAddress(address.oneTimeParent ?? top.display)}>`;
  if (address.special !== undefined) return `${printableAddress(address.display)}${between}${suffix}`;
  const seen = splitAddress(address.seen ?? address.display);
  if (success && address.logAsLocal === true) return `${printableAddress(seen.localPart)}${between}${suffix}`;
  const shown = withAffixes(address, seen, format);
  const isTop = sameAddress(shown, top.display) && address.oneTimeParent === undefined && parents.length === 0;
  return `${printableAddress(shown)}${between}${isTop ? "" : suffix}`;
}

/** What goes into RCPT: affixes are off unless the transport puts them on again. */
function withAffixes(address: AddressNode, seen: { localPart: string; domain: string }, format: LineFormat): string {
  const { facts, transport } = address as Partial<RoutedAddress>;
  const on = facts !== undefined && transport !== undefined && format.includesAffixes(transport);
  const local = on ? facts.prefix + seen.localPart + facts.suffix : seen.localPart;
  return seen.domain === "" ? local : `${local}@${seen.domain}`;
}

/** The case of the local part counts, that of the domain does not. */
function sameAddress(shown: string, top: string): boolean {
  const [one, other] = [splitAddress(shown), splitAddress(top)];
  return one.localPart === other.localPart && lower(one.domain) === lower(other.domain);
}

function topOf(address: AddressNode): AddressNode {
  let node = address;
  while (node.parent !== undefined) node = node.parent;
  return node;
}

function routerField(address: AddressNode): string {
  return address.router === "" ? "" : ` R=${address.router}`;
}

function hostFields(host: HostUsed, format: LineFormat): string {
  let fields = ` H=${host.name} [${host.address}]${port(host, format)}${host.continued === true ? "*" : ""}`;
  if (host.localInterface !== undefined && format.on("outgoing_interface")) fields += ` I=[${host.localInterface}]`;
  if (host.tls !== undefined) {
    if (format.on("tls_cipher")) fields += ` X=${host.tls.version}:${host.tls.cipher}:${host.tls.bits}`;
    if (format.on("tls_certificate_verified")) fields += ` CV=${host.tls.verified ? "yes" : "no"}`;
    if (host.tls.peerDn !== undefined && format.on("tls_peerdn")) fields += ` DN="${printable(host.tls.peerDn)}"`;
  }
  return fields;
}

/** What a delivery that came about made use of. */
function sessionFields(host: HostUsed, format: LineFormat): string {
  let fields = "";
  if (host.authenticator !== undefined) fields += ` A=${host.authenticator}`;
  if (host.pipelining === true && format.on("pipelining")) fields += " L";
  if (host.prdr === true) fields += " PRDR";
  if (host.chunking === true) fields += " K";
  return fields;
}

function port(host: HostUsed, format: LineFormat): string {
  return format.on("outgoing_port") ? `:${host.port}` : "";
}

function times(context: DeliveryContext, format: LineFormat): string {
  const age = Math.max(0, context.now - context.envelope.received);
  return format.on("queue_time") ? ` QT=${shownTime(age, format.on("millisec"))}` : "";
}

/** `3s`, `2h14m3s`; with millisec `3.124s`. */
export function shownTime(milliseconds: number, fine: boolean): string {
  if (fine && milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(3)}s`;
  let rest = Math.floor(milliseconds / 1000);
  let text = "";
  for (const [unit, size] of [
    ["w", 604800],
    ["d", 86400],
    ["h", 3600],
    ["m", 60],
    ["s", 1],
  ] as const) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === "" ? "0s" : text;
}
