/** Command tables as oclif command classes. */
import { Args, Command, Flags as OclifFlags } from "@oclif/core";
import type { CommandSpec, FlagSpec } from "./command.ts";
import { allFlags, makeFlags } from "./command.ts";
import { reportFailure, systemContext } from "./context.ts";

export function toOclif(spec: CommandSpec): typeof Command {
  return class extends Command {
    static override id = spec.name.replaceAll(" ", ":");
    static override summary = spec.summary;
    static override description = spec.description ?? spec.summary;
    static override examples = [...spec.examples];
    static override strict = spec.args?.at(-1)?.multiple !== true;
    static override flags = Object.fromEntries(Object.entries(allFlags(spec)).map(([name, flag]) => [name, toFlag(flag)]));
    static override args = Object.fromEntries(
      (spec.args ?? []).map((arg) => [arg.name, Args.string({ description: arg.doc, required: arg.required === true })]),
    );

    async run(): Promise<void> {
      const context = systemContext();
      const parsed = await this.parse(this.constructor as typeof Command);
      const args = parsed.raw.flatMap((token) => (token.type === "arg" ? [token.input] : []));
      const code = await reportFailure(context, () => spec.run(context, { args, flags: makeFlags(parsed.flags, context.env) }));
      if (code !== 0) this.exit(code);
    }
  };
}

function toFlag(flag: FlagSpec): ReturnType<typeof OclifFlags.boolean> {
  const common = { description: flag.doc, ...(flag.char === undefined ? {} : { char: flag.char as "a" }) };
  if (flag.type === "boolean") return OclifFlags.boolean(common);
  const valued = { ...common, helpValue: flag.placeholder, multiple: flag.multiple === true, options: flag.values, default: flag.default };
  const made = flag.type === "integer" ? OclifFlags.string({ ...valued, parse: wholeNumber } as never) : OclifFlags.string(valued as never);
  return made as unknown as ReturnType<typeof OclifFlags.boolean>;
}

async function wholeNumber(text: string): Promise<string> {
  if (!/^\d+$/.test(text)) throw new Error(`a whole number is wanted, not "${text}"`);
  return text;
}
