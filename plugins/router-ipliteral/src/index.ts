/**
 * ipliteral (manual chapter "The ipliteral router"): takes addresses whose domain is an address in brackets and sends
 * them there. `ignore_target_hosts` and `self` apply through the host finder. It has no options of its own.
 */
import { chain, defineRouter } from "@mailkit/sdk";
import type { Maybe, RouterAddress, RouterOutcome, RouterServices } from "@mailkit/sdk";

export const driver = defineRouter({
  name: "ipliteral",
  options: {},
  needs: ["hosts"],
  route: (address, _options, host) => route(address, host),
});

function route(address: RouterAddress, host: RouterServices): Maybe<RouterOutcome> {
  const literal = parseLiteral(address.domain);
  if (literal === undefined) return { kind: "decline", reason: `${address.domain} is no address in brackets` };
  return chain(host.hosts.addresses({ name: literal.address }), (found): RouterOutcome => {
    if (found.kind === "defer") return { kind: "defer", message: found.message, timeout: true };
    if (found.kind === "notFound") return { kind: "decline", reason: found.message };
    const port = literal.port === undefined ? {} : { port: literal.port };
    const hosts = found.hosts.map((target) => ({ ...target, ...port, name: address.domain }));
    if (found.local !== "first") return { kind: "ok", hosts };
    return { kind: "ok", hosts, localHost: { name: address.domain, message: "remote host address is the local host" } };
  });
}

/** `[192.0.2.1]`, `[ipv4:...]`, `[ipv6:2001:db8::1]`, with `.port` behind the address. RFC 5321 §4.1.3. */
function parseLiteral(domain: string): { readonly address: string; readonly port?: number } | undefined {
  const inside = /^\[(?:(ipv6|ipv4):)?([^\]]*)\]$/i.exec(domain);
  if (inside === null) return undefined;
  const text = inside[2] as string;
  const v4 = /^(\d{1,3}(?:\.\d{1,3}){3})(?:\.(\d{1,5}))?$/.exec(text);
  if (v4 !== null) {
    const address = v4[1] as string;
    return address.split(".").every((part) => Number(part) < 256) ? { address, ...portOf(v4[2]) } : undefined;
  }
  const v6 = /^([0-9a-f:]*:[0-9a-f:]*(?:\d{1,3}(?:\.\d{1,3}){3})?(?:%\w+)?)(?:\.(\d{1,5}))?$/i.exec(text);
  return v6 === null ? undefined : { address: v6[1] as string, ...portOf(v6[2]) };
}

function portOf(text: string | undefined): { readonly port?: number } {
  return text === undefined || Number(text) > 65535 ? {} : { port: Number(text) };
}
