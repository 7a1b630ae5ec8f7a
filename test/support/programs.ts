/** Programs of the machine: running them to their end, and skipping, with a message, what needs one that is missing. */
import type { TestFn } from "ava";
import { spawn } from "node:child_process";
import type { SpawnOptions } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions extends Pick<SpawnOptions, "cwd" | "env" | "uid" | "gid" | "argv0"> {
  readonly input?: string | Buffer;
  readonly limit?: number;
}

/** Text is octets (latin1). A program that outlives its limit is killed: code 124. */
export function run(command: string, argv: readonly string[], { input = "", limit = 60_000, ...options }: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, argv, { ...options, stdio: ["pipe", "pipe", "pipe"] });
    const out = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("latin1");
      child[name].on("data", (chunk: string) => (out[name] += chunk));
    }
    const timer = setTimeout(() => child.kill("SIGKILL"), limit);
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 124, ...out });
    });
    child.stdin.on("error", () => {});
    child.stdin.end(typeof input === "string" ? Buffer.from(input, "latin1") : input);
  });
}

/** Where a program is; undefined = nowhere. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin", "/sbin"];
  return (name.includes("/") ? [name] : folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

type Register = Pick<TestFn, "serial" | "skip">["serial"];

/** `test.serial` where all programs are there, else a skipped test whose title says what is missing. */
export function needs(test: TestFn, ...programs: readonly string[]): Register {
  const missing = programs.filter((name) => findProgram(name) === undefined);
  return missing.length === 0 ? test.serial : skipped(test, `${missing.join(", ")} not installed`);
}

export function needsThat(test: TestFn, holds: boolean, otherwise: string): Register {
  return holds ? test.serial : skipped(test, otherwise);
}

function skipped(test: TestFn, why: string): Register {
  return ((title: string, run: never) => test.serial.skip(`${title} (${why})`, run)) as unknown as Register;
}
