/**
 * Sockets: servers on their addresses, limits before a session begins, TLS, timeouts. One session for each connection;
 * what is said on it is not decided here. Manual §"Starting the daemon", §"SMTP processing".
 */
import { createServer, isIPv4, type Server, type Socket } from "node:net";
import { chain, isPromise, newMessageFacts, newSessionFacts, type HostList, type Maybe, type SessionFacts } from "@mailkit/sdk";
import { admit, newConnections, type Connections } from "./connections.ts";
import type { SmtpdDeps } from "./deps.ts";
import { connectionName } from "./log-lines.ts";
import { parseNumber } from "./offers.ts";
import { handshake, proxyHeader, receiveTimeout } from "./handshake.ts";
import { noteProxy } from "./proxied.ts";
import type { SessionHandle } from "./session-types.ts";
import { attach } from "./socket-wire.ts";
import { tlsFactsOf } from "./tls-facts.ts";

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** TLS begins with the connection (`tls_on_connect_ports`). */
  readonly tlsOnConnect: boolean;
}

export interface SmtpListener {
  /** Bound addresses, with the ports that were chosen for 0. */
  readonly addresses: readonly ListenAddress[];
  readonly connections: Connections;
  /** No new connections; open ones get 421 and end, after `grace` milliseconds by force. */
  close(grace?: number): Promise<void>;
}

export interface ListenOptions {
  readonly addresses: readonly ListenAddress[];
  /** Several processes share the port. */
  readonly reusePort: boolean;
  /** Connections that there are file descriptors for; beyond it 421 is said. */
  readonly room?: number | undefined;
}

export async function listen(deps: SmtpdDeps, options: ListenOptions): Promise<SmtpListener> {
  const connections = newConnections();
  const open = new Map<Socket, SessionHandle | undefined>();
  const servers: Server[] = [];
  const addresses: ListenAddress[] = [];
  try {
    for (const address of options.addresses) {
      const server = createServer(
        { allowHalfOpen: true, noDelay: true, keepAlive: deps.settings.flag("smtp_accept_keepalive") },
        (socket) => arrive({ deps, connections, open, room: options.room }, socket, address),
      );
      servers.push(server);
      addresses.push({ ...address, port: await bind(server, address, options.reusePort, deps.settings.number("smtp_connect_backlog")) });
    }
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
  return { addresses, connections, close: (grace = 5000) => closeAll(servers, open, grace) };
}

function bind(server: Server, { host, port }: ListenAddress, reusePort: boolean, backlog: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // Dual-stack sockets would take the port of the IPv4 one.
    server.listen({ host, port, reusePort, ipv6Only: host.includes(":"), ...(backlog > 0 && { backlog }) }, () => {
      server.off("error", reject);
      const bound = server.address();
      resolve(typeof bound === "object" && bound !== null ? bound.port : port);
    });
  });
}

async function closeAll(servers: readonly Server[], open: ReadonlyMap<Socket, SessionHandle | undefined>, grace: number): Promise<void> {
  const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
  for (const [socket, handle] of open) {
    if (handle === undefined) socket.destroy();
    else handle.stop();
  }
  const force = setTimeout(() => {
    for (const socket of open.keys()) socket.destroy();
  }, grace);
  await Promise.all(closed);
  clearTimeout(force);
}

interface World {
  readonly deps: SmtpdDeps;
  readonly connections: Connections;
  readonly open: Map<Socket, SessionHandle | undefined>;
  readonly room: number | undefined;
}

