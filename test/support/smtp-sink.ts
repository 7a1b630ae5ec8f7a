/** The next server, as a script: takes what it is sent, and answers, keeps silent or hangs up as the test wants. */
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { freePort, listens, loopbackAddress } from "./loopback.ts";
import type { Teardown } from "./temporary.ts";
import { until } from "./wait.ts";

/** A reply line, or what is done instead of replying. */
export type SinkAnswer = string | "CLOSE" | "RESET" | "SILENCE";

export interface SinkScript {
  readonly address?: string;
  readonly port?: number;
  /** Extensions after EHLO. */
  readonly extensions?: readonly string[];
  /** What is answered to a line ("" = the connection itself, "." = the end of data); undefined = as a friendly server would. */
  readonly answer?: (line: string) => SinkAnswer | undefined;
}

export interface Taken {
  readonly sender: string;
  readonly recipients: readonly string[];
  /** LF line ends, dots undoubled. */
  readonly text: string;
}

export interface Sink {
  readonly address: string;
  readonly port: number;
  /** Messages that got their 250. */
  readonly messages: readonly Taken[];
  /** Every line that came, without the message texts. */
  readonly lines: readonly string[];
  connections(): number;
  close(): Promise<void>;
}

export async function startSink(t: Teardown, script: SinkScript = {}): Promise<Sink> {
  const address = script.address ?? loopbackAddress();
  const port = script.port ?? (await freePort(address));
  const seen = { messages: [] as Taken[], lines: [] as string[] };
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    serve(socket, script, seen);
  });
  await until(() => listens(server, address, port), { what: `room for a sink at ${address}:${port}` });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  t.teardown(close);
  return { address, port, ...seen, connections: () => connections, close };
}

interface Session {
  sender: string;
  recipients: string[];
  data: string[] | undefined;
}

function serve(socket: Socket, script: SinkScript, seen: { messages: Taken[]; lines: string[] }): void {
  const session: Session = { sender: "", recipients: [], data: undefined };
  const respond = (answer: SinkAnswer): void => {
    if (answer === "CLOSE") socket.end();
    else if (answer === "RESET") socket.resetAndDestroy();
    else if (answer !== "SILENCE") socket.write(`${answer}\r\n`, "latin1");
  };
  let rest = "";
  socket.setEncoding("latin1").setNoDelay(true);
  socket.on("error", () => {});
  socket.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\r\n");
    rest = lines.pop() as string;
    for (const line of lines) {
      const answer = take(line, { session, script, seen });
      if (answer !== undefined) respond(answer);
    }
  });
  respond(script.answer?.("") ?? "220 sink.test ESMTP");
}

interface At {
  readonly session: Session;
  readonly script: SinkScript;
  readonly seen: { messages: Taken[]; lines: string[] };
}

function take(line: string, { session, script, seen }: At): SinkAnswer | undefined {
  if (session.data !== undefined) {
    if (line !== ".") {
      session.data.push(line.replace(/^\./, ""));
      return undefined;
    }
    const taken: Taken = { sender: session.sender, recipients: session.recipients, text: `${session.data.join("\n")}\n` };
    session.data = undefined;
    session.recipients = [];
    const answer = script.answer?.(".") ?? "250 taken";
    if (answer.startsWith("250")) seen.messages.push(taken);
    return answer;
  }
  seen.lines.push(line);
  const answer = script.answer?.(line) ?? friendly(line, script);
  note(line, answer, session);
  return answer;
}

function friendly(line: string, script: SinkScript): string {
  const verb = line.slice(0, 4).toUpperCase();
  if (verb === "EHLO")
    return ["sink.test", ...(script.extensions ?? [])]
      .map((text, at, all) => `250${at === all.length - 1 ? " " : "-"}${text}`)
      .join("\r\n");
  if (verb === "DATA") return "354 go ahead";
  if (verb === "QUIT") return "221 bye";
  return "250 ok";
}

function note(line: string, answer: string, session: Session): void {
  const address = /<([^>]*)>/.exec(line)?.[1] ?? "";
  if (/^MAIL/i.test(line)) {
    session.sender = address;
    session.recipients = [];
  }
  if (/^RCPT/i.test(line) && answer.startsWith("25")) session.recipients.push(address);
  if (/^DATA/i.test(line) && answer.startsWith("354")) session.data = [];
}
