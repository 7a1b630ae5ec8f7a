import type { ProcessService, RunRequest, RunResult } from "@mailkit/sdk";
import { spawn } from "node:child_process";
import { constants } from "node:os";

/** Programs without a shell, with a time limit and a limit on what they print. Stdout and stderr come as one stream. */
export const systemProcesses: ProcessService = { run: runProgram };

function runProgram(request: RunRequest): Promise<RunResult> {
  return new Promise((resolve) => {
    const [program, ...args] = request.argv as [string, ...string[]];
    const chunks: Buffer[] = [];
    let size = 0;
    let timedOut = false;
    const child = spawn(program, args, {
      cwd: request.cwd,
      env: request.env ?? {},
      uid: request.uid,
      gid: request.gid,
      stdio: [request.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      detached: true,
    });
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
      resolve({ kind: "failed", errno: error.code ?? "EIO", message: error.message });
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
