/**
 * Which name servers to ask: `MAILKIT_DNS`, else /etc/resolv.conf. Pure; the caller reads file and environment.
 */
import { isIP } from "node:net";

export interface NameServer {
  readonly address: string;
  readonly port: number;
}

export interface ResolverSettings {
  readonly servers: readonly NameServer[];
  /** `options trust-ad`: the administrator vouches for the way to these servers. */
  readonly trustAd: boolean;
  /** Milliseconds before the next server is asked. */
  readonly retrans: number;
  /** Rounds over all servers. */
  readonly retry: number;
  readonly rotate: boolean;
  readonly search: readonly string[];
}

const LOCAL_SERVER: NameServer = { address: "127.0.0.1", port: 53 };

/** resolv.conf(5); what is not understood is skipped, as resolvers do. */
export function parseResolvConf(content: string): ResolverSettings {
  const servers: NameServer[] = [];
  let search: string[] = [];
  let options: string[] = [];
  for (const line of content.split("\n")) {
    const [word, ...rest] = line
      .replace(/[#;].*/, "")
      .trim()
      .split(/\s+/);
    if (word === "nameserver" && isIP(rest[0] ?? "") !== 0 && servers.length < 3) servers.push({ address: rest[0] as string, port: 53 });
    else if (word === "search" || word === "domain") search = rest.slice(0, 6);
    else if (word === "options") options = options.concat(rest);
  }
  const numeric = (name: string, fallback: number, most: number) => {
    const found = options.findLast((text) => text.startsWith(`${name}:`));
    const value = found === undefined ? fallback : Number.parseInt(found.slice(name.length + 1), 10);
    return Number.isNaN(value) || value < 1 ? fallback : Math.min(value, most);
  };
  return {
    servers: servers.length > 0 ? servers : [LOCAL_SERVER],
    trustAd: options.includes("trust-ad"),
    retrans: numeric("timeout", 5, 30) * 1000,
    retry: numeric("attempts", 2, 5),
    rotate: options.includes("rotate"),
    search,
  };
}

/** `host:port`, `[v6]:port`, a bare address; several separated by commas. A string is the fault. */
export function parseServers(text: string): readonly NameServer[] | string {
  const servers: NameServer[] = [];
  for (const item of text.split(",").map((part) => part.trim())) {
    const match = /^(?:\[([^\]]+)\]|([^:]+)|(.*:.*:.*))(?::(\d+))?$/.exec(item);
    const address = match?.[1] ?? match?.[2] ?? match?.[3] ?? "";
    const port = match?.[4] === undefined ? 53 : Number(match[4]);
    if (isIP(address) === 0 || port < 1 || port > 65535) return `"${item}" is not a name server: wanted address:port`;
    servers.push({ address, port });
  }
  return servers;
}
