/**
 * One connection's socket as the wire of its session: octets in, replies out, TLS in between, timeouts, and bounds for a
 * peer that speaks without listening.
 */
import type { Socket } from "node:net";
import { errnoOf, strerror } from "@mailkit/sdk";
import { handshake, type Connection } from "./handshake.ts";
import { atTurnsEnd } from "./outbox.ts";
import { newSession } from "./session.ts";
import type { SessionHandle } from "./session-types.ts";
import { tlsFactsOf } from "./tls-facts.ts";

export function attach(connection: Connection, first: Socket): SessionHandle {
  const { deps, facts, timeout } = connection;
  let socket = first;
  let handle: SessionHandle;
  let working = false;
  let choked = false;
  let ahead = 0;
  /** Plain text that is still in the socket when STARTTLS is answered does not reach the session. Who counts it still hears of its end. */
  const detached = (): Socket => {
    for (const [event, listener] of Object.entries(listeners)) socket.off(event, listener);
    socket.removeAllListeners("timeout").setTimeout(0);
    return socket;
  };
  let replies = "";
  const send = (): void => {
    const text = replies;
    replies = "";
    if (text === "" || !socket.writable || socket.write(text, "latin1") || choked) return;
    // Who does not read replies is not read from either: nothing else bounds what waits here.
    choked = true;
    socket.pause().once("drain", () => {
      choked = false;
      socket.resume();
    });
  };
  const wire = {
    write: (text: string) => {
      if (replies === "") atTurnsEnd(send);
      replies += text;
    },
    // Behind what was written: the outbox keeps the order.
    end: () =>
      atTurnsEnd(() => {
        socket.end();
        lingerNot(socket);
      }),
    // What comes while the session works is read, up to a limit: input too soon is a fault, and so is a lost connection.
    pause: () => {
      working = true;
      ahead = 0;
    },
    resume: () => {
      working = false;
      if (!choked) socket.resume();
    },
    startTls: async () => {
      send();
      const secure = await handshake({ ...connection, facts: handle.session.facts }, detached(), Buffer.alloc(0));
      if (secure === undefined) return undefined;
      socket = secure;
      listenTo(secure);
      return tlsFactsOf(secure);
    },
  };
  const listeners = {
    data: (octets: Buffer): void => {
      handle.receive(octets);
      if (working && (ahead += octets.length) > MAX_AHEAD) socket.pause();
    },
    end: (): void => handle.ended(),
    close: (): void => handle.ended(),
    error: (error: NodeJS.ErrnoException): void => handle.ended(strerror(errnoOf(error.code))),
  };
  const listenTo = (source: Socket): void => {
    for (const [event, listener] of Object.entries(listeners)) source.on(event, listener);
    if (timeout > 0) {
      source.setTimeout(timeout, () => {
        handle.timedOut();
        // It was our turn (an ACL that waits): the peer's time begins anew.
        if (!handle.session.ended) source.setTimeout(timeout);
      });
    }
    // Reading the PROXY header left it paused.
    source.resume();
  };
  handle = newSession(deps, wire, { kind: "tcp", facts, trusted: false });
  listenTo(socket);
  return handle;
}

/** Without a sign of life, and at the longest, milliseconds. */
const LINGER = { silent: 2000, longest: 20_000 } as const;

/** What still comes is not looked at, and a peer that does not close its side is not waited for. */
function lingerNot(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), LINGER.longest);
  socket.setTimeout(LINGER.silent, () => socket.destroy());
  socket.resume().once("close", () => clearTimeout(timer));
}

/** Octets that are read ahead. */
const MAX_AHEAD = 64 * 1024;
