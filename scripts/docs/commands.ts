/** docs/commands.md: every command, from the table that also makes the parser, the help and the completions. */
import type { CommandSpec, FlagSpec } from "../../packages/cli/src/command.ts";
import { flagVariable, GLOBAL_FLAGS } from "../../packages/cli/src/command.ts";
import { COMMAND_TABLE } from "../../packages/cli/src/commands/table.ts";
import { code, GENERATED, table } from "./table.ts";

export function commandsPage(): string {
  const overview = table(
    ["command", "does", "Exim's form"],
    COMMAND_TABLE.map(({ name, summary, exim }) => [`[${name}](#${anchor(name)})`, summary, code(exim ?? "")]),
  );
  return (
    GENERATED +
    "# Commands\n\nExit codes: 0, 1 it failed, 2 it was called wrongly. Whatever reads prints JSON with `--json`. A flag that is not given is\n" +
    "looked for in the environment: `--config` is `MAILKIT_CONFIG`. `mailkit exim ARGUMENTS` takes Exim's own command line, also\n" +
    "under the names exim, sendmail, mailq, newaliases, runq, rsmtp.\n\n" +
    `${overview}\n## Flags of every command\n\n${flagTable(GLOBAL_FLAGS)}\n` +
    COMMAND_TABLE.map(commandText).join("\n")
  );
}

function anchor(name: string): string {
  return `mailkit-${name.replaceAll(" ", "-")}`;
}

function commandText(spec: CommandSpec): string {
  const { name, summary, description, args = [], flags = {}, examples } = spec;
  const words = args.map((arg) => {
    const shown = arg.multiple === true ? `${arg.name}...` : arg.name;
    return arg.required === true ? shown : `[${shown}]`;
  });
  const parts = [
    `## mailkit ${name}\n`,
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.${description === undefined ? "" : ` ${description}`}\n`,
    `\`\`\`\nmailkit ${[name, ...words, ...(Object.keys(flags).length > 0 ? ["[FLAGS]"] : [])].join(" ")}\n\`\`\`\n`,
    ...(args.length === 0
      ? []
      : [
          table(
            ["argument", ""],
            args.map((arg) => [code(arg.name), arg.doc]),
          ),
        ]),
    ...(Object.keys(flags).length === 0 ? [] : [flagTable(flags)]),
    ...(examples.length === 0 ? [] : [`\`\`\`\n${examples.join("\n")}\n\`\`\`\n`]),
  ];
  return parts.join("\n");
}

function flagTable(flags: Readonly<Record<string, FlagSpec>>): string {
  const rows = Object.entries(flags).map(([name, spec]) => {
    const value = spec.type === "boolean" ? "" : `=${spec.values?.join("|") ?? spec.placeholder ?? "VALUE"}`;
    const short = spec.char === undefined ? "" : `-${spec.char}, `;
    return [code(`${short}--${name}${value}`), code(spec.default ?? ""), spec.doc, code(flagVariable(name))];
  });
  return table(["flag", "default", "", "environment"], rows);
}
