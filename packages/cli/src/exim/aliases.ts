/** `-bi` (newaliases): runs `bi_command` as the caller, with what `-oA` says. Without the option there is nothing to do. */
import { spawn } from "node:child_process";
import type { Face } from "./face.ts";

export function rebuildAliases({ context, args, engine }: Face): Promise<number> {
  const command = engine.config.main.text("bi_command");
  if (command === undefined || command === "") return Promise.resolve(0);
  const words = args.aliasFile === undefined ? [] : [args.aliasFile];
  // The program writes where this one does; tests have streams of their own.
  const child = spawn(command, words, { cwd: context.cwd, env: context.env, stdio: ["inherit", "pipe", "pipe"] });
  child.stdout?.pipe(context.stdout, { end: false });
  child.stderr?.pipe(context.stderr, { end: false });
  return new Promise((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      context.stderr.write(`exim: exec of ${command} failed: ${error.code === "ENOENT" ? "No such file or directory" : error.message}\n`);
      resolve(1);
    });
    child.once("close", (code) => resolve(code ?? 1));
  });
}
