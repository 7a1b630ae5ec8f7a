/** What talking to content scanners has in common: addresses, `defer_ok`, one question and its answer. */
import { type Maybe, type SocketRequest, octetsOf, splitList, textOf, trimSpace } from "@mailkit/sdk";
import type { Run } from "../run.ts";
import { parseTime } from "../scalars.ts";

export interface ScannerAddress {
  readonly target: SocketRequest["target"];
  /** `variant=rspamd`, `retry=10s`, `local`, ... */
  readonly options: readonly string[];
  /** Milliseconds. */
  readonly timeout: number;
}

export const SCAN_TIMEOUT = 120_000;

/** `/path options` or `host port options`. Undefined: neither. */
export function parseScannerAddress(written: string): ScannerAddress | undefined {
  const [first = "", second, ...rest] = trimSpace(written).split(/\s+/);
  const options = first.startsWith("/") ? [second, ...rest].filter((option) => option !== undefined) : rest;
  const limit = options.find((option) => option.startsWith("tmo="));
  const timeout = (limit === undefined ? undefined : parseTime(limit.slice(4))) ?? SCAN_TIMEOUT;
  if (first.startsWith("/")) return { target: { path: first }, options, timeout };
  const port = Number(/^\d+/.exec(second ?? "")?.[0] ?? 0);
  return first === "" || port < 1 || port > 65535 ? undefined : { target: { host: first, port }, options, timeout };
}

/** The addresses of `spamd_address`, those of higher `pri=` first, equal ones in the order of a weighted draw. */
export function scannerAddresses(setting: string, run: Run): ScannerAddress[] {
  const { random } = run.context.scope.services;
  const addresses = splitList(setting)
    .items.map(parseScannerAddress)
    .filter((address) => address !== undefined);
  const number = (address: ScannerAddress, name: string): number => {
    const value = Number(address.options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1));
    return Number.isFinite(value) && value > 0 ? value : 1;
  };
  return addresses
    .map((address) => ({
      address,
      priority: number(address, "pri"),
      draw: ((random.below(1_000_000) + 1) / 1_000_000) ** (1 / number(address, "weight")),
    }))
    .sort((a, b) => b.priority - a.priority || b.draw - a.draw)
    .map(({ address }) => address);
}

export interface Exchange {
  readonly send: string;
  readonly halfClose: boolean;
  readonly maxReply: number;
}

/** The first server that answers; a failure names the last problem. */
export async function askFirst(
  run: Run,
  servers: readonly ScannerAddress[],
  exchangeFor: (server: ScannerAddress) => Exchange,
): Promise<{ ok: true; server: ScannerAddress; reply: string } | { ok: false; message: string }> {
  const { sockets } = run.context.scope.services;
  let message = "no server is configured";
  for (const server of servers) {
    const { send, halfClose, maxReply } = exchangeFor(server);
    const result = await sockets.exchange({ target: server.target, send: octetsOf(send), timeout: server.timeout, halfClose, maxReply });
    if (result.kind === "reply") return { ok: true, server, reply: textOf(result.octets) };
    message = `${shown(server)}: ${result.message}`;
  }
  return { ok: false, message };
}

export function shown({ target }: ScannerAddress): string {
  return "path" in target ? target.path : `[${target.host}]:${target.port}`;
}

/** `text/defer_ok`: options after the first slash. */
export function withOptions(text: string): { readonly value: string; readonly options: readonly string[] } {
  const [value = "", ...options] = splitList(text, "/").items;
  return { value, options };
}

export function contentOf(run: Run): Maybe<string> | undefined {
  return run.context.host.messageText?.(run.context.message);
}
