/**
 * Values that are usually there at once and sometimes have to be waited for.
 *
 * Expansions, lists, ACLs and routers run synchronously unless something really waits (DNS, a program, a socket):
 * a promise per step would cost more than the step. Code that may wait returns `Maybe<T>` and goes on with `chain`.
 */
export type Maybe<T> = T | Promise<T>;

export function isPromise<T>(value: Maybe<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** Goes on with `next` at once, or when `value` has come. */
export function chain<A, B>(value: Maybe<A>, next: (value: A) => Maybe<B>): Maybe<B> {
  return isPromise(value) ? value.then(next) : next(value);
}

/** What `work` gives, or what `recover` makes of its failure, whether it came at once or later. */
export function rescue<T>(work: () => Maybe<T>, recover: (error: unknown) => Maybe<T>): Maybe<T> {
  try {
    const value = work();
    return isPromise(value) ? value.catch(recover) : value;
  } catch (error) {
    return recover(error);
  }
}

/** Runs `step` over `items` in order; the first result that is not undefined ends the walk and is the answer. */
export function firstOf<T, R>(items: readonly T[], step: (item: T, index: number) => Maybe<R | undefined>, from = 0): Maybe<R | undefined> {
  for (let i = from; i < items.length; i++) {
    const result = step(items[i] as T, i);
    if (isPromise(result)) {
      return result.then((value) => (value !== undefined ? value : firstOf(items, step, i + 1)));
    }
    if (result !== undefined) return result;
  }
  return undefined;
}

/** Maps `items` in order, one after the other (never in parallel: each step may change what the next one sees). */
export function mapInOrder<T, R>(items: readonly T[], step: (item: T, index: number) => Maybe<R>): Maybe<R[]> {
  const results: R[] = [];
  const rest = (from: number): Maybe<R[]> => {
    for (let i = from; i < items.length; i++) {
      const result = step(items[i] as T, i);
      if (isPromise(result)) {
        return result.then((value) => {
          results.push(value);
          return rest(i + 1);
        });
      }
      results.push(result);
    }
    return results;
  };
  return rest(0);
}
