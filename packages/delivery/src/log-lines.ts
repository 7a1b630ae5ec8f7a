/**
 * Delivery lines of the mainlog, without time and id: `=> user <user@dom> R=r T=t H=h [a] C="250 OK"`. Pure.
 * Manual §"Logging deliveries" and the two sections after it.
 */
import type { HostUsed } from "@mailkit/sdk";
import { printable, splitAddress, strerror } from "@mailkit/sdk";
import type { AddressNode, DeliveryContext, RoutedAddress, Verdict } from "./types.ts";

export interface LineFormat {
  /** Is this `log_selector` on? */
  readonly on: (selector: string) => boolean;
  /** Is it a local transport (its lines show the local part alone)? */
  readonly isLocal: (transport: string) => boolean;
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
      return `=> ${verdict.shown} ${original(verdict.address, format, verdict.shown)}${routerField(verdict.address)}`.replace(
        / {2,}/g,
        " ",
      );
  }
}

function deliveredLine(verdict: Extract<Verdict, { kind: "delivered" }>, context: DeliveryContext, format: LineFormat): string {
  const { address, fact } = verdict;
  const flag = context.envelope.dontDeliver === true ? "*>" : verdict.first ? "=>" : "->";
  const returnPath = address.errorsTo ?? context.envelope.sender;
  let line = `${flag} ${shownAddress(address, format)}`;
  if (format.on("sender_on_delivery")) line += ` F=<${context.envelope.sender}>`;
  if (format.on("return_path_on_delivery")) line += ` P=<${returnPath}>`;
  line += `${routerField(address)} T=${address.transport}`;
  if (format.on("delivery_size")) line += ` S=${context.message.body.size}`;
  if (fact.host !== undefined) line += hostFields(fact.host, format);
  if (fact.confirmation !== undefined && format.on("smtp_confirmation"))
    line += ` C="${printable(fact.confirmation).replaceAll('"', '\\"')}"`;
  return line + times(context, format);
}

function failedLine(verdict: Extract<Verdict, { kind: "failed" }>, context: DeliveryContext, format: LineFormat): string {
  const { address, fact } = verdict;
  let line = `** ${fullAddress(address, format)}`;
  if (format.on("sender_on_delivery") && verdict.transport !== "") line += ` F=<${context.envelope.sender}>`;
  if (format.on("return_path_on_delivery") && verdict.transport !== "") line += ` P=<${address.errorsTo ?? context.envelope.sender}>`;
  line += routerField(address);
  if (verdict.transport !== "") line += ` T=${verdict.transport}`;
  if (fact.host !== undefined) line += hostFields(fact.host, format);
  line += fact.message === "" ? "" : `: ${printable(fact.message)}`;
  return verdict.transport === "" ? line : line + times(context, format);
}

function deferredLine(verdict: Extract<Verdict, { kind: "deferred" }>, format: LineFormat): string {
  const { address, fact } = verdict;
  let line = `== ${fullAddress(address, format)}`;
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

/** Local deliveries show the local part, with the address they are for behind it; others the whole address. */
function shownAddress(address: RoutedAddress, format: LineFormat): string {
  const generated = address.generated !== undefined && address.generated.kind !== "reply";
  const short = !generated && format.isLocal(address.transport) ? splitAddress(address.display).localPart : address.display;
  return `${printable(short)}${original(address, format, short)}`;
}

function fullAddress(address: AddressNode, format: LineFormat): string {
  return `${printable(address.display)}${original(address, format, address.display)}`;
}

/** ` (parent) <top>`: the address of the envelope when the shown one differs; with all_parents those between, too. */
function original(address: AddressNode, format: LineFormat, shown: string): string {
  const chain: AddressNode[] = [];
  for (let node: AddressNode | undefined = address; node !== undefined; node = node.parent) chain.push(node);
  const top = chain.at(-1) as AddressNode;
  if (top.display === shown) return "";
  const between = format.on("all_parents") ? chain.slice(1, -1).map((node) => ` (${printable(node.display)})`) : [];
  const self = chain.length > 1 && shown !== address.display && format.on("all_parents") ? ` (${printable(address.display)})` : "";
  return `${self}${between.join("")} <${printable(top.display)}>`;
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
  if (host.authenticator !== undefined) fields += ` A=${host.authenticator}`;
  if (host.pipelining === true && format.on("pipelining")) fields += " L";
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
