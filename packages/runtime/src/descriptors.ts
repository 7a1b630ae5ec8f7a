/**
 * File descriptors of this process, shared out: what connections may take, so that the spool, the logs and deliveries
 * always have some. Who comes beyond hears 421 instead of nothing.
 */
import { readdirSync, readFileSync } from "node:fs";

export interface Descriptors {
  /** RLIMIT_NOFILE. */
  readonly limit: number;
  readonly open: number;
}

export interface ConnectionRoom {
  readonly smtp: number;
  readonly pop3: number;
}

/** Undefined: the system does not tell. */
export function ownDescriptors(): Descriptors | undefined {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1];
    return limit === undefined ? undefined : { limit: Number(limit), open: readdirSync("/proc/self/fd").length };
  } catch {
    return undefined;
  }
}

/** For bodies in files, mailboxes, and connections to others. */
const RESERVE = { least: 24, most: 1024 } as const;
const MOST_POP3 = 1000;

export function connectionRoom({ limit, open }: Descriptors, withPop3: boolean): ConnectionRoom {
  const reserve = Math.min(RESERVE.most, Math.max(RESERVE.least, Math.floor(limit / 4)));
  const left = Math.max(2, limit - open - reserve);
  const pop3 = withPop3 ? Math.min(MOST_POP3, Math.floor(left / 4)) : 0;
  return { smtp: left - pop3, pop3: Math.max(1, pop3) };
}
