/**
 * Command tables as oclif command classes: oclif finds the command, prints its help and runs it. The words of the command
 * line are read by the parser of the fast path, from the same table.
 */
import { Args, Command, Flags as OclifFlags } from "@oclif/core";
import type { CommandSpec, FlagSpec } from "./command.ts";
import { GLOBAL_FLAGS } from "./command.ts";
import { reportFailure, systemContext } from "./context.ts";
import { parseCommandLine } from "./parse-flags.ts";

export function toOclif(spec: CommandSpec): typeof Command {
  return class extends Command {
    static override id = spec.name.replaceAll(" ", ":");
    static override summary = spec.summary;
    static override description = spec.description ?? "";
    static override usage = usageOf(spec);
    static override examples = [...spec.examples];
    static override strict = spec.args?.at(-1)?.multiple !== true;
    static override flags = {
      ...oclifFlags(spec.flags ?? {}),
      ...oclifFlags(GLOBAL_FLAGS, { helpGroup: "GLOBAL" }),
    };
    static override args = Object.fromEntries(
      (spec.args ?? []).map((arg) => [arg.name, Args.string({ description: arg.doc, required: arg.required === true })]),
    );

    async run(): Promise<void> {
      const context = systemContext();
      const code = await reportFailure(context, async () => spec.run(context, parseCommandLine(spec, this.argv, context.env)));
      if (code !== 0) this.exit(code);
    }
  };
}

/** `queue show ID [FLAGS]`. */
export function usageOf(spec: CommandSpec): string {
  const args = (spec.args ?? []).map(({ name, required, multiple }) => {
    const shown = `${name}${multiple === true ? "..." : ""}`;
    return required === true ? shown : `[${shown}]`;
  });
  return [spec.name, ...args, "[FLAGS]"].join(" ");
}

function oclifFlags(table: Readonly<Record<string, FlagSpec>>, more: object = {}): Record<string, ReturnType<typeof OclifFlags.boolean>> {
  return Object.fromEntries(Object.entries(table).map(([name, flag]) => [name, toFlag(flag, more)]));
}

function toFlag(flag: FlagSpec, more: object): ReturnType<typeof OclifFlags.boolean> {
  const common = { ...more, description: flag.doc, ...(flag.char === undefined ? {} : { char: flag.char as "a" }) };
  if (flag.type === "boolean") return OclifFlags.boolean(common);
  const helpValue = flag.placeholder ?? (flag.values === undefined ? "VALUE" : flag.values.join("|"));
  const valued = { ...common, helpValue, multiple: flag.multiple === true, options: flag.values, default: flag.default };
  return OclifFlags.string(valued as never) as unknown as ReturnType<typeof OclifFlags.boolean>;
}
