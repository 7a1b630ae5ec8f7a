/** -bP, -bV, -bI and -z. */
import { show } from "@mailkit/config";
import { EXIM_VERSION, FEATURES, MAILKIT_VERSION, maySeeHidden, openLogs } from "@mailkit/runtime";
import type { CommandContext } from "../command.ts";
import type { Face } from "./face.ts";

export async function printOptions({ context, args, engine, caller }: Face): Promise<number> {
  // Words after -bP are what is asked for, and -n may stand there too.
  const bare = args.bare || args.rest[0] === "-n";
  const shown = show(engine.config, args.rest[0] === "-n" ? args.rest.slice(1) : args.rest, {
    admin: await maySeeHidden(engine, caller, context.env),
    bare,
    environment: engine.services.expansion?.environment ?? new Map(),
    version: EXIM_VERSION,
  });
  context.stdout.write(Buffer.from(shown.lines.map((line) => `${line}\n`).join(""), "latin1"));
  if (shown.denied === true) context.stderr.write("exim: permission denied\n");
  return shown.ok ? 0 : 1;
}

export function printVersion({ context, engine }: Face): number {
  const { drivers } = engine;
  const names = (table: ReadonlyMap<string, unknown>): string => [...table.keys()].sort().join(" ");
  context.stdout.write(
    `Exim version ${EXIM_VERSION} #1 (mailkit ${MAILKIT_VERSION})\n` +
      `Support for: ${FEATURES.join(" ")}\n` +
      `Lookups (built-in): ${engine.lookupTypes.join(" ")}\n` +
      `Authenticators: ${names(drivers.authenticators)}\n` +
      `Routers: ${names(drivers.routers)}\n` +
      `Transports: ${names(drivers.transports)}\n` +
      `Configuration file is ${engine.config.file}\n`,
  );
  return 0;
}

/** `-z TEXT`: a note of the operator in the mainlog. */
export async function writeLogLine({ context, engine, caller }: Face, text: string): Promise<number> {
  if (!caller.admin) {
    context.stderr.write("exim: permission denied\n");
    return 1;
  }
  const logs = openLogs(engine);
  logs.main(text);
  await logs.close();
  return 0;
}

export function showInfo(context: CommandContext, what: string): number {
  if (what === "help" || what === "") {
    context.stdout.write(
      "mailkit answers to Exim's command line; `mailkit --help` shows its own commands.\n\n  -bI:help  -bI:dscp  -bI:modules  -bI:sieve\n",
    );
    return 0;
  }
  if (what === "sieve") {
    context.stdout.write("comparator-i;ascii-numeric\ncopy\nencoded-character\nenvelope\nfileinto\nsubaddress\nvacation\n");
    return 0;
  }
  if (what === "dscp") {
    context.stdout.write("af11\naf12\naf13\naf21\naf22\naf23\naf31\naf32\naf33\naf41\naf42\naf43\nef\n");
    return 0;
  }
  context.stdout.write("");
  return what === "modules" ? 0 : 1;
}
