/** Dates as mailboxes want them, and names that never come twice. */

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `$tod_bsdinbox`: `Tue Nov 24 04:09:16 2026`, local time. */
export function bsdInboxTime(milliseconds: number): string {
  const t = new Date(milliseconds);
  const two = (n: number): string => String(n).padStart(2, "0");
  const clock = `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
  return `${DAYS[t.getDay()]} ${MONTHS[t.getMonth()]} ${two(t.getDate())} ${clock} ${t.getFullYear()}`;
}

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
