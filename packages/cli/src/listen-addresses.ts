/** Which addresses and ports to listen on (manual, options local_interfaces, daemon_smtp_ports, tls_on_connect_ports; -oX). */
import type { Engine } from "@mailkit/runtime";
import { splitList } from "@mailkit/sdk";
import type { ListenAddress } from "@mailkit/smtpd";

const SERVICES: Readonly<Record<string, number>> = { smtp: 25, submission: 587, smtps: 465, submissions: 465 };

/** `given` (`-oX`, `--port`) are lists of ports, or of addresses when an item holds one. */
export function listenAddresses(engine: Engine, given: readonly string[] | undefined, tlsOnConnect = false): ListenAddress[] {
  const { main } = engine.config;
  const tlsPorts = new Set(main.items("tls_on_connect_ports").map(portOf));
  const items = (given ?? []).flatMap((list) => [...splitList(list).items]);
  const interfaces = items.filter((item) => !isPort(item));
  const ports = items.filter(isPort);
  const hosts = interfaces.length > 0 ? interfaces : main.items("local_interfaces");
  const used = (ports.length > 0 ? ports : main.items("daemon_smtp_ports")).map(portOf);
  const addresses = hosts.length > 0 ? [...hosts] : main.flag("disable_ipv6") ? ["0.0.0.0"] : ["0.0.0.0", "::"];
  return addresses.flatMap((written) => {
    const { host, port } = splitInterface(written);
    const own = port === undefined ? (used.length > 0 ? used : [25]) : [port];
    return own.map((number) => ({ host, port: number, tlsOnConnect: tlsOnConnect || tlsPorts.has(number) }));
  });
}

function isPort(item: string): boolean {
  return /^\d+$/.test(item) || Object.hasOwn(SERVICES, item);
}

function portOf(item: string): number {
  return SERVICES[item] ?? Number(item);
}

/** `192.168.34.67`, `192.168.34.67.26`, `[192.168.34.67]:26`, `::1`, `[::1]:1225`, `::0` for all. */
function splitInterface(text: string): { host: string; port?: number } {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
  if (bracketed !== null)
    return { host: anyHost(bracketed[1] as string), ...(bracketed[2] === undefined ? {} : { port: Number(bracketed[2]) }) };
  const dotted = /^(\d+\.\d+\.\d+\.\d+)\.(\d+)$/.exec(text);
  if (dotted !== null) return { host: dotted[1] as string, port: Number(dotted[2]) };
  return { host: anyHost(text) };
}

function anyHost(host: string): string {
  return host === "::0" ? "::" : host;
}
