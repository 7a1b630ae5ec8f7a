/** Waiting in tests: a condition is asked again until it holds or its limit is over; no test sleeps for a fixed time. */
const STEP = 15;

/** The machine may be busy: limits are for what never comes, not for what is slow. */
export const PATIENCE = 30_000;

export interface WaitOptions {
  readonly what: string;
  readonly limit?: number;
  /** Told when the time is over: what there was instead. */
  readonly instead?: () => string;
}

/** Resolves with the first value that is neither `undefined` nor `false`. */
export async function until<T>(look: () => T | undefined | false | Promise<T | undefined | false>, options: WaitOptions): Promise<T> {
  const end = Date.now() + (options.limit ?? PATIENCE);
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end)
      throw new Error(`waited in vain for ${options.what}${options.instead === undefined ? "" : `\n${options.instead()}`}`);
    await new Promise((resolve) => setTimeout(resolve, STEP));
  }
}

/** A promise that is given up after `limit`. */
export async function within<T>(promise: Promise<T>, what: string, limit = PATIENCE): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), limit);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
