import type { CommandContext } from "./command.ts";
import { CommandFailure, UsageError } from "./command.ts";

export function systemContext(): CommandContext {
  const { env } = process;
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    // Node sets a stream up when it is first asked for.
    get stdin() {
      return process.stdin;
    },
    env,
    cwd: process.cwd(),
    color: env.NO_COLOR === undefined && (env.FORCE_COLOR !== undefined || process.stdout.isTTY === true),
  };
}

/** Runs a command and says what went wrong in the form of all mailkit errors. Resolves to the exit code. */
export async function reportFailure(context: CommandContext, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (isClosedPipe(error)) return 0;
    const { lines, code } = failureText(error);
    const [first = "", ...rest] = lines;
    const head = /^error(\[\w+\])?/.exec(first)?.[0] ?? "";
    context.stderr.write(`${context.color ? `\u001b[1;31m${head}\u001b[0m${first.slice(head.length)}` : first}\n`);
    for (const line of rest) context.stderr.write(`  ${line}\n`);
    return code;
  }
}

/** `error: what`, details, `hint: what to do`; 2 for wrong use, else 1. A fault of mailkit itself shows where it happened. */
export function failureText(error: unknown): { readonly lines: readonly string[]; readonly code: number } {
  if (error instanceof UsageError || error instanceof CommandFailure) {
    const failure = error instanceof CommandFailure ? error : undefined;
    const code = failure?.code === undefined ? "" : `[${failure.code}]`;
    return {
      lines: [`error${code}: ${error.message}`, ...(failure?.details ?? []), ...(error.hint === undefined ? [] : [`hint: ${error.hint}`])],
      code: failure === undefined ? 2 : 1,
    };
  }
  const fault = error as NodeJS.ErrnoException;
  const words = SYSTEM_ERRORS[fault.code ?? ""];
  if (words !== undefined) {
    const where = fault.path ?? (fault as { address?: string }).address;
    const lines = [`error: ${where === undefined ? fault.message : `${where}: ${words}`}`];
    if (fault.code === "EACCES" || fault.code === "EPERM")
      lines.push("hint: run it as root or as the server's own user, or give -C a configuration of yours");
    if (fault.code === "EVERSION") lines.push("hint: run the mailkit that wrote it, or move the folder out of the spool");
    return { lines, code: 1 };
  }
  return {
    lines: [
      "error: a fault of mailkit itself",
      ...String(fault?.stack ?? error)
        .split("\n")
        .map((line) => line.trim()),
    ],
    code: 1,
  };
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "not permitted",
  ENOENT: "no such file or folder",
  ENOTDIR: "not a folder",
  EISDIR: "a folder, not a file",
  EEXIST: "exists already",
  ENOSPC: "no space left on the disk",
  EROFS: "the file system is read-only",
  ELOOP: "a symbolic link, which is not followed here",
  ECONNREFUSED: "nobody answers there",
  EADDRINUSE: "is taken",
  EIO: "the disk failed (input/output error)",
  EDQUOT: "the disk quota is used up",
  EMFILE: "too many open files",
  ENFILE: "too many open files on this machine",
  EHELD: "is in use by another process",
  EVERSION: "was written by another version",
};

function isClosedPipe(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === "EPIPE";
}
