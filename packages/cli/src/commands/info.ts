/** `mailkit info`: version, paths, drivers with their packages and permissions, lookups, servers that run. */
import { EXIM_VERSION, firstPartyDrivers, findPlugins, MAILKIT_VERSION, usersFile } from "@mailkit/runtime";
import type { Engine } from "@mailkit/runtime";
import { existsSync } from "node:fs";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { JSON_FLAG } from "../command.ts";
import { logReading } from "../logs/log-places.ts";
import { openForCommand, pluginFolder, configSource } from "../open.ts";
import { permissionText } from "../plugins/permissions.ts";
import { runningServers } from "../servers.ts";
import { paintFor } from "../paint.ts";

export const info: CommandSpec = {
  name: "info",
  summary: "show version, paths, drivers and running servers",
  flags: JSON_FLAG,
  examples: ["mailkit info", "mailkit info --json", "mailkit info -C /etc/exim4/exim4.conf"],
  exim: "-bV",
  run,
};

async function run(context: CommandContext, { flags }: CommandInput): Promise<number> {
  const plugins = pluginFolder(context, flags, configSource(context, flags));
  const engine = await openForCommand(context, flags, { tolerant: true });
  try {
    const facts = await factsOf(engine, { context, plugins });
    context.stdout.write(flags.flag("json") ? `${JSON.stringify(facts)}\n` : infoText(facts, context.color));
    return 0;
  } finally {
    await engine.close();
  }
}

interface DriverFacts {
  readonly kind: string;
  readonly name: string;
  readonly package: string;
  readonly permissions: string;
}

type Facts = Awaited<ReturnType<typeof factsOf>>;

async function factsOf(engine: Engine, { context, plugins }: { context: CommandContext; plugins: ReturnType<typeof pluginFolder> }) {
  const spool = engine.settings.text("spool_directory") ?? "";
  const reading = logReading(engine);
  const now = engine.services.clock.now();
  const faults = (severity: string): number => engine.diagnostics.filter((fault) => fault.severity === severity).length;
  return {
    version: MAILKIT_VERSION,
    compatibleWith: `Exim ${EXIM_VERSION}`,
    node: process.versions.node,
    configuration: { file: engine.config.file, errors: faults("error"), warnings: faults("warning") },
    hostname: engine.config.main.text("primary_hostname") ?? engine.machine.hostname,
    user: engine.machine.eximUser,
    spool,
    logs: (["main", "reject", "panic"] as const).map((stream) => reading.nameAt(stream, now) ?? "syslog"),
    users: usersFile(engine, context.env),
    pluginFolder: plugins.folder,
    servers: await runningServers(spool),
    drivers: driversOf(engine, plugins),
    lookups: engine.lookupTypes,
  };
}

function driversOf(engine: Engine, { folder, allowed }: ReturnType<typeof pluginFolder>): DriverFacts[] {
  const own = firstPartyDrivers();
  const strangers = findPlugins(folder).flatMap((found) => (typeof found === "string" || !allowed.has(found.packageName) ? [] : [found]));
  const facts = (kind: string, table: ReadonlyMap<string, unknown>, ours: ReadonlyMap<string, unknown>): DriverFacts[] =>
    [...table.keys()].sort().map((name) => {
      const stranger = ours.has(name) ? undefined : strangers.find(({ manifest }) => manifest.kind === kind && manifest.name === name);
      return {
        kind,
        name,
        package:
          stranger === undefined
            ? kind === "authenticator"
              ? "@mailkit/auths"
              : `@mailkit/${kind}-${name}`
            : `${stranger.packageName} ${stranger.version}`,
        permissions: stranger === undefined ? "built in" : permissionText(stranger.manifest.permissions),
      };
    });
  return [
    ...facts("router", engine.drivers.routers, own.routers),
    ...facts("transport", engine.drivers.transports, own.transports),
    ...facts("authenticator", engine.drivers.authenticators, own.authenticators),
    ...facts("lookup", engine.drivers.lookups, own.lookups),
  ];
}

function infoText(facts: Facts, color: boolean): string {
  const paint = paintFor(color);
  const row = (name: string, text: string): string => `${name.padEnd(15)}${text}`;
  const {
    configuration: { file, errors, warnings },
  } = facts;
  const faults = errors + warnings === 0 ? "" : `  (${errors} errors, ${warnings} warnings: mailkit check)`;
  const lines = [
    paint(`mailkit ${facts.version}, compatible with ${facts.compatibleWith}, Node ${facts.node}`, "head"),
    row("configuration", `${file}${faults}`),
    row("host", `${facts.hostname}, as user ${facts.user}`),
    row("spool", `${facts.spool}${existsSync(facts.spool) ? "" : "  (not made yet)"}`),
    row("logs", facts.logs.join("  ")),
    row("users", `${facts.users}${existsSync(facts.users) ? "" : "  (none yet)"}`),
    row("plugins", `${facts.pluginFolder}${existsSync(facts.pluginFolder) ? "" : "  (none)"}`),
    ...(facts.servers.length === 0
      ? [row("server", "none runs: mailkit serve")]
      : facts.servers.map((one) =>
          row("server", one.pid === undefined ? one.socket : `pid ${one.pid}, ${one.messages} in the queue, ${one.socket}`),
        )),
  ];
  for (const kind of ["router", "transport", "authenticator"]) {
    const drivers = facts.drivers.filter((driver) => driver.kind === kind);
    lines.push(row(`${kind}s`, drivers.map(({ name }) => name).join(" ")));
  }
  lines.push(...wrapped("lookups", facts.lookups, row));
  for (const driver of facts.drivers.filter(({ permissions }) => permissions !== "built in"))
    lines.push(row("  from npm", `${driver.kind} ${driver.name}: ${driver.package}, ${driver.permissions}`));
  return `${lines.join("\n")}\n`;
}

function wrapped(name: string, words: readonly string[], row: (name: string, text: string) => string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    if (line.length + word.length + 1 > 64) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((text, index) => row(index === 0 ? name : "", text));
}
