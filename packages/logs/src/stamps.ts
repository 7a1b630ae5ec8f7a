/** Time stamps of log lines, in a zone, cheap for many lines of one second. */
export interface StampOptions {
  /** `timezone`; undefined = the system's. */
  readonly timezone?: string;
  /** `log_timezone`: ` +0100` behind the time. */
  readonly zone: boolean;
  /** The selectors `millisec` and `pid`. */
  readonly millisec: boolean;
  readonly pid?: number;
}

export interface Stamper {
  /** `1999-03-02 09:44:33[.123][ +0000][ [pid]]`. */
  stamp(milliseconds: number): string;
  /** `19990302` in the same zone, for `%D`. */
  day(milliseconds: number): string;
}

export function makeStamper(options: StampOptions): Stamper {
  const offsetAt = makeOffsets(options.timezone);
  const pid = options.pid === undefined ? "" : ` [${options.pid}]`;
  let second = NaN;
  let head = "";
  let tail = "";
  function stamp(milliseconds: number): string {
    const now = Math.floor(milliseconds / 1000);
    if (now !== second) {
      const offset = offsetAt(milliseconds);
      const local = new Date(now * 1000 + offset * 60_000);
      head = `${dateOf(local, "-")} ${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`;
      tail = (options.zone ? ` ${zoneText(offset)}` : "") + pid;
      second = now;
    }
    if (!options.millisec) return head + tail;
    return `${head}.${String(Math.floor(milliseconds - now * 1000)).padStart(3, "0")}${tail}`;
  }
  return { stamp, day: (milliseconds) => dateOf(new Date(milliseconds + offsetAt(milliseconds) * 60_000), "") };
}

/** For reading lines back: minutes east of Greenwich at a local time (given as if it were UTC), `timezone` as above. */
export function localOffsets(timezone: string | undefined): (localMilliseconds: number) => number {
  const offsetAt = makeOffsets(timezone);
  return (local) => offsetAt(local - offsetAt(local) * 60_000);
}

/** Offsets change at quarters of an hour only, so one is kept for each. */
function makeOffsets(timezone: string | undefined): (milliseconds: number) => number {
  const compute = offsetComputer(timezone);
  let quarter = NaN;
  let offset = 0;
  return (milliseconds) => {
    const now = Math.floor(milliseconds / 900_000);
    if (now !== quarter) {
      quarter = now;
      offset = compute(milliseconds);
    }
    return offset;
  };
}

function offsetComputer(timezone: string | undefined): (milliseconds: number) => number {
  if (timezone === undefined) return (milliseconds) => -new Date(milliseconds).getTimezoneOffset();
  if (timezone === "" || /^(utc|gmt)$/i.test(timezone)) return () => 0;
  try {
    const format = new Intl.DateTimeFormat("en-US", { timeZone: timezone, timeZoneName: "longOffset" });
    return (milliseconds) => {
      const match = /([+-])(\d\d):(\d\d)/.exec(format.format(milliseconds));
      return match === null ? 0 : (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
    };
  } catch {
    return () => 0; // A name that nobody knows is UTC, as in the C library.
  }
}

function dateOf(local: Date, separator: string): string {
  return `${local.getUTCFullYear()}${separator}${two(local.getUTCMonth() + 1)}${separator}${two(local.getUTCDate())}`;
}

function zoneText(offset: number): string {
  const size = Math.abs(offset);
  return `${offset < 0 ? "-" : "+"}${two(Math.floor(size / 60))}${two(size % 60)}`;
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}
