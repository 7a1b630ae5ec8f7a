/** One POP3 connection: octets to lines, lines to `step`, effects to the mailbox. The only loop of this package. */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Mailbox, MailboxOpened } from "./mailbox.ts";
import { encrypted, loggedIn, newPop3State, step, updated } from "./machine.ts";
import type { Pop3Effect, Pop3State, Pop3Step } from "./machine.ts";
import { readingAhead } from "./read-ahead.ts";
import { stuffed } from "./wire.ts";

export interface Pop3Deps {
  readonly hostname: string;
  /** False = wrong name or password; a message = it could not be found out. */
  readonly authenticate: (user: string, password: string, peer: string) => Promise<{ readonly ok: boolean; readonly trouble?: string }>;
  readonly openMailbox: (user: string) => Promise<MailboxOpened>;
  /** Undefined: no STLS. */
  readonly startTls: ((socket: Socket) => Promise<TLSSocket>) | undefined;
  readonly log: (line: string) => void;
  /** Milliseconds without a command; RFC 1939 §3 wants ten minutes at least. */
  readonly idleTimeout: number;
}

/** RFC 2449 §4 allows 255 octets; a little more costs nothing. */
const MAX_LINE = 1024;

export async function serveConnection(first: Socket, deps: Pop3Deps, implicitTls: boolean): Promise<void> {
  const peer = first.remoteAddress ?? "?";
  const session: Session = {
    socket: first,
    deps,
    peer,
    state: newPop3State({
      encrypted: implicitTls,
      offersTls: !implicitTls && deps.startTls !== undefined,
      plainAllowed: implicitTls || isLoopback(peer) || deps.startTls === undefined,
    }),
    mailbox: undefined,
    user: "",
  };
  try {
    session.socket.write(`+OK ${deps.hostname} POP3 ready\r\n`);
    while (await converse(session)) {
      // goes on with the TLS socket
    }
  } catch (error) {
    deps.log(`pop3 H=[${peer}] ${session.user === "" ? "" : `U=${session.user} `}connection lost: ${(error as Error).message}`);
  } finally {
    await session.mailbox?.release();
    session.socket.destroy();
  }
}

interface Session {
  socket: Socket;
  readonly deps: Pop3Deps;
  readonly peer: string;
  state: Pop3State;
  mailbox: Mailbox | undefined;
  user: string;
}

/** Reads commands until the connection ends (false) or goes on under TLS (true). */
async function converse(session: Session): Promise<boolean> {
  let rest = "";
  session.socket.setTimeout(session.deps.idleTimeout, () => session.socket.destroy(new Error("idle for too long")));
  for await (const chunk of session.socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    rest += chunk.toString("latin1");
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      const line = rest.slice(0, end > 0 && rest[end - 1] === "\r" ? end - 1 : end);
      rest = rest.slice(end + 1);
      const outcome = await act(
        session,
        line.length > MAX_LINE ? { state: session.state, reply: "-ERR line too long\r\n" } : step(session.state, line),
      );
      if (outcome !== "go on") return outcome === "tls";
    }
    if (rest.length > MAX_LINE) {
      session.socket.end("-ERR line too long\r\n");
      return false;
    }
  }
  return false;
}

async function act(session: Session, made: Pop3Step): Promise<"go on" | "tls" | "end"> {
  session.state = made.state;
  if (made.reply !== "" && made.effect?.kind !== "send") await write(session, made.reply);
  return made.effect === undefined ? "go on" : perform(session, made.effect, made.reply);
}

async function perform(session: Session, effect: Pop3Effect, reply: string): Promise<"go on" | "tls" | "end"> {
  switch (effect.kind) {
    case "login":
      return act(session, await login(session, effect.user, effect.password));
    case "send":
      await sendMessage(session, effect, reply);
      return "go on";
    case "startTls":
      session.socket = await (session.deps.startTls as NonNullable<Pop3Deps["startTls"]>)(session.socket);
      session.state = encrypted(session.state);
      return "tls";
    case "update": {
      const failed = (await session.mailbox?.update(effect.deleted, effect.retrieved)) ?? 0;
      session.deps.log(
        `pop3 H=[${session.peer}] U=${session.user} logout: ${effect.deleted.length - failed} deleted, ${session.state.messages.length - effect.deleted.length + failed} left`,
      );
      return act(session, updated(session.state, failed));
    }
    case "close":
      session.socket.end();
      return "end";
  }
}

async function login(session: Session, user: string, password: string): Promise<Pop3Step> {
  const { deps, peer } = session;
  const answer = await deps.authenticate(user, password, peer);
  if (answer.trouble !== undefined) return loggedIn(session.state, { ok: false, code: "SYS/TEMP", text: "try again later" });
  if (!answer.ok) {
    deps.log(`pop3 H=[${peer}] U=${user} login failed`);
    return loggedIn(session.state, { ok: false, code: "AUTH", text: "wrong name or password" });
  }
  const opened = await deps.openMailbox(user);
  if (!opened.ok) {
    deps.log(`pop3 H=[${peer}] U=${user} mailbox: ${opened.text}${opened.reason === undefined ? "" : `: ${opened.reason}`}`);
    return loggedIn(session.state, opened);
  }
  session.mailbox = readingAhead(opened.mailbox);
  session.user = user;
  deps.log(`pop3 H=[${peer}] U=${user} login: ${opened.mailbox.messages.length} messages`);
  return loggedIn(session.state, { ok: true, messages: opened.mailbox.messages });
}

async function sendMessage(session: Session, effect: Extract<Pop3Effect, { kind: "send" }>, reply: string): Promise<void> {
  try {
    const wire = await (session.mailbox as Mailbox).read(effect.index, effect.lines);
    await write(session, Buffer.concat([Buffer.from(reply, "latin1"), stuffed(wire)]));
  } catch {
    await write(session, "-ERR [SYS/TEMP] the message cannot be read\r\n");
  }
}

/** Waits while the client does not read: a mailbox is never held in memory twice. */
function write(session: Session, octets: string | Buffer): Promise<void> {
  const { socket } = session;
  if (typeof octets === "string" ? socket.write(octets, "latin1") : socket.write(octets)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      socket.off("drain", settle);
      socket.off("close", settle);
      if (socket.destroyed) reject(new Error("closed"));
      else resolve();
    };
    socket.on("drain", settle);
    socket.on("close", settle);
  });
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127.");
}
