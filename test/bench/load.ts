/** Senders of the measurements: many connections in this process, each pipelines a message's commands. */
import { connect } from "node:net";

export interface Load {
  readonly address: string;
  readonly port: number;
  readonly connections: number;
  /** Messages of all connections together. */
  readonly messages: number;
  /** Messages of one connection, before another takes its place; default: any number. */
  readonly each?: number;
  /** The commands of one message before its text, without line ends; each is answered by one reply. */
  readonly envelope: readonly string[];
  /** The text with its end; undefined: the envelope is all there is. */
  readonly text?: Buffer;
  /** Replies that are not 2xx or 3xx are what is wanted. */
  readonly refusals?: boolean;
}

/** Seconds until the last reply. */
export async function send(load: Load): Promise<number> {
  const began = process.hrtime.bigint();
  let left = load.messages;
  const take = (): boolean => left-- > 0;
  const each = load.each ?? load.messages;
  const one = async (): Promise<void> => {
    while (left > 0) {
      let mine = each;
      await converse(load, () => mine-- > 0 && take());
    }
  };
  await Promise.all(Array.from({ length: load.connections }, one));
  return Number(process.hrtime.bigint() - began) / 1e9;
}

/** A message of about so many octets, with its end. */
export function textOf(octets: number): Buffer {
  const line = `${"abcdefghijklmnopqrstuvwxyz".repeat(3).slice(0, 74)}\r\n`;
  const head = "From: <a@client.test>\r\nTo: <user@local.test>\r\nSubject: load\r\nMessage-ID: <load@client.test>\r\n\r\n";
  return Buffer.from(`${head}${line.repeat(Math.max(1, Math.round((octets - head.length) / line.length)))}.\r\n`, "latin1");
}

function converse(load: Load, take: () => boolean): Promise<void> {
  const commands = Buffer.from(`${load.envelope.join("\r\n")}\r\n`, "latin1");
  const awaited = load.envelope.length;
  return new Promise((resolve, reject) => {
    const socket = connect(load.port, load.address).setNoDelay(true);
    let phase: "greeting" | "hello" | "envelope" | "text" | "quit" = "greeting";
    let replies = 0;
    let rest = "";
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Error(why));
    };
    const begin = (): void => {
      replies = 0;
      phase = take() ? "envelope" : "quit";
      socket.write(phase === "quit" ? "QUIT\r\n" : commands);
    };
    const heard = (line: string): void => {
      if (line[3] === "-") return;
      if (line[0] !== "2" && line[0] !== "3" && load.refusals !== true) return fail(line);
      switch (phase) {
        case "greeting":
          phase = "hello";
          return void socket.write("EHLO client.test\r\n");
        case "hello":
          return begin();
        case "envelope":
          if (++replies < awaited) return;
          if (load.text === undefined) return begin();
          phase = "text";
          return void socket.write(load.text);
        case "text":
          return begin();
        case "quit":
          socket.end();
          return resolve();
      }
    };
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) heard(line);
    });
    socket.on("error", (error) => reject(error));
    socket.on("close", () => reject(new Error(`the connection ended (${phase})`)));
  });
}
