/** Runs the command with the message on its input; its output is one stream, bounded, and so is its time. */
import { spawn, type ChildProcess } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { messageOctets, unicodeOf, type LocalJob } from "@mailkit/sdk";
import type { Order } from "./plan.ts";

export type Ended =
  | { readonly kind: "exited"; readonly code: number; readonly output: Buffer }
  | { readonly kind: "signalled"; readonly number: number; readonly name: string; readonly output: Buffer }
  | { readonly kind: "timeout"; readonly output: Buffer }
  | { readonly kind: "notFound" }
  | { readonly kind: "notRun"; readonly code: string }
  | { readonly kind: "noDirectory"; readonly code: string };

export async function runCommand(order: Order, job: LocalJob): Promise<Ended> {
  const program = findProgram(order.argv[0] as string, order.path);
  if (program === undefined) return { kind: "notFound" };
  const cwd = job.cwd ?? "/";
  const missing = directoryFault(cwd);
  if (missing !== undefined) return { kind: "noDirectory", code: missing };
  // Asked first, so that the exit code of a command that runs is never taken for a failure to run it.
  if (!isExecutable(resolve(cwd, program))) return { kind: "notRun", code: "ENOENT" };
  const child = start(order, program, cwd);
  let killed: "timeout" | "output" | undefined;
  const kill = (why: "timeout" | "output"): void => {
    killed ??= why;
    killGroup(child);
  };
  const output: Buffer[] = [];
  let size = 0;
  const collect = (octets: Buffer): void => {
    size += octets.length;
    if (size <= order.maxOutput) output.push(octets);
    else kill("output");
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  child.stdin?.on("error", () => {
    // A command may end without reading everything; its status says whether that is a fault.
  });
  const timer = order.timeout > 0 ? setTimeout(kill, order.timeout, "timeout") : undefined;
  const ended = new Promise<Ended>((settle) => {
    child.on("error", (error: NodeJS.ErrnoException) => settle({ kind: "notRun", code: error.code ?? "EIO" }));
    child.on("close", (code, signal) => {
      const whole = Buffer.concat(output);
      if (killed === "timeout") settle({ kind: "timeout", output: whole });
      else if (signal !== null) settle({ kind: "signalled", number: signalNumber(signal), name: signal, output: whole });
      else settle({ kind: "exited", code: code ?? 0, output: whole });
    });
  });
  const fed = feed(child, order, job);
  const result = await ended;
  clearTimeout(timer);
  await fed;
  return result;
}

/**
 * The umask is the process's own, so a shell of one line sets it; arguments stay arguments. Node encodes them as UTF-8:
 * octets above 127 go in as the characters that they are the UTF-8 of, where they are.
 */
function start(order: Order, program: string, cwd: string): ChildProcess {
  const options = { cwd, env: encoded(order.env), stdio: ["pipe", "pipe", "pipe"] as ["pipe", "pipe", "pipe"], detached: true };
  const args = order.argv.slice(1).map(unicodeOf);
  if (order.umask === process.umask()) return spawn(unicodeOf(program), args, options);
  return spawn("/bin/sh", ["-c", `umask ${order.umask.toString(8)} && exec "$0" "$@"`, unicodeOf(program), ...args], options);
}

function encoded(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, unicodeOf(value)]));
}

function findProgram(command: string, path: string): string | undefined {
  if (command.includes("/")) return command;
  return path
    .split(":")
    .map((directory) => join(directory, command))
    .find((candidate) => isExecutable(candidate));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A missing program and a missing directory look the same to spawn. */
function directoryFault(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "EIO";
  }
}

export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

async function feed(child: ChildProcess, order: Order, job: LocalJob): Promise<void> {
  const { stdin } = child;
  if (stdin === null) return;
  for await (const octets of messageOctets(job.message, order.form, job.recipients)) {
    if (stdin.destroyed || stdin.errored !== null) return;
    if (stdin.write(octets)) continue;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        stdin.removeListener("drain", go);
        stdin.removeListener("close", go);
        resolve();
      };
      stdin.on("drain", go);
      stdin.on("close", go);
    });
  }
  stdin.end();
}

const NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGTRAP: 5, SIGABRT: 6, SIGBUS: 7, SIGFPE: 8, SIGKILL: 9, SIGUSR1: 10, SIGSEGV: 11,
  SIGUSR2: 12, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15, SIGXCPU: 24, SIGXFSZ: 25,
}; // prettier-ignore

function signalNumber(name: string): number {
  return NUMBERS[name] ?? 0;
}

/** strsignal of the C library, as the log shows it. */
export function signalText(number: number): string {
  return SIGNAL_TEXTS.get(number) ?? `Unknown signal ${number}`;
}

const SIGNAL_TEXTS: ReadonlyMap<number, string> = new Map([
  [1, "Hangup"],
  [2, "Interrupt"],
  [3, "Quit"],
  [4, "Illegal instruction"],
  [5, "Trace/breakpoint trap"],
  [6, "Aborted"],
  [7, "Bus error"],
  [8, "Floating point exception"],
  [9, "Killed"],
  [10, "User defined signal 1"],
  [11, "Segmentation fault"],
  [12, "User defined signal 2"],
  [13, "Broken pipe"],
  [14, "Alarm clock"],
  [15, "Terminated"],
  [24, "CPU time limit exceeded"],
  [25, "File size limit exceeded"],
]);
