/** Asking for a password: on the terminal without echo, or one line of standard input. It is never an argument. */
import type { CommandContext, Flags } from "./command.ts";
import { CommandFailure, UsageError } from "./command.ts";
import { linesOf } from "./lines.ts";
import { unicodeOf } from "@mailkit/sdk";

/** `twice`: asked again, to be sure. */
export async function passwordFrom(
  context: CommandContext,
  flags: Flags,
  question: { readonly prompt: string; readonly twice: boolean },
): Promise<string> {
  if (flags.flag("password-stdin")) {
    for await (const line of linesOf(context.stdin)) return checked(unicodeOf(line.replace(/\r$/, "")));
    throw new UsageError("standard input has no password");
  }
  const terminal = context.stdin as NodeJS.ReadStream;
  if (terminal.isTTY !== true)
    throw new UsageError("there is no terminal to ask for the password", "write it to standard input with --password-stdin");
  const first = checked(await askHidden(context, terminal, question.prompt));
  if (question.twice && (await askHidden(context, terminal, "once more: ")) !== first)
    throw new CommandFailure("the two passwords are not the same");
  return first;
}

/** Longest that hashing takes without making a weapon of it. */
const LONGEST = 1024;

function checked(password: string): string {
  if (password === "") throw new CommandFailure("an empty password is not taken");
  if (password.length > LONGEST) throw new CommandFailure(`a password of more than ${LONGEST} characters is not taken`);
  return password;
}

/** Keys are read one by one, so that nothing shows. Ctrl-C gives up, Ctrl-U begins again. */
function askHidden(context: CommandContext, terminal: NodeJS.ReadStream, prompt: string): Promise<string> {
  context.stderr.write(prompt);
  terminal.setRawMode(true);
  terminal.setEncoding("utf8");
  terminal.resume();
  return new Promise((resolve, reject) => {
    let typed = "";
    const finish = (end: () => void): void => {
      terminal.off("data", onData);
      terminal.setRawMode(false);
      terminal.pause();
      context.stderr.write("\n");
      end();
    };
    const onData = (chunk: string): void => {
      for (const key of chunk) {
        if (key === "\r" || key === "\n" || key === "\u0004") return finish(() => resolve(typed));
        if (key === "\u0003") return finish(() => reject(new CommandFailure("given up")));
        if (key === "\u0015") typed = "";
        else if (key === "\u007f" || key === "\b") typed = [...typed].slice(0, -1).join("");
        else if (key >= " ") typed += key;
      }
    };
    terminal.on("data", onData);
  });
}
