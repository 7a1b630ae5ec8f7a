/** The fast path's parser: the same tables that oclif gets, read with `util.parseArgs`. */
import { nearest } from "@mailkit/sdk";
import { parseArgs } from "node:util";
import type { CommandInput, CommandSpec } from "./command.ts";
import { allFlags, makeFlags, UsageError } from "./command.ts";

export function parseCommandLine(spec: CommandSpec, argv: readonly string[], env: NodeJS.ProcessEnv): CommandInput {
  const table = allFlags(spec);
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
  const parsed = parseOrExplain(spec, argv, options);
  for (const [name, flag] of Object.entries(table)) {
    const given = parsed.values[name];
    if (given === undefined && flag.default !== undefined) parsed.values[name] = flag.default;
    if (flag.type === "integer" && typeof given === "string" && !/^\d+$/.test(given))
      throw new UsageError(`--${name} takes a whole number, not "${given}"`);
    if (flag.values !== undefined && typeof given === "string" && !flag.values.includes(given)) {
      throw new UsageError(`--${name} is one of ${flag.values.join(", ")}, not "${given}"`);
    }
  }
  checkArguments(spec, parsed.positionals);
  return { args: parsed.positionals, flags: makeFlags(parsed.values, env) };
}

type Options = NonNullable<Parameters<typeof parseArgs>[0]>["options"];

function parseOrExplain(
  spec: CommandSpec,
  argv: readonly string[],
  options: Options,
): { values: Record<string, unknown>; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: options ?? {}, allowPositionals: true, strict: true });
    return { values: { ...values }, positionals };
  } catch (error) {
    const unknown = /Unknown option '-*([^']+)'/.exec((error as Error).message)?.[1];
    if (unknown === undefined) throw new UsageError((error as Error).message);
    const near = nearest(unknown, Object.keys(allFlags(spec)));
    throw new UsageError(
      `mailkit ${spec.name} has no flag --${unknown}`,
      near === undefined ? `mailkit ${spec.name} --help` : `did you mean --${near}?`,
    );
  }
}

function checkArguments(spec: CommandSpec, given: readonly string[]): void {
  const args = spec.args ?? [];
  const required = args.filter((arg) => arg.required === true);
  if (given.length < required.length)
    throw new UsageError(`mailkit ${spec.name} needs ${required[given.length]?.name ?? "an argument"}`, `mailkit ${spec.name} --help`);
  if (given.length > args.length && args.at(-1)?.multiple !== true)
    throw new UsageError(`too many arguments for mailkit ${spec.name}: "${given[args.length]}"`);
}
