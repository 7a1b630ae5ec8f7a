/** The daemon's first line: where it listens, in Exim's words (manual §"Starting the daemon"). Pure. */
import type { ListenAddress } from "@mailkit/smtpd";

/** `not listening for SMTP`, `listening for SMTP on port 25 (IPv6 and IPv4) [127.0.0.1]:26 and for SMTPS on ...`. */
export function listeningText(addresses: readonly ListenAddress[]): string {
  const smtp = addresses.filter((address) => !address.tlsOnConnect);
  const smtps = addresses.filter((address) => address.tlsOnConnect);
  if (addresses.length === 0) return "not listening for SMTP";
  const parts = [...(smtp.length > 0 ? [`SMTP on ${places(smtp)}`] : []), ...(smtps.length > 0 ? [`SMTPS on ${places(smtps)}`] : [])];
  return `listening for ${parts.join(" and for ")}`;
}

/** Wildcards are told by port, with their protocols; an address with several ports in a row is told once. */
function places(addresses: readonly ListenAddress[]): string {
  const v6 = portsOf(addresses, "::");
  const v4 = portsOf(addresses, "0.0.0.0");
  const told = new Set<number>();
  const out: string[] = [];
  for (let i = 0; i < addresses.length; i++) {
    const { host, port } = addresses[i] as ListenAddress;
    if (isWildcard(host)) {
      if (told.has(port)) continue;
      told.add(port);
      out.push(`port ${port} (${v6.has(port) && v4.has(port) ? "IPv6 and IPv4" : v6.has(port) ? "IPv6" : "IPv4"})`);
      continue;
    }
    const ports = [port];
    while (addresses[i + 1]?.host === host) ports.push((addresses[++i] as ListenAddress).port);
    out.push(`[${host}]:${ports.length === 1 ? port : `{${ports.join(",")}}`}`);
  }
  return out.join(" ");
}

function isWildcard(host: string): boolean {
  return host === "::" || host === "0.0.0.0";
}

function portsOf(addresses: readonly ListenAddress[], host: string): ReadonlySet<number> {
  return new Set(addresses.filter((address) => address.host === host).map((address) => address.port));
}
