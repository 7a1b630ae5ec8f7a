/**
 * A name server for tests, on native-dns, with zones as plain data. Loopback only: one hostile packet can hang that
 * library (a compression pointer to itself), and here nobody sends one.
 */
import { createRequire } from "node:module";
import { loopbackAddress } from "./loopback.ts";
import type { Teardown } from "./temporary.ts";

export interface Records {
  readonly A?: readonly string[];
  readonly AAAA?: readonly string[];
  /** Preference and name; the name "." says that the domain takes no mail (RFC 7505). */
  readonly MX?: readonly (readonly [number, string])[];
  readonly TXT?: readonly string[];
  readonly PTR?: readonly string[];
  readonly CNAME?: string;
}

/** Records, or how the server misbehaves for this name. */
export type Zone = Readonly<Record<string, Records | "SERVFAIL" | "REFUSED" | "NOANSWER">>;

export interface NameServer {
  /** HOST:PORT, for MAILKIT_DNS. */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /** What was asked, as "name TYPE", oldest first. */
  readonly asked: readonly string[];
  setZone(zone: Zone): void;
  close(): void;
}

interface Packet {
  readonly question: readonly { readonly name: string; readonly type: number }[];
  readonly header: { rcode: number; aa: number };
  readonly answer: unknown[];
  readonly authority: unknown[];
  send(): void;
}

interface DnsServer {
  on(event: "request", listener: (request: Packet, response: Packet) => void): void;
  on(event: string, listener: (...args: readonly unknown[]) => void): void;
  serve(port: number, address: string): void;
  address(): { port: number };
  close(): void;
}

type NativeDns = Record<"createServer" | "createTCPServer", () => DnsServer> &
  Record<string, (fields: Record<string, unknown>) => unknown> & { consts: { QTYPE_TO_NAME: Record<number, string> } };

const dns = createRequire(import.meta.url)("native-dns") as NativeDns;
const RCODE = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;
const TTL = 5;

/** On a loopback address and a port of its own, unless told. */
export async function startNameServer(
  t: Teardown,
  zone: Zone,
  { host = loopbackAddress(), port: wanted = 0 }: { readonly host?: string; readonly port?: number } = {},
): Promise<NameServer> {
  let names = byName(zone);
  const asked: string[] = [];
  const answer = (request: Packet, response: Packet): void => {
    const { name, type } = request.question[0] ?? { name: "", type: 1 };
    const typeName = dns.consts.QTYPE_TO_NAME[type] ?? String(type);
    asked.push(`${name.toLowerCase()} ${typeName}`);
    fill(response, { names, name, type: typeName });
  };
  const udp = await listening(dns.createServer(), { host, port: wanted, answer });
  const { port } = udp.address();
  const tcp = await listening(dns.createTCPServer(), { host, port, answer });
  const close = (): void => {
    for (const server of [udp, tcp]) closeQuietly(server);
  };
  t.teardown(close);
  return { address: `${host}:${port}`, host, port, asked, setZone: (next) => (names = byName(next)), close };
}

interface Listening {
  readonly host: string;
  readonly port: number;
  readonly answer: (request: Packet, response: Packet) => void;
}

function listening(server: DnsServer, { host, port, answer }: Listening): Promise<DnsServer> {
  return new Promise((resolve, reject) => {
    server.on("request", (request, response) => {
      try {
        answer(request, response);
      } catch {
        // a question that this library cannot answer stays without an answer
      }
    });
    server.on("error", () => {});
    server.on("socketError", (error) => reject(error));
    server.on("listening", () => resolve(server));
    server.serve(port, host);
  });
}

function closeQuietly(server: DnsServer): void {
  try {
    server.close();
  } catch {
    // closed already
  }
}

interface Asked {
  readonly names: ReadonlyMap<string, Zone[string]>;
  readonly name: string;
  readonly type: string;
}

function fill(response: Packet, { names, name, type }: Asked): void {
  response.header.aa = 1;
  const found = names.get(name.toLowerCase());
  if (found === "NOANSWER") return;
  if (found === "SERVFAIL" || found === "REFUSED") response.header.rcode = RCODE[found];
  else if (found === undefined) response.header.rcode = RCODE.NXDOMAIN;
  else addRecords(response, found, { names, name, type });
  if (response.answer.length === 0) response.authority.push(startOfAuthority(name));
  response.send();
}

function addRecords(response: Packet, records: Records, { names, name, type }: Asked): void {
  const add = (kind: string, fields: Record<string, unknown>): unknown => response.answer.push(dns[kind]?.({ name, ttl: TTL, ...fields }));
  if (records.CNAME !== undefined) {
    add("CNAME", { data: records.CNAME });
    const target = names.get(records.CNAME.toLowerCase());
    if (typeof target === "object") addRecords(response, target, { names, name: records.CNAME, type });
    return;
  }
  if (type === "A") for (const address of records.A ?? []) add("A", { address });
  if (type === "AAAA") for (const address of records.AAAA ?? []) add("AAAA", { address });
  if (type === "MX")
    for (const [priority, exchange] of records.MX ?? []) add("MX", { priority, exchange: exchange === "." ? "" : exchange });
  if (type === "TXT") for (const data of records.TXT ?? []) add("TXT", { data: [data] });
  if (type === "PTR") for (const data of records.PTR ?? []) add("PTR", { data });
}

/** What makes an answer without records cacheable (RFC 2308). */
function startOfAuthority(name: string): unknown {
  const zone = name.split(".").slice(-1)[0] ?? "";
  return dns["SOA"]?.({
    name: zone,
    ttl: 1,
    primary: "ns.test",
    admin: "hostmaster.test",
    serial: 1,
    refresh: 1,
    retry: 1,
    expiration: 1,
    minimum: 1,
  });
}

function byName(zone: Zone): Map<string, Zone[string]> {
  return new Map(Object.entries(zone).map(([name, records]) => [name.toLowerCase(), records]));
}
