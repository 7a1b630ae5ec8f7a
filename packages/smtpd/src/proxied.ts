/**
 * A connection through a proxy: the header is read before anything else, and says who the client is. Without a sound
 * header the session refuses every command but QUIT. Manual §"Inbound proxies".
 */
import { clean, type SessionFacts } from "@mailkit/sdk";
import { readProxy, type Endpoint } from "./proxy.ts";

export interface Proxied {
  /** False: there was no header, or it was wrong, or it came too late. */
  readonly ok: boolean;
  readonly source?: Endpoint;
  readonly destination?: Endpoint;
  /** What was read behind it. */
  readonly rest: Buffer;
}

export const PROXY_FAILED = "Command refused, required Proxy negotiation failed";

/** `$proxy_...`; a proxy that speaks for itself (LOCAL, UNKNOWN) changes nothing. */
export function noteProxy(facts: SessionFacts, { ok, source, destination }: Proxied): void {
  if (ok && source === undefined) return;
  const { peer, extra } = facts;
  extra.set("proxy_session", clean("yes"));
  extra.set("proxy_local_address", clean(peer?.address ?? ""));
  extra.set("proxy_local_port", clean(String(peer?.port ?? 0)));
  extra.set("proxy_external_address", clean(destination?.address ?? ""));
  extra.set("proxy_external_port", clean(String(destination?.port ?? 0)));
  if (source !== undefined) facts.peer = source;
}

export function isProxyFailed({ extra }: SessionFacts): boolean {
  return extra.get("proxy_session")?.text === "yes" && extra.get("proxy_external_address")?.text === "";
}

/** Collects octets until they are a header or cannot become one. Undefined: more are needed. */
export function proxyCollector(): (octets: Buffer) => Proxied | undefined {
  let all = Buffer.alloc(0);
  return (octets) => {
    all = Buffer.concat([all, octets]);
    const read = readProxy(all);
    if (read.kind === "more") return undefined;
    if (read.kind === "bad") return { ok: false, rest: Buffer.alloc(0) };
    return {
      ok: true,
      ...(read.source !== undefined && { source: read.source }),
      ...(read.destination !== undefined && { destination: read.destination }),
      rest: all.subarray(read.used),
    };
  };
}
