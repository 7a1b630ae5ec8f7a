/**
 * Answers by question, each until its time is over; the least used go when it is full. One per resolver.
 */
export interface TimedCache<T> {
  get(key: string, now: number): T | undefined;
  /** `seconds` of 0 is not kept. */
  set(key: string, value: T, now: number, seconds: number): void;
  clear(): void;
  readonly size: number;
}

export function makeTimedCache<T>(limit: number): TimedCache<T> {
  // A Map keeps the order of insertion: moving an entry to the end when it is used makes the first one the oldest.
  const entries = new Map<string, { readonly value: T; readonly from: number; readonly until: number }>();
  return {
    get(key, now) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      // Before it was put there: the clock was set back, and nobody knows how old it is.
      if (entry.until <= now || entry.from > now) return undefined;
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, now, seconds) {
      if (seconds <= 0) return;
      entries.delete(key);
      entries.set(key, { value, from: now, until: now + seconds * 1000 });
      if (entries.size > limit) entries.delete(entries.keys().next().value as string);
    },
    clear: () => entries.clear(),
    get size() {
      return entries.size;
    },
  };
}
