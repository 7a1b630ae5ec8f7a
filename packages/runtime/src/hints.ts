/**
 * The hints store, opened when it is first asked for: most commands never do. Hints are not mail: where they cannot be
 * read or written (no room, no right, a disk that fails), everything goes on as if there were none, and the paniclog says so.
 */
import { openHints, type OpenHints } from "@mailkit/spool";
import type { HintsStore } from "@mailkit/sdk";

export interface ClosableHints extends HintsStore {
  /** Who hears of trouble; the last one that was named. */
  tell(listener: (message: string) => void): void;
  close(): void;
}

/** After a failure they are left alone for so long, and said to be so once, milliseconds. */
const PAUSE = 30_000;

/** `now`: of a clock that is never set. */
export function lazyHints(directory: () => string, now: () => number = () => performance.now()): ClosableHints {
  let opened: OpenHints | undefined;
  let pausedUntil = -Infinity;
  let told: (message: string) => void = () => {};

  function attempt<T>(work: (store: HintsStore) => T, otherwise: () => T): T {
    if (now() < pausedUntil) return otherwise();
    try {
      return work((opened ??= openHints({ directory: directory(), now: Date.now, trouble: (message) => told(message) })));
    } catch (error) {
      if (!isOfSystem(error)) throw error;
      pausedUntil = now() + PAUSE;
      told(`hints in ${directory()} cannot be used: ${(error as Error).message}; going on without them`);
      return otherwise();
    }
  }

  return {
    get: <T>(database: Parameters<HintsStore["get"]>[0], key: string) =>
      attempt(
        (store) => store.get<T>(database, key),
        () => undefined,
      ),
    put: (database, key, value) =>
      attempt(
        (store) => store.put(database, key, value),
        () => {},
      ),
    delete: (database, key) =>
      attempt(
        (store) => store.delete(database, key),
        () => {},
      ),
    scan: <T>(database: Parameters<HintsStore["scan"]>[0], prefix?: string) =>
      attempt(
        (store) => [...store.scan<T>(database, prefix)],
        () => [],
      ),
    // Who asks learns what follows from having no record.
    update: (database, key, change) =>
      attempt(
        (store) => store.update(database, key, change),
        () => void change(undefined),
      ),
    tell: (listener) => {
      told = listener;
    },
    close: () => opened?.close(),
  };
}

/** Of SQLite or of the system, not of who changes a record. */
function isOfSystem(error: unknown): boolean {
  const { errcode, syscall } = error as { errcode?: number; syscall?: string };
  return errcode !== undefined || syscall !== undefined;
}
