/** `mailkit completions`: a script for the shell, made from the tables of all commands. */
import type { CommandSpec } from "../command.ts";
import { UsageError } from "../command.ts";
import { completionScript, SHELLS } from "../completions.ts";
import type { Shell } from "../completions.ts";

/** The tables are handed in: this command is one of them. */
export function completionsCommand(commands: () => readonly CommandSpec[]): CommandSpec {
  return {
    name: "completions",
    summary: "print the completion script of a shell: bash, zsh, fish",
    args: [{ name: "SHELL", doc: "bash, zsh or fish", required: true }],
    examples: ["source <(mailkit completions bash)", "mailkit completions fish > ~/.config/fish/completions/mailkit.fish"],
    run: async (context, { args }) => {
      const shell = SHELLS.find((name) => name === args[0]);
      if (shell === undefined) throw new UsageError(`there are completions for ${SHELLS.join(", ")}, not for "${args[0]}"`);
      context.stdout.write(completionScript(shell satisfies Shell, commands()));
      return 0;
    },
  };
}
