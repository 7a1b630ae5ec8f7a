/** The hints store, opened when it is first asked for: most commands never do. */
import { openHints } from "@mailkit/spool";
import type { HintsStore } from "@mailkit/sdk";

export interface ClosableHints extends HintsStore {
  close(): void;
}

export function lazyHints(directory: () => string): ClosableHints {
  let opened: (HintsStore & { close(): void }) | undefined;
  const store = (): HintsStore => (opened ??= openHints({ directory: directory(), now: Date.now }));
  return {
    get: (database, key) => store().get(database, key),
    put: (database, key, value) => store().put(database, key, value),
    delete: (database, key) => store().delete(database, key),
    scan: (database, prefix) => store().scan(database, prefix),
    update: (database, key, change) => store().update(database, key, change),
    close: () => opened?.close(),
  };
}
