/**
 * The PROXY protocol, versions 1 and 2, in front of SMTP: who the client really is. Pure and total; the listener feeds it
 * what it has. Manual §"Inbound proxies"; the specification is HAProxy's proxy-protocol.txt.
 */
import { isIp } from "@mailkit/smtp-core";

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export type ProxyRead =
  | { readonly kind: "more" }
  | { readonly kind: "bad"; readonly message: string }
  /** `used` octets were the header. Without `source`: the proxy speaks for itself (LOCAL, UNKNOWN). */
  | { readonly kind: "ok"; readonly used: number; readonly source?: Endpoint; readonly destination?: Endpoint };

const SIGNATURE = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
/** The longest line of version 1, CRLF included. */
const MAX_V1 = 107;
const MAX_V2 = 2048;

export function readProxy(octets: Buffer): ProxyRead {
  const common = Math.min(octets.length, SIGNATURE.length);
  if (octets.subarray(0, common).equals(SIGNATURE.subarray(0, common))) {
    return octets.length < 16 ? { kind: "more" } : readV2(octets);
  }
  const head = octets.toString("latin1", 0, Math.min(octets.length, 6));
  if ("PROXY ".startsWith(head)) return readV1(octets);
  return { kind: "bad", message: "no PROXY header" };
}

function readV1(octets: Buffer): ProxyRead {
  const end = octets.subarray(0, MAX_V1).indexOf("\r\n");
  if (end < 0) return octets.length >= MAX_V1 ? { kind: "bad", message: "PROXY header too long" } : { kind: "more" };
  const words = octets.toString("latin1", 0, end).split(" ");
  const used = end + 2;
  const [, family, source = "", destination = "", sourcePort = "", destinationPort = ""] = words;
  if (family === "UNKNOWN") return { kind: "ok", used };
  const version = family === "TCP4" ? 4 : family === "TCP6" ? 6 : 0;
  if (version === 0 || words.length !== 6) return { kind: "bad", message: "malformed PROXY header" };
  if (isIp(source) !== version || isIp(destination) !== version) return { kind: "bad", message: "bad address in PROXY header" };
  if (!isPort(sourcePort) || !isPort(destinationPort)) return { kind: "bad", message: "bad port in PROXY header" };
  return {
    kind: "ok",
    used,
    source: { address: source, port: Number(sourcePort) },
    destination: { address: destination, port: Number(destinationPort) },
  };
}

function isPort(text: string): boolean {
  return /^[0-9]{1,5}$/.test(text) && Number(text) <= 65_535;
}

function readV2(octets: Buffer): ProxyRead {
  const command = octets[12] as number;
  const family = octets[13] as number;
  const length = octets.readUInt16BE(14);
  if (length > MAX_V2) return { kind: "bad", message: "PROXY header too long" };
  const used = 16 + length;
  if (octets.length < used) return { kind: "more" };
  if (command === 0x20) return { kind: "ok", used };
  if (command !== 0x21) return { kind: "bad", message: "unknown PROXY command" };
  const size = family === 0x11 ? 4 : family === 0x21 ? 16 : 0;
  if (size === 0) return { kind: "bad", message: "unsupported family in PROXY header" };
  if (length < 2 * size + 4) return { kind: "bad", message: "malformed PROXY header" };
  const source = addressOf(octets.subarray(16, 16 + size));
  const destination = addressOf(octets.subarray(16 + size, 16 + 2 * size));
  const ports = 16 + 2 * size;
  return {
    kind: "ok",
    used,
    source: { address: source, port: octets.readUInt16BE(ports) },
    destination: { address: destination, port: octets.readUInt16BE(ports + 2) },
  };
}

function addressOf(octets: Buffer): string {
  if (octets.length === 4) return octets.join(".");
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(octets.readUInt16BE(i).toString(16));
  // The canonical form of RFC 5952, as node:net prints peers.
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
