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
  // Stays where the oldest entry was: a new look from the start steps over all that was taken out since.
  let oldest = entries.keys();
  const forgetOldest = (): void => {
    let next = oldest.next();
    if (next.done === true) next = (oldest = entries.keys()).next();
    if (next.done !== true) entries.delete(next.value);
  };
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
      if (entries.size > limit) forgetOldest();
    },
    clear: () => entries.clear(),
    get size() {
      return entries.size;
    },
  };
}
