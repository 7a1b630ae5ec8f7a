/** Why a server could not start, found before it tries: the spool has a server, a port is taken or not for everybody. */
import type { Engine } from "@mailkit/runtime";
import { unicodeOf } from "@mailkit/sdk";
import { createServer } from "node:net";
import { basename } from "node:path";
import { CommandFailure } from "./command.ts";
import { runningServers } from "./servers.ts";

/** An address to listen on, and where it was asked for: a main option, or words of the command line. */
export interface WantedPort {
  readonly host: string;
  readonly port: number;
  readonly option: string;
  readonly words?: string;
}

export async function checkStart(engine: Engine, ports: readonly WantedPort[]): Promise<void> {
  const spool = engine.settings.text("spool_directory") as string;
  const running = (await runningServers(spool)).filter(({ partition }) => partition.startsWith("worker-"));
  if (running.length > 0) throw spoolFailure(engine, spool, running);
  for (const wanted of ports) {
    const fault = await tryPort(wanted);
    if (fault !== undefined) throw portFailure(engine, wanted, fault);
  }
}

function spoolFailure(engine: Engine, spool: string, running: Awaited<ReturnType<typeof runningServers>>): CommandFailure {
  const pids = running.flatMap(({ pid }) => pid ?? []);
  return new CommandFailure(`a server runs on the spool ${spool} already${pids.length > 0 ? ` (pid ${pids.join(", ")})` : ""}`, {
    code: "MK1004",
    details: placeOf(engine, "spool_directory"),
    hint: "mailkit info shows it; a second server needs a spool_directory of its own",
  });
}

/** Alone, without sharing the port, so that a server of somebody else is noticed. */
function tryPort({ host, port }: WantedPort): Promise<NodeJS.ErrnoException | undefined> {
  if (port === 0) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(error));
    server.listen({ host, port, ipv6Only: host.includes(":") }, () => server.close(() => resolve(undefined)));
  });
}

function portFailure(engine: Engine, wanted: WantedPort, error: NodeJS.ErrnoException): CommandFailure {
  const { host, port, option, words } = wanted;
  const details = words === undefined ? placeOf(engine, error.code === "EADDRNOTAVAIL" ? "local_interfaces" : option) : [words];
  switch (error.code) {
    case "EACCES":
      return new CommandFailure(`port ${port} needs root or CAP_NET_BIND_SERVICE`, {
        code: "MK1001",
        details,
        hint: "run under systemd (mailkit init --systemd), or choose a port above 1023",
      });
    case "EADDRINUSE":
      return new CommandFailure(`port ${port} of ${host} is taken`, {
        code: "MK1002",
        details,
        hint: `another mail server runs there (ss -ltnp 'sport = ${port}'); stop it, or choose another port`,
      });
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new CommandFailure(`${host} is no address of this host`, { code: "MK1003", details, hint: "ip addr shows those that are" });
    default:
      return new CommandFailure(`${host} port ${port}: ${error.message}`, { details });
  }
}

/** `mailkit.conf:4:1  daemon_smtp_ports = 25`; a default has no place. */
function placeOf(engine: Engine, option: string): string[] {
  const at = engine.config.main.position(option);
  if (at === undefined) return [];
  const source = engine.config.sources.get(at.file)?.[at.line - 1]?.trim();
  return [`${basename(at.file)}:${at.line}:${at.column}  ${unicodeOf(source ?? `${option} = ${engine.config.main.text(option)}`)}`];
}