function arrive(world: World, socket: Socket, address: ListenAddress): void {
  const { deps, connections, open } = world;
  const peer = { address: plainAddress(socket.remoteAddress ?? ""), port: socket.remotePort ?? 0 };
  const local = localOf(socket, address);
  // A peer that is gone already has no address.
  if (peer.address === "") return void socket.destroy();
  socket.on("error", () => socket.destroy());
  const facts = newSessionFacts({
    peer,
    local,
    activeHostname: deps.settings.text("primary_hostname") ?? "",
    connectionsAtStart: connections.count + 1,
  });
  const decision = admission(world, facts);
  const go = (verdict: Awaited<typeof decision>): void => {
    if (verdict.kind === "refused") {
      deps.log.main(verdict.log);
      // Both at once: what is refused holds no descriptor any longer.
      socket.write(`421 ${verdict.reply}\r\n`);
      socket.destroy();
      return;
    }
    connections.add(peer.address);
    open.set(socket, undefined);
    socket.once("close", () => {
      connections.remove(peer.address);
      open.delete(socket);
    });
    begin(world, socket, facts, address.tlsOnConnect).catch((error: unknown) => {
      const line = `SMTP connection from [${peer.address}] broke off: ${error instanceof Error ? error.message : String(error)}`;
      deps.log.main(line);
      deps.log.panic(line);
      socket.destroy();
    });
  };
  if (isPromise(decision)) decision.then(go, () => socket.destroy());
  else go(decision);
}

/** The system is asked only where the address that was bound does not say it. */
function localOf(socket: Socket, { host, port }: ListenAddress): { address: string; port: number } {
  if (port > 0 && isIPv4(host) && host !== "0.0.0.0") return { address: host, port };
  return { address: plainAddress(socket.localAddress ?? ""), port: socket.localPort ?? 0 };
}

function admission({ deps, connections, room }: World, facts: SessionFacts): Maybe<ReturnType<typeof admit>> {
  const { settings } = deps;
  const address = facts.peer?.address ?? "";
  const perHost = settings.template("smtp_accept_max_per_host");
  const perHostText = perHost === undefined ? undefined : perHost.evaluate(deps.scope(facts, newMessageFacts()));
  return chain(perHostText, (result) => {
    const limits = {
      max: settings.number("smtp_accept_max"),
      reserve: settings.number("smtp_accept_reserve"),
      perHost: result?.kind === "value" ? (parseNumber(result.text) ?? 0) : 0,
      loadReserve: settings.number("smtp_load_reserve"),
      room,
    };
    const asksForReserve = limits.reserve > 0 || limits.loadReserve > 0;
    return chain(asksForReserve ? inList(deps, facts, "smtp_reserve_hosts") : false, (reserved) =>
      admit(connections, limits, { address, reserved, load: limits.loadReserve > 0 ? deps.load() : 0 }),
    );
  });
}

function inList(deps: SmtpdDeps, facts: SessionFacts, option: string): Maybe<boolean> {
  const list = deps.settings.list(option) as HostList | undefined;
  if (list === undefined) return false;
  const subject = { address: facts.peer?.address, names: () => ({ kind: "unknown", message: "not looked up" }) as const };
  return chain(list.match(subject, deps.scope(facts, newMessageFacts())), (result) => result.kind === "yes");
}

async function begin(world: World, socket: Socket, facts: SessionFacts, tlsOnConnect: boolean): Promise<void> {
  const { deps, open } = world;
  let early: Buffer = Buffer.alloc(0);
  if (await inList(deps, facts, "hosts_proxy")) {
    const proxied = await proxyHeader(socket, deps.settings.number("proxy_protocol_timeout"));
    early = proxied.rest;
    noteProxy(facts, proxied);
  }
  const context = { session: facts, selector: deps.logSelector };
  if (deps.logSelector.has("smtp_connection") && !(await inList(deps, facts, "hosts_connection_nolog"))) {
    deps.log.main(`SMTP connection from ${connectionName(context)} (TCP/IP connection count = ${facts.connectionsAtStart})`);
  }
  const timeout = await receiveTimeout(deps, facts);
  const secure = tlsOnConnect ? await handshake({ deps, facts, timeout }, socket, early) : undefined;
  if (tlsOnConnect && secure === undefined) return void socket.destroy();
  if (secure !== undefined) facts.tls = tlsFactsOf(secure);
  const handle = attach({ deps, facts, timeout }, secure ?? socket);
  open.set(socket, handle);
  if (secure === undefined && early.length > 0) handle.receive(early);
  handle.open();
}

/** IPv4 in IPv6 as IPv4. */
function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address.replace(/%.*$/, "");
}
