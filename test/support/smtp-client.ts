/** A client that says exactly what a test tells it to say, octet for octet, and reads whole replies. */
import { connect } from "node:net";
import type { Socket } from "node:net";
import { PATIENCE, within } from "./wait.ts";

export interface RawClient {
  /** Sends a line and reads the reply to it. */
  say(line: string): Promise<string>;
  /** Sends octets as they are. */
  send(octets: string | Buffer): void;
  /** Sends octets and resolves when the system has taken all of them, or when the connection is gone. */
  push(octets: string | Buffer): Promise<void>;
  /** The next whole reply, its lines joined with "\n"; "" when the server closed instead. */
  reply(): Promise<string>;
  /** Everything until the server closes. */
  rest(): Promise<string>;
  /** Closes our direction only. */
  halfClose(): void;
  /** RST. */
  reset(): void;
  /** Nothing is read until `resume`. */
  pause(): void;
  resume(): void;
  readonly closed: boolean;
}

const REPLY = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\r?\n/;
const POP3_LINE = /^[^\n]*\n/;

/** Connects and reads the greeting; `lines` = replies are single lines (POP3). */
export async function rawClient(
  address: string,
  port: number,
  options: { readonly lines?: boolean; readonly from?: string } = {},
): Promise<RawClient & { greeting: string }> {
  const socket = await opened(address, port, options.from);
  const client = overSocket(socket, options.lines === true ? POP3_LINE : REPLY);
  return { ...client, greeting: await client.reply(), get closed() { return client.closed; } }; // prettier-ignore
}

function opened(host: string, port: number, localAddress: string | undefined): Promise<Socket> {
  return within(
    new Promise((resolve, reject) => {
      const socket = connect({ host, port, ...(localAddress === undefined ? {} : { localAddress }) }, () => resolve(socket));
      socket.setNoDelay(true);
      socket.once("error", reject);
    }),
    `a connection to ${host}:${port}`,
  );
}

function overSocket(socket: Socket, whole: RegExp): RawClient {
  let received = "";
  let closed = false;
  let wake: () => void = () => {};
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    received += chunk;
    wake();
  });
  socket.on("error", () => {});
  for (const event of ["end", "close"] as const)
    socket.on(event, () => {
      closed = true;
      socket.destroy();
      wake();
    });
  const more = (what: string): Promise<void> => within(new Promise<void>((resolve) => (wake = resolve)), what, PATIENCE);
  const reply = async (): Promise<string> => {
    for (;;) {
      const match = whole.exec(received);
      if (match !== null) {
        received = received.slice(match[0].length);
        return match[0].replace(/\r\n/g, "\n").replace(/\n$/, "");
      }
      if (closed) return "";
      await more(`a reply (so far: ${JSON.stringify(received)})`);
    }
  };
  const send = (octets: string | Buffer): void => void (socket.writable && socket.write(octets, "latin1"));
  return {
    say: (line) => {
      send(`${line}\r\n`);
      return reply();
    },
    send,
    push: (octets) =>
      new Promise((resolve) => {
        if (!socket.writable) return resolve();
        const done = (): void => {
          socket.off("close", done);
          resolve();
        };
        socket.once("close", done);
        socket.write(octets, "latin1", done);
      }),
    reply,
    rest: async () => {
      while (!closed) await more("the end of the connection");
      return received;
    },
    halfClose: () => void socket.end(),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    reset: () => void (socket.destroyed || socket.resetAndDestroy()),
    get closed() {
      return closed;
    },
  };
}
