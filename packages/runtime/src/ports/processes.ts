import type { ProcessService, RunRequest, RunResult } from "@mailkit/sdk";
import { unicodeOf } from "@mailkit/sdk";
import { spawn } from "node:child_process";
import type { ChildProcess, StdioOptions } from "node:child_process";
import { constants } from "node:os";

/** Programs without a shell, with a time limit and a limit on what they print. Stdout and stderr come as one stream. */
export const systemProcesses: ProcessService = { run: runProgram };

/** `spawn` throws what it finds out at once (EPERM for another uid) and reports the rest: both are one result. */
async function runProgram(request: RunRequest): Promise<RunResult> {
  try {
    return await outcomeOf(request, start(request));
  } catch (error) {
    return failed(error as NodeJS.ErrnoException);
  }
}

function start({ argv, cwd, env, uid, gid, stdin }: RunRequest): ChildProcess {
  // Octets above 127 would be encoded again.
  const [program, ...args] = argv.map(unicodeOf) as [string, ...string[]];
  const stdio: StdioOptions = [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"];
  return spawn(program, args, { cwd, env: env ?? {}, uid, gid, stdio, detached: true });
}

function failed(error: NodeJS.ErrnoException): RunResult {
  return { kind: "failed", errno: error.code ?? "EIO", message: error.message };
}

function outcomeOf(request: RunRequest, child: ChildProcess): Promise<RunResult> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup(child.pid);
    }, request.timeout);
    const collect = (chunk: Buffer): void => {
      if (size < request.maxOutput) chunks.push(chunk.subarray(0, request.maxOutput - size));
      size += chunk.length;
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    child.stdin?.on("error", () => {});
    child.stdin?.end(request.stdin);
    child.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve(failed(error));
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const output = Buffer.concat(chunks);
      if (timedOut) resolve({ kind: "timeout", output });
      else if (signal !== null) resolve({ kind: "signalled", signal, number: constants.signals[signal], output });
      else resolve({ kind: "exited", code: code ?? 0, output });
    });
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // it ended by itself in the meantime
  }
}
