/**
 * What a command line leads to. Exim's faces, internal processes and the commands that scripts call often go straight to
 * their code; the rest goes through oclif, which reads the same tables.
 */
import type { CommandSpec } from "./command.ts";
import { reportFailure, systemContext } from "./context.ts";
import { parseCommandLine, wantsHelp } from "./parse-flags.ts";

/** Names that make the program another one. */
const EXIM_NAMES = new Set(["exim", "exim4", "sendmail", "mailq", "newaliases", "runq", "rsmtp", "rmail"]);

export async function dispatch(argv: readonly string[], name: string): Promise<number> {
  const context = systemContext();
  const [first = "", ...rest] = argv;
  if (EXIM_NAMES.has(name)) return runExim(name, argv);
  if (first === "exim") return runExim("exim", rest);
  if (first === "__worker") return (await import("./worker-main.ts")).workerMain().then(() => 0);
  if (first === "__helper") return (await import("./worker-main.ts")).helperMain().then(() => 0);
  const hot = await hotCommand(argv);
  if (hot !== undefined) {
    return reportFailure(context, () => hot.spec.run(context, parseCommandLine(hot.spec, hot.rest, context.env)));
  }
  const { runOclif } = await import("./oclif-main.ts");
  return runOclif(context, argv);
}

async function runExim(program: string, argv: readonly string[]): Promise<number> {
  const { eximMain } = await import("./exim/face.ts");
  return eximMain(systemContext(), program, argv);
}

/** `queue list` and the like, unless help is wanted. */
async function hotCommand(argv: readonly string[]): Promise<{ spec: CommandSpec; rest: readonly string[] } | undefined> {
  if (wantsHelp(argv) || !["queue", "route", "expand", "check", "serve"].includes(argv[0] ?? "")) return undefined;
  const { COMMAND_TABLE } = await import("./commands/table.ts");
  const two = COMMAND_TABLE.find((spec) => spec.hot === true && spec.name === argv.slice(0, 2).join(" "));
  if (two !== undefined) return { spec: two, rest: argv.slice(2) };
  const one = COMMAND_TABLE.find((spec) => spec.hot === true && spec.name === argv[0]);
  return one === undefined ? undefined : { spec: one, rest: argv.slice(1) };
}
