/** The small bundle (`quick.mjs`): `queue list`, `queue count`, `exim -bp` and its forms. */
import { queueListCommands } from "./commands/queue-list.ts";
import { reportFailure, systemContext } from "./context.ts";
import { quickQueue } from "./exim/quick.ts";
import { parseCommandLine, wantsHelp } from "./parse-flags.ts";
import { peekSpool } from "./peek-spool.ts";

const QUEUE_PROGRAMS: ReadonlySet<string> = new Set(["mailq", "exim", "exim4", "sendmail"]);

/** The exit code; undefined: it takes the whole program. */
export async function quickMain(argv: readonly string[], name: string): Promise<number | undefined> {
  const context = systemContext();
  if (QUEUE_PROGRAMS.has(name)) return quickQueue(context, name, argv);
  if (argv[0] === "exim") return quickQueue(context, "exim", argv.slice(1));
  const spec = COMMANDS.find((command) => command.name === argv.slice(0, 2).join(" "));
  if (spec === undefined || wantsHelp(argv)) return undefined;
  let needsEngine = false;
  const code = await reportFailure(context, async () => {
    try {
      return await spec.run(context, parseCommandLine(spec, argv.slice(2), context.env));
    } catch (error) {
      if (error !== NEEDS_ENGINE) throw error;
      needsEngine = true;
      return 0;
    }
  });
  return needsEngine ? undefined : code;
}

const NEEDS_ENGINE = Symbol("the configuration does not say plainly where the spool is");

const COMMANDS = queueListCommands((context, flags) => {
  const spool = peekSpool(context, { config: flags.text("config"), defines: flags.texts("define"), system: false });
  if (spool === undefined) throw NEEDS_ENGINE;
  return spool.directory;
});
