/**
 * Sessions that are free, kept for a moment for the next message to the same place: that is what makes a relay fast. Keys
 * name everything that makes two sessions different (transport, address, port, interface, EHLO name).
 */
import type { Session } from "./session.ts";

export interface SessionPool {
  take(key: string): Session | undefined;
  /** `message`: the id of the one that it was used for. */
  give(key: string, session: Session, message: string): void;
  /** QUIT to one that is not kept. */
  end(session: Session): void;
  /** Ends all of them, or those that a message used last; resolves when the servers have answered, or soon after. */
  close(message?: string): Promise<void>;
}

interface Idle {
  readonly session: Session;
  readonly message: string;
  readonly timer: NodeJS.Timeout;
}

export function newSessionPool(limits: { readonly idle: number; readonly perKey: number; readonly total: number }): SessionPool {
  const free = new Map<string, Idle[]>();
  const ending = new Set<Promise<void>>();
  let total = 0;
  const end = (session: Session): void => {
    const ended = session.quit().finally(() => ending.delete(ended));
    ending.add(ended);
  };
  const remove = (key: string, session: Session): boolean => {
    const idle = free.get(key);
    const at = idle?.findIndex((one) => one.session === session) ?? -1;
    if (idle === undefined || at < 0) return false;
    clearTimeout((idle[at] as Idle).timer);
    idle.splice(at, 1);
    if (idle.length === 0) free.delete(key);
    total--;
    return true;
  };
  return {
    take(key) {
      for (let last = free.get(key)?.at(-1); last !== undefined; last = free.get(key)?.at(-1)) {
        remove(key, last.session);
        if (!last.session.usable) continue;
        last.session.wake();
        return last.session;
      }
      return undefined;
    },
    give(key, session, message) {
      const idle = free.get(key) ?? [];
      if (!session.usable || idle.length >= limits.perKey || total >= limits.total) return end(session);
      const timer = setTimeout(() => {
        if (!remove(key, session)) return;
        session.wake();
        end(session);
      }, limits.idle);
      timer.unref();
      free.set(key, [...idle, { session, message, timer }]);
      total++;
      session.rest(() => remove(key, session));
    },
    end,
    async close(message) {
      for (const [key, idle] of free) {
        for (const { session, message: last } of idle.slice()) {
          if (message !== undefined && last !== message) continue;
          remove(key, session);
          session.wake();
          end(session);
        }
      }
      await Promise.all(ending);
    },
  };
}
