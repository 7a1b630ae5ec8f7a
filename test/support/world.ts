/** The two sites of the story and the name server between them. */
import { freePort, loopbackAddress } from "./loopback.ts";
import { startMailkit } from "./mailkit.ts";
import type { MailServer, ServerOptions } from "./mailkit.ts";
import { startNameServer } from "./name-server.ts";
import type { NameServer, Zone } from "./name-server.ts";
import { siteConfiguration } from "./sites.ts";
import type { SiteOptions } from "./sites.ts";
import type { Teardown } from "./temporary.ts";
import { usersFile } from "./users.ts";

/** One site with the name server that it asks. */
export interface Site extends MailServer {
  readonly dns: NameServer;
}

export interface SiteParts extends Partial<SiteOptions>, Pick<ServerOptions, "files" | "args" | "env"> {
  readonly domain: string;
  readonly address?: string;
  readonly port?: number;
  readonly dns: NameServer;
}

export async function startSite(t: Teardown, site: SiteParts): Promise<Site> {
  const { domain, dns } = site;
  const server = await startMailkit(t, {
    config: siteConfiguration({ format: domain === "machin.com" ? "maildir" : "mbox", ...site }),
    files: { ...usualFiles(domain), ...site.files },
    env: { MAILKIT_DNS: dns.address, ...site.env },
    args: site.args ?? [],
    ...(site.address === undefined ? {} : { address: site.address }),
    ...(site.port === undefined ? {} : { port: site.port }),
  });
  return Object.defineProperty(server, "dns", { value: dns }) as Site;
}

export interface World {
  readonly truc: Site;
  readonly machin: Site;
  readonly dns: NameServer;
  /** All servers listen on it, each on an address of its own. */
  readonly port: number;
  readonly addresses: { readonly truc: string; readonly machin: string };
  /** The zone that the world began with. */
  readonly zone: Zone;
}

export interface WorldOptions {
  readonly truc?: Partial<SiteParts>;
  readonly machin?: Partial<SiteParts>;
  readonly zone?: (addresses: { readonly truc: string; readonly machin: string }) => Zone;
}

export async function startWorld(t: Teardown, options: WorldOptions = {}): Promise<World> {
  const addresses = { truc: loopbackAddress(), machin: loopbackAddress() };
  const zone = { ...usualZone(addresses), ...options.zone?.(addresses) };
  const dns = await startNameServer(t, zone);
  const port = await freePort(addresses.machin);
  const [truc, machin] = await Promise.all([
    startSite(t, { ...options.truc, domain: "truc.fr", address: addresses.truc, port, dns }),
    startSite(t, { ...options.machin, domain: "machin.com", address: addresses.machin, port, dns }),
  ]);
  return { truc, machin, dns, port, addresses, zone };
}

function usualZone({ truc, machin }: { readonly truc: string; readonly machin: string }): Zone {
  return {
    "truc.fr": { A: [truc] },
    "mail.truc.fr": { A: [truc] },
    "machin.com": { MX: [[10, "mx.machin.com"]] },
    "mx.machin.com": { A: [machin] },
    "mail.machin.com": { A: [machin] },
  };
}

function usualFiles(domain: string): Readonly<Record<string, string>> {
  const people = domain === "truc.fr" ? ["fred", "anne"] : ["marie", "paul", "luc"];
  return {
    aliases: `postmaster: ${people[0]}\n`,
    users: usersFile(...people),
    ...Object.fromEntries(people.map((name) => [`home/${name}/`, ""])),
    "mail/": "",
    "log/": "",
  };
}
