/**
 * The one parser of command lines: the flag tables read with `util.parseArgs`, for the fast path and for oclif's command
 * classes alike, so that a mistake is told in the same words everywhere. What is not given comes from `MAILKIT_*`
 * variables, then from the table's default.
 */
import { nearest } from "@mailkit/sdk";
import { parseArgs } from "node:util";
import type { CommandInput, CommandSpec, FlagSpec } from "./command.ts";
import { allFlags, flagVariable, makeFlags, UsageError } from "./command.ts";

type Table = Readonly<Record<string, FlagSpec>>;
type Values = Record<string, unknown>;

export function parseCommandLine(spec: CommandSpec, argv: readonly string[], env: NodeJS.ProcessEnv): CommandInput {
  const table = allFlags(spec);
  const { values, positionals } = parseOrExplain(spec, table, argv);
  for (const [name, flag] of Object.entries(table)) {
    if (values[name] !== undefined) checkValue(`--${name}`, flag, values[name]);
    else values[name] = fromEnvironment(name, flag, env) ?? flag.default;
  }
  checkArguments(spec, positionals);
  return { args: positionals, flags: makeFlags(values) };
}

/** Does the command line ask for help? What stands behind `--` is an argument. */
export function wantsHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end < 0 ? argv : argv.slice(0, end)).some((word) => word === "--help" || word === "-h");
}

function parseOrExplain(spec: CommandSpec, table: Table, argv: readonly string[]): { values: Values; positionals: string[] } {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, flag]) => [
      name,
      {
        type: flag.type === "boolean" ? ("boolean" as const) : ("string" as const),
        ...(flag.char === undefined ? {} : { short: flag.char }),
        multiple: flag.multiple === true,
      },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
    return { values: { ...values }, positionals };
  } catch (error) {
    throw explained(spec, table, error as Error);
  }
}

/** Node's messages, in ours. */
function explained(spec: CommandSpec, table: Table, error: Error): UsageError {
  const help = `mailkit ${spec.name} --help`;
  const unknown = /Unknown option '(-+)([^']+)'/.exec(error.message);
  if (unknown !== null) {
    const [, dashes, name] = unknown as unknown as [string, string, string];
    const near = nearest(name, Object.keys(table));
    return new UsageError(`mailkit ${spec.name} has no flag ${dashes}${name}`, near === undefined ? help : `did you mean --${near}?`);
  }
  const named = /--([a-z][a-z0-9-]*)/.exec(error.message)?.[1];
  const flag = named === undefined ? undefined : table[named];
  if (named === undefined || flag === undefined) return new UsageError((error.message.split("\n")[0] as string).replace(/\.$/, ""), help);
  if (flag.type === "boolean") return new UsageError(`--${named} takes no value`, help);
  const value = flag.placeholder ?? (flag.values === undefined ? "VALUE" : flag.values.join("|"));
  return new UsageError(`--${named} needs a value`, `write --${named}=${value}`);
}

function checkValue(shown: string, flag: FlagSpec, given: unknown): void {
  for (const value of Array.isArray(given) ? (given as unknown[]) : [given]) {
    if (typeof value !== "string") continue;
    if (flag.type === "integer" && !/^\d{1,15}$/.test(value)) throw new UsageError(`${shown} takes a whole number, not "${value}"`);
    if (flag.values !== undefined && !flag.values.includes(value)) {
      const near = nearest(value, flag.values);
      throw new UsageError(
        `${shown} is one of ${flag.values.join(", ")}, not "${value}"`,
        near === undefined ? undefined : `did you mean ${near}?`,
      );
    }
  }
}

function fromEnvironment(name: string, flag: FlagSpec, env: NodeJS.ProcessEnv): unknown {
  const variable = flagVariable(name);
  const given = env[variable];
  if (given === undefined) return undefined;
  if (flag.type === "boolean") {
    if (["1", "true", "yes"].includes(given)) return true;
    if (["", "0", "false", "no"].includes(given)) return undefined;
    throw new UsageError(`$${variable} is 1 or 0, not "${given}"`);
  }
  checkValue(`$${variable}`, flag, given);
  return flag.multiple === true ? [given] : given;
}

function checkArguments(spec: CommandSpec, given: readonly string[]): void {
  const args = spec.args ?? [];
  const required = args.filter((arg) => arg.required === true);
  if (given.length < required.length)
    throw new UsageError(`mailkit ${spec.name} needs ${required[given.length]?.name ?? "an argument"}`, `mailkit ${spec.name} --help`);
  if (given.length > args.length && args.at(-1)?.multiple !== true)
    throw new UsageError(
      `mailkit ${spec.name} takes ${args.length === 0 ? "no arguments" : `${args.length} argument${args.length > 1 ? "s" : ""}`}, and "${given[args.length]}" is one more`,
      `mailkit ${spec.name} --help`,
    );
}
