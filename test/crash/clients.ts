/**
 * Senders for the crash test: connections that send numbered messages as fast as they are taken, and remember for which
 * of them a 250 came. A connection that breaks is made anew.
 */
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface SentMessage {
  readonly number: number;
  readonly recipients: readonly string[];
  /** Lines of the body after the first. */
  readonly lines: number;
}

export interface Ledger {
  /** Messages that got their 250. */
  readonly acknowledged: Map<number, SentMessage>;
  /** Messages whose end was sent and not answered: they may have been taken. */
  readonly uncertain: Map<number, SentMessage>;
  /** Connections that broke or were refused. */
  broken: number;
}

export interface Senders {
  readonly ledger: Ledger;
  stop(): Promise<void>;
}

export interface SenderOptions {
  readonly address: string;
  readonly port: number;
  readonly connections: number;
  /** The next message; called once for each. */
  readonly make: (number: number) => SentMessage;
}

export function startSenders(options: SenderOptions): Senders {
  const ledger: Ledger = { acknowledged: new Map(), uncertain: new Map(), broken: 0 };
  let next = 1;
  let stopped = false;
  const run = async (): Promise<void> => {
    while (!stopped) {
      try {
        await converse(options, ledger, () => (stopped ? undefined : options.make(next++)));
      } catch {
        ledger.broken++;
        await sleep(30);
      }
    }
  };
  const running = Array.from({ length: options.connections }, run);
  return {
    ledger,
    stop: async () => {
      stopped = true;
      await Promise.all(running);
    },
  };
}

/** The text that is looked for at the end: every line carries the number. */
export function textOf({ number, lines }: SentMessage): string {
  return `Subject: crash ${number}\n\nnumber ${number}\n${`${number} ${"x".repeat(60)}\n`.repeat(lines)}end ${number}\n`;
}

const PER_CONNECTION = 20;

async function converse(options: SenderOptions, ledger: Ledger, take: () => SentMessage | undefined): Promise<void> {
  const peer = dialogue(connect(options.port, options.address));
  try {
    await peer.ask(undefined, 220);
    await peer.ask("EHLO client.test", 250);
    for (let i = 0; i < PER_CONNECTION; i++) {
      const message = take();
      if (message === undefined) break;
      await peer.ask(`MAIL FROM:<sender@client.test>`, 250);
      for (const recipient of message.recipients) await peer.ask(`RCPT TO:<${recipient}>`, 250);
      await peer.ask("DATA", 354);
      ledger.uncertain.set(message.number, message);
      await peer.ask(`${textOf(message).replaceAll("\n", "\r\n")}.`, 250);
      ledger.uncertain.delete(message.number);
      ledger.acknowledged.set(message.number, message);
    }
    await peer.ask("QUIT", 221);
  } finally {
    peer.close();
  }
}

interface Dialogue {
  ask(line: string | undefined, code: number): Promise<void>;
  close(): void;
}

const PATIENCE = 20_000;

function dialogue(socket: Socket): Dialogue {
  let text = "";
  let ended = false;
  let wake = (): void => {};
  socket.setEncoding("latin1").setNoDelay(true);
  socket.setTimeout(PATIENCE, () => socket.destroy());
  socket.on("data", (chunk: string) => ((text += chunk), wake()));
  socket.on("error", () => {});
  socket.on("close", () => ((ended = true), wake()));
  const reply = async (): Promise<string> => {
    for (;;) {
      const match = /^(?:\d{3}-[^\n]*\n)*\d{3} [^\n]*\n/.exec(text);
      if (match !== null) {
        text = text.slice(match[0].length);
        return match[0];
      }
      if (ended) throw new Error("the connection is gone");
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return {
    async ask(line, code) {
      if (line !== undefined) socket.write(`${line}\r\n`, "latin1");
      const answer = await reply();
      if (!answer.startsWith(String(code))) throw new Error(`${line?.slice(0, 40) ?? "greeting"}: ${answer}`);
    },
    close: () => socket.destroy(),
  };
}
