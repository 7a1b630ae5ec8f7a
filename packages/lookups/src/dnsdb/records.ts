/** How records look in the result of a dnsdb lookup (manual §"More about dnsdb", §"Pseudo dnsdb record types"). Pure. */
import type { DnsRecord } from "@mailkit/sdk";
import type { DnsdbType } from "./parse-query.ts";

export function recordText(record: DnsRecord, type: DnsdbType, fieldSeparator: string | undefined): string {
  const between = fieldSeparator ?? " ";
  switch (type) {
    case "MX":
      return `${record.preference ?? 0}${between}${record.data}`;
    case "SRV":
      return [record.preference ?? 0, record.weight ?? 0, record.port ?? 0, record.data].join(between);
    case "TXT":
      return fieldSeparator === undefined ? (record.strings?.[0] ?? record.data) : joinStrings(record, fieldSeparator);
    case "SPF":
      return joinStrings(record, fieldSeparator ?? "");
    case "SOA":
      return fieldSeparator === undefined ? (record.fields?.[0] ?? record.data) : (record.fields ?? [record.data]).join(between);
    case "TLSA":
      return (record.fields ?? [record.data]).join(between);
    default:
      return record.data;
  }
}

function joinStrings(record: DnsRecord, separator: string): string {
  return record.strings === undefined ? record.data : record.strings.join(separator);
}

/** Client SMTP authorization (manual §"Client SMTP authorization (CSA)"): version 1 in the priority, the verdict in the weight. */
export function csaText(record: DnsRecord, isParent: boolean): string | undefined {
  if (record.preference !== 1) return undefined;
  if (isParent) return ((record.port ?? 0) & 1) === 1 ? `X ${record.data}` : `? ${record.data}`;
  const code = { 1: "N", 2: "Y", 3: "?" }[record.weight ?? 0];
  return code === undefined ? undefined : `${code} ${record.data}`;
}
