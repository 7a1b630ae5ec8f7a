import type { CommandContext } from "./command.ts";
import { CommandFailure, UsageError } from "./command.ts";

export function systemContext(): CommandContext {
  const { env } = process;
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env,
    cwd: process.cwd(),
    color: env.NO_COLOR === undefined && (env.FORCE_COLOR !== undefined || process.stdout.isTTY === true),
  };
}

/** Runs a command and says what went wrong in the form of all mailkit errors. */
export async function reportFailure(context: CommandContext, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (isClosedPipe(error)) return 0;
    if (!(error instanceof UsageError) && !(error instanceof CommandFailure)) throw error;
    context.stderr.write(`error: ${error.message}\n`);
    if (error instanceof CommandFailure) for (const detail of error.details) context.stderr.write(`  ${detail}\n`);
    if (error.hint !== undefined) context.stderr.write(`  hint: ${error.hint}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function isClosedPipe(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === "EPIPE";
}
