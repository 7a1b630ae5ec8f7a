import type { ServerProcess } from "../support/server-processes.ts";
import type { Target } from "./plan.ts";

/** Whom a strike hits; none when there is no such process now. */
export function victims(processes: readonly ServerProcess[], target: Target, which: number): readonly number[] {
  if (target === "server") return processes.map(({ pid }) => pid);
  if (target === "supervisor") return processes.filter(({ role }) => role === "main").map(({ pid }) => pid);
  const some = processes.filter(({ role }) => role === target);
  const one = some[Math.floor(which * some.length)];
  return one === undefined ? [] : [one.pid];
}
