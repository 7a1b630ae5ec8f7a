/** The processes of a server under test, by their roles: who is a child of whom, from /proc. */
import { readdirSync, readFileSync } from "node:fs";

export interface ServerProcess {
  readonly pid: number;
  readonly role: "main" | "worker" | "helper";
}

/** `main` and everything below it. */
export function processesOf(main: number): ServerProcess[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? parentOf(pid) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: ServerProcess[] = [];
  const walk = (pid: number): void => {
    const role = pid === main ? "main" : roleOf(pid);
    if (role !== undefined) found.push({ pid, role });
    for (const child of children.get(pid) ?? []) walk(child);
  };
  walk(main);
  return found;
}

/** Undefined when the process is gone, or is a zombie. */
function parentOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, parent] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}

function roleOf(pid: number): "worker" | "helper" | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/cmdline`, "latin1");
    return line.includes("__worker") ? "worker" : line.includes("__helper") ? "helper" : undefined;
  } catch {
    return undefined;
  }
}

export function isAlive(pid: number): boolean {
  return parentOf(pid) !== undefined;
}

export function killHard(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}

/** The most that a process has had in memory so far (VmHWM), octets; undefined = not told. */
export function peakMemory(pid: number): number | undefined {
  try {
    const told = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
    return told === undefined ? undefined : Number(told) * 1024;
  } catch {
    return undefined;
  }
}
