/**
 * Gives memory back when many sessions are open and say nothing. V8 lets its young generation grow in a burst of
 * connections and keeps it as long as nothing is allocated: 16 KiB for each of 2,000 sessions. A full collection in a quiet
 * moment returns it. It also drops code that was compiled for objects that are gone: with sessions open their shapes stay,
 * without them the next burst would begin cold (10 to 20 % more CPU, measured), so then nothing is done.
 */
import { performance, type EventLoopUtilization } from "node:perf_hooks";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** One look at the process; octets, and the busy part of the time since the last look (0 to 1). */
export interface MemoryLook {
  /** Open SMTP sessions. */
  readonly sessions: number;
  readonly busy: number;
  /** Of the heap: what the process holds of the system, what is in use. */
  readonly held: number;
  readonly used: number;
}

/** What was held after the last collection; 0 = there was none. */
export interface IdleState {
  readonly after: number;
}

const EVERY = 500;
const QUIET = 0.05;
const MANY = 200;
const WORTHWHILE = 8 * 1024 * 1024;
/** A collection takes about a millisecond for each MiB in use: beyond this a quiet moment is too short for it. */
const MAX_IN_USE = 192 * 1024 * 1024;

export function isTimeToCollect(state: IdleState, look: MemoryLook): boolean {
  if (look.sessions < MANY || look.busy > QUIET || look.used > MAX_IN_USE) return false;
  return look.held - state.after >= Math.max(WORTHWHILE, look.used / 4);
}

/** Looks twice a second; the timer keeps nothing alive. Without a collector (another runtime) nothing happens. */
export function collectWhenIdle(sessions: () => number): { stop(): void } {
  let collect: (() => void) | undefined;
  let state: IdleState = { after: 0 };
  let before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const look = lookAt(performance.eventLoopUtilization(now, before), sessions());
    before = now;
    if (!isTimeToCollect(state, look)) return;
    // Made when it is first needed: most workers never have so many sessions.
    collect ??= collector();
    collect();
    state = { after: getHeapStatistics().total_heap_size };
  }, EVERY);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

function lookAt({ utilization }: EventLoopUtilization, sessions: number): MemoryLook {
  const heap = getHeapStatistics();
  return { sessions, busy: utilization, held: heap.total_heap_size, used: heap.used_heap_size };
}

/** The only way to V8's collector without a flag on the command line. Nothing else in the process sees the name. */
function collector(): () => void {
  try {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as (options: object) => void;
    setFlagsFromString("--no-expose-gc");
    // What is compiled stays, however long it was not used.
    setFlagsFromString("--no-flush-bytecode");
    // "last-resort" also gives back the room that the young generation has grown to.
    return () => collect({ type: "major", execution: "sync", flavor: "last-resort" });
  } catch {
    return () => {};
  }
}
