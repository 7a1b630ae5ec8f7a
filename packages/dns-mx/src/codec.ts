/**
 * Octets of a DNS message to what the resolver needs of it, and back; the wire format itself is `dns-packet`'s.
 * Never throws: a message that cannot be read is `undefined`.
 */
import { type Answer, type DecodedPacket, type RecordType, RECURSION_DESIRED, AUTHENTIC_DATA, decode, encode } from "dns-packet";
import { type DnsRecord, type DnsType, fromUnicode, textOf, unicodeOf } from "@mailkit/sdk";
import { isAddress } from "./names.ts";

export interface WireQuestion {
  readonly id: number;
  /** In the case it shall have on the wire. */
  readonly name: string;
  readonly type: DnsType;
  readonly dnssec: boolean;
  readonly edns: boolean;
}

export interface WireReply {
  readonly id: number;
  readonly rcode: string;
  readonly truncated: boolean;
  readonly authentic: boolean;
  readonly authoritative: boolean;
  readonly recursion: boolean;
  /** Name and type of the question it claims to answer. */
  readonly question: { readonly name: string; readonly type: string } | undefined;
  readonly answers: readonly DnsRecord[];
  /** Negative TTL and zone of the SOA in the authority section. RFC 2308 §3. */
  readonly soa: { readonly zone: string; readonly ttl: number } | undefined;
  /** Owner of the first NS record of the authority section. */
  readonly delegation: string | undefined;
}

const UDP_PAYLOAD = 1232;
/** More records than any sane answer has; keeps the work that one message can cause small. */
const MAX_RECORDS = 1024;
const MAX_TTL = 7 * 24 * 3600;

export function encodeQuery(question: WireQuestion): Buffer {
  return encode({
    type: "query",
    id: question.id,
    flags: RECURSION_DESIRED | (question.dnssec ? AUTHENTIC_DATA : 0),
    questions: [{ name: unicodeOf(question.name), type: question.type as RecordType, class: "IN" }],
    additionals: question.edns ? [optRecord(question.dnssec)] : [],
  });
}

function optRecord(dnssec: boolean): Answer {
  return {
    type: "OPT",
    name: ".",
    udpPayloadSize: UDP_PAYLOAD,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: dnssec ? 0x8000 : 0,
    flag_do: dnssec,
    options: [],
  };
}

export function decodeReply(octets: Buffer): WireReply | undefined {
  if (octets.length < 12) return undefined;
  const records = octets.readUInt16BE(6) + octets.readUInt16BE(8) + octets.readUInt16BE(10);
  if (octets.readUInt16BE(4) > 1 || records > MAX_RECORDS) return undefined;
  let packet: DecodedPacket & { rcode?: string };
  try {
    packet = decode(octets);
  } catch {
    // The codec throws at the first thing that does not fit: a truncated answer may still be recognised by its header.
    return headerOnly(octets);
  }
  if (!packet.flag_qr) return undefined;
  const asked = packet.questions?.[0];
  return {
    id: packet.id ?? -1,
    rcode: packet.rcode ?? "",
    truncated: packet.flag_tc,
    authentic: packet.flag_ad,
    authoritative: packet.flag_aa,
    recursion: packet.flag_ra,
    question: asked === undefined ? undefined : { name: wireName(asked.name), type: asked.type },
    answers: recordsOf(packet.answers ?? []),
    ...authorityOf(packet.authorities ?? []),
  };
}

/** RFC 2181 §9: what follows TC is not to be used, so it may be cut anywhere. */
function headerOnly(octets: Buffer): WireReply | undefined {
  const flags = octets.readUInt16BE(2);
  if ((flags & 0x8000) === 0 || (flags & 0x0200) === 0) return undefined;
  return {
    id: octets.readUInt16BE(0),
    rcode: "NOERROR",
    truncated: true,
    authentic: false,
    authoritative: false,
    recursion: false,
    question: undefined,
    answers: [],
    soa: undefined,
    delegation: undefined,
  };
}

function authorityOf(authorities: readonly Answer[]): Pick<WireReply, "soa" | "delegation"> {
  let soa: WireReply["soa"];
  let delegation: string | undefined;
  for (const record of authorities) {
    if (record.type === "SOA" && soa === undefined) {
      soa = { zone: wireName(record.name), ttl: boundedTtl(Math.min(record.ttl ?? 0, record.data.minimum ?? 0)) };
    } else if (record.type === "NS") delegation ??= wireName(record.name);
  }
  return { soa, delegation };
}

function recordsOf(answers: readonly Answer[]): DnsRecord[] {
  const records: DnsRecord[] = [];
  for (const answer of answers) {
    const record = recordOf(answer);
    if (record !== undefined) records.push(record);
  }
  return records;
}

function recordOf(answer: Answer): DnsRecord | undefined {
  if (answer.type === "OPT" || answer.class !== "IN") return undefined;
  const base = { name: wireName(answer.name), ttl: boundedTtl(answer.ttl ?? 0) };
  switch (answer.type) {
    case "A":
    case "AAAA":
      return isAddress(answer.data) ? { ...base, type: answer.type, data: answer.data } : undefined;
    case "CNAME":
    case "NS":
    case "PTR":
      return { ...base, type: answer.type, data: wireName(answer.data) };
    case "MX":
      return { ...base, type: "MX", data: wireName(answer.data.exchange), preference: answer.data.preference ?? 0 };
    case "SRV": {
      const { priority = 0, weight = 0, port, target } = answer.data;
      return { ...base, type: "SRV", data: wireName(target), preference: priority, weight, port };
    }
    case "TXT":
      return { ...base, type: "TXT", ...textData(answer.data) };
    case "SOA": {
      const { mname, rname, serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0 } = answer.data;
      const fields = [wireName(mname), wireName(rname), ...[serial, refresh, retry, expire, minimum].map(String)];
      return { ...base, type: "SOA", data: fields.join(" "), fields };
    }
    case "TLSA": {
      const { usage, selector, matchingType, certificate } = answer.data;
      const fields = [String(usage), String(selector), String(matchingType), certificate.toString("hex")];
      return { ...base, type: "TLSA", data: fields.join(" "), fields };
    }
    default:
      return (answer.type as string) === "SPF"
        ? { ...base, type: "SPF", ...characterStrings((answer as { data: Buffer }).data) }
        : undefined;
  }
}

function textData(data: string | Buffer | readonly (string | Buffer)[]): { data: string; strings: string[] } {
  const parts = Array.isArray(data) ? data : [data];
  const strings = parts.map((part) => (typeof part === "string" ? fromUnicode(part) : textOf(part as Buffer)));
  return { data: strings.join(""), strings };
}

function characterStrings(rdata: Buffer): { data: string; strings: string[] } {
  const strings: string[] = [];
  for (let at = 0; at < rdata.length; at += 1 + (rdata[at] as number))
    strings.push(textOf(rdata.subarray(at + 1, at + 1 + (rdata[at] as number))));
  return { data: strings.join(""), strings };
}

/** The codec gives Unicode and "." for the root; here names are octets, and the root is "". */
function wireName(name: string): string {
  return name === "." ? "" : fromUnicode(name);
}

/** RFC 2181 §8: a TTL with the top bit set is zero. */
function boundedTtl(ttl: number): number {
  return ttl > 0x7fffffff ? 0 : Math.min(ttl, MAX_TTL);
}
