/** A server under measurement: the built program in a folder of its own, and what it used of the CPU. */
import { readdirSync, readFileSync } from "node:fs";
import { processesOf } from "../support/server-processes.ts";
import { startMailkit, type MailServer } from "../support/mailkit.ts";
import type { Teardown } from "../support/temporary.ts";

/** What the configurations of measurements begin with: no limits that make a load from one address meaningless. */
export const HEAD = `primary_hostname = host.test
spool_directory = FOLDER/spool
host_lookup =
rfc1413_hosts =
smtp_accept_max = 3000
smtp_connect_backlog = 1024
smtp_accept_queue_per_connection = 0
message_size_limit = 60M
`;

export interface Stand {
  readonly server: MailServer;
  /** Seconds of CPU so far, of all its processes. */
  cpu(): number;
  /** Resident memory of all its processes, MiB. */
  memory(): number;
}

/** Runs work with a server, and ends the server. */
export async function withServer<T>(
  config: string,
  options: { workers?: number; files?: Record<string, string> },
  work: (stand: Stand) => Promise<T>,
): Promise<T> {
  const undo: (() => void | Promise<void>)[] = [];
  const teardown: Teardown = { teardown: (step) => void undo.push(step) };
  try {
    const server = await startMailkit(teardown, {
      config,
      ...(options.files === undefined ? {} : { files: options.files }),
      // The last one counts.
      args: ["--workers", String(options.workers ?? 1)],
    });
    const result = await work({ server, cpu: () => sum(server.pid, cpuOf), memory: () => sum(server.pid, memoryOf) });
    // Killed, the supervisor would leave workers behind that still write.
    await server.stop();
    return result;
  } finally {
    for (const step of undo.toReversed()) await step();
  }
}

export function teardownOf(undo: (() => void | Promise<void>)[]): Teardown {
  return { teardown: (step) => void undo.push(step) };
}

function sum(main: number, of: (pid: number) => number): number {
  return processesOf(main).reduce((total, { pid }) => total + of(pid), 0);
}

/** Of all threads, in nanoseconds in /proc, which is finer than the ticks of `stat`. */
function cpuOf(pid: number): number {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    return (
      tasks.reduce((total, task) => total + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "latin1").split(" ")[0]), 0) / 1e9
    );
  } catch {
    return 0;
  }
}

function memoryOf(pid: number): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]) * 4) / 1024;
  } catch {
    return 0;
  }
}
