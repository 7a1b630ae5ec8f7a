/** Names that never come twice. */

/**
 * Makes the unique part of maildir names, `<seconds>.H<microseconds>P<pid>` (manual §"Maildir delivery"). The clock of a
 * process that writes many files at once is pushed on by a microsecond a name, so that no name comes twice.
 */
export function newNamer(pid: number, now: () => number = () => performance.timeOrigin + performance.now()): () => string {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Math.floor(now() * 1000));
    return `${Math.floor(last / 1_000_000)}.H${last % 1_000_000}P${pid}`;
  };
}
