import type { Envelope, Recipient, StoredMessage } from "@mailkit/sdk";
import { octetsOf } from "@mailkit/sdk";
import { headersToText } from "./records.ts";

/** A message in the text of Exim's -H and -D files (manual §"Format of spool files"): `-Mvh`, `queue export`. */
export interface EximFiles {
  readonly header: Buffer;
  readonly data: Buffer;
}

export async function toEximFiles(message: StoredMessage): Promise<EximFiles> {
  const body = message.body.bytes ?? (await message.body.read());
  return {
    header: octetsOf(eximHeaderFile(message)),
    data: Buffer.concat([octetsOf(`${message.envelope.id}-D\n`), body]),
  };
}

/** The -H file, for `-Mvh`. */
export function eximHeaderFile(message: Omit<StoredMessage, "body">): string {
  const { envelope, state } = message;
  const { origin } = envelope;
  return (
    `${envelope.id}-H\n${oneLine(origin.login)} ${origin.uid} ${origin.gid}\n<${oneLine(envelope.sender)}>\n` +
    `${Math.floor(envelope.received / 1000)} ${state.warnings}\n` +
    variableLines(message) +
    treeLines([...state.done].sort()) +
    `${envelope.recipients.length}\n${envelope.recipients.map((r) => recipientLine(r, envelope.recipients)).join("")}\n` +
    headersToText(message.headers)
  );
}

function variableLines({ envelope, state }: Omit<StoredMessage, "body">): string {
  const { origin, extra } = envelope;
  const seconds = Math.floor(envelope.received / 1000);
  const fraction = String(Math.floor(envelope.received % 1000)).padStart(3, "0");
  const lines: [string, string | number | boolean | undefined][] = [
    ["-received_time_usec", `.${fraction}000`],
    ["-received_time_complete", `${seconds}.${fraction}000`],
    ["--helo_name", origin.helo],
    ["--host_address", origin.host && addressAndPort(origin.host)],
    ["--host_name", origin.host?.name],
    ["--host_auth", origin.authenticator],
    ["--interface_address", origin.interface && addressAndPort(origin.interface)],
    ["-active_hostname", origin.activeHostname],
    [origin.local ? "-ident" : "--ident", origin.ident],
    ["-received_protocol", envelope.protocol],
  ];
  const rest: [string, string | number | boolean | undefined][] = [
    ["-body_linecount", envelope.bodyLines],
    ["-body_zerocount", extra?.["body_zerocount"]],
    ["-max_received_linelength", envelope.maxReceivedLine],
    [origin.local ? "-auth_id" : "--auth_id", origin.authenticatedId],
    [origin.local ? "-auth_sender" : "--auth_sender", origin.authenticatedSender],
    ["-allow_unqualified_recipient", extra?.["allow_unqualified_recipient"] !== undefined],
    ["-allow_unqualified_sender", extra?.["allow_unqualified_sender"] !== undefined],
    ["-deliver_firsttime", state.first],
    ["-frozen", state.frozen && Math.floor(state.frozen.since / 1000)],
    ["-manual_thaw", state.manuallyThawed],
    ["-N", envelope.dontDeliver],
    ["-host_lookup_failed", extra?.["host_lookup_failed"] === "1"],
    ["-local", origin.local],
    ["-localerror", extra?.["local_error"] !== undefined],
    ["-sender_set_untrusted", extra?.["sender_set_untrusted"] !== undefined],
    ["--local_scan", extra?.["local_scan_data"]],
    ["-spam_score_int", extra?.["spam_score_int"]],
    ["-tls_certificate_verified", origin.tls?.verified],
    ["-tls_cipher", origin.tls?.cipher],
    ["--tls_peerdn", origin.tls?.peerDn],
    ["--tls_sni", origin.tls?.sni],
    ["-tls_ver", origin.tls?.version],
    ["-smtputf8", envelope.smtputf8],
    ["-dsn_envid", envelope.dsn?.envid],
    ["-dsn_ret", envelope.dsn?.ret && (envelope.dsn.ret === "hdrs" ? 2 : 1)],
  ];
  return variables(lines) + aclLines(envelope) + variables(rest);
}

function variables(lines: readonly (readonly [string, string | number | boolean | undefined])[]): string {
  let text = "";
  for (const [name, value] of lines) {
    if (value === undefined || value === false || value === "") continue;
    text += value === true ? `${name}\n` : `${name} ${oneLine(String(value))}\n`;
  }
  return text;
}

function aclLines(envelope: Envelope): string {
  return envelope.aclVariables
    .map(([name, { text, tainted }]) => `${tainted ? "--" : "-"}acl${name[0]} ${name.slice(1)} ${text.length}\n${text}\n`)
    .join("");
}

function addressAndPort(host: { readonly address: string; readonly port: number }): string {
  return `[${host.address}]:${host.port}`;
}

/** A newline in a value would be another line of the file: CVE-2020-28026 and its kin. */
function oneLine(text: string): string {
  return text.replace(/[\r\n\0]/g, "?");
}

/** A balanced tree in preorder: two letters for its branches, then the address. */
function treeLines(addresses: readonly string[]): string {
  return addresses.length === 0 ? "XX\n" : subtree(addresses, 0, addresses.length);
}

function subtree(addresses: readonly string[], from: number, to: number): string {
  if (from >= to) return "";
  const middle = (from + to) >> 1;
  const letters = (middle > from ? "Y" : "N") + (to > middle + 1 ? "Y" : "N");
  return `${letters} ${oneLine(addresses[middle] as string)}\n${subtree(addresses, from, middle)}${subtree(addresses, middle + 1, to)}`;
}

const NOTIFY_BITS = { never: 2, success: 4, failure: 8, delay: 16 } as const;

function recipientLine(recipient: Recipient, all: readonly Recipient[]): string {
  const address = oneLine(recipient.address);
  const hasDsn = recipient.dsn?.notify !== undefined || recipient.dsn?.orcpt !== undefined;
  const hasErrors = recipient.errorsTo !== undefined || recipient.parent !== undefined;
  if (!hasDsn && !hasErrors) return `${address}\n`;
  const orcpt = oneLine(recipient.dsn?.orcpt ?? "");
  let bits = 0;
  for (const word of recipient.dsn?.notify ?? []) bits |= NOTIFY_BITS[word];
  const errorsTo = oneLine(recipient.errorsTo ?? "");
  const parent = recipient.parent === undefined ? -1 : all.findIndex((other) => other.address === recipient.parent);
  return `${address} ${orcpt} ${orcpt.length},${bits} ${errorsTo} ${errorsTo.length},${parent}#3\n`;
}
