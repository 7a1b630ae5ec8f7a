/** For tests: an SMTP or LMTP server that does what a script says, and keeps what it got. Not exported by the package. */
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";

/** A reply, or what else happens: the connection is dropped, or nothing is said at all. */
export type Act = string | "drop" | "silence";

export interface Script {
  readonly greeting?: Act;
  /** Keywords after EHLO or LHLO. */
  readonly offers?: readonly string[];
  readonly hello?: Act;
  readonly mail?: Act;
  readonly rcpt?: (address: string) => Act;
  readonly data?: Act;
  /** One reply, or (LMTP) one for each accepted recipient. */
  readonly dot?: Act | ((recipients: readonly string[]) => readonly string[]);
  readonly rset?: Act;
  readonly starttls?: Act;
  readonly auth?: Act;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** TLS from the start. */
  readonly implicitTls?: boolean;
  readonly lmtp?: boolean;
  /** Connections get this instead of a greeting, by number from 0. */
  readonly refuse?: (connection: number) => Act | undefined;
}

export interface SinkMessage {
  readonly connection: number;
  readonly from: string;
  readonly recipients: readonly string[];
  /** Unstuffed, LF line ends. */
  readonly text: string;
}

export interface Sink {
  readonly port: number;
  readonly messages: SinkMessage[];
  /** Command lines by connection. */
  readonly commands: string[][];
  connections(): number;
  close(): Promise<void>;
}

export async function startSink(script: Script = {}): Promise<Sink> {
  const messages: SinkMessage[] = [];
  const commands: string[][] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    const connection = commands.push([]) - 1;
    serve(socket, script, { connection, messages, commands: commands[connection] as string[] });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    commands,
    connections: () => commands.length,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

interface Talk {
  readonly connection: number;
  readonly messages: SinkMessage[];
  readonly commands: string[];
}

function serve(plain: Socket, script: Script, talk: Talk): void {
  let socket: Socket = plain;
  let input = "";
  let from = "";
  let recipients: string[] = [];
  let text = "";
  let mode: "command" | "data" | number = "command";
  let last = false;

  const act = (what: Act): boolean => {
    if (what === "drop") socket.destroy();
    else if (what !== "silence") socket.write(what.replaceAll("\n", "\r\n") + "\r\n");
    return what.startsWith("2") || what.startsWith("3");
  };
  const store = (): void => {
    const dot = script.dot ?? (script.lmtp === true ? (rcpts: readonly string[]) => rcpts.map(() => "250 OK") : "250 OK id=sink");
    const replies = typeof dot === "function" ? dot(recipients) : [dot];
    if (replies.some((reply) => reply.startsWith("2"))) talk.messages.push({ connection: talk.connection, from, recipients, text });
    for (const reply of replies) act(reply);
    recipients = [];
    text = "";
  };
  const command = (line: string): void => {
    talk.commands.push(line);
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "EHLO" || verb === "LHLO" || verb === "HELO") {
      const offers =
        verb === "HELO" ? [] : (script.offers ?? ["PIPELINING", "SIZE 1000000"]).filter((one) => one !== "STARTTLS" || socket === plain);
      act(script.hello ?? ["sink", ...offers].map((one, i) => `250${i < offers.length ? "-" : " "}${one}`).join("\n"));
    } else if (verb === "MAIL") {
      if (act(script.mail ?? "250 OK")) from = /<(.*?)>/.exec(line)?.[1] ?? "";
    } else if (verb === "RCPT") {
      const address = /<(.*?)>/.exec(line)?.[1] ?? "";
      if (act(script.rcpt?.(address) ?? "250 OK")) recipients.push(address);
    } else if (verb === "DATA") {
      if (act(recipients.length === 0 && script.data === undefined ? "503 no recipients" : (script.data ?? "354 go ahead"))) mode = "data";
    } else if (verb === "BDAT") {
      const [, size, end] = line.split(" ");
      mode = Number(size);
      last = end === "LAST";
    } else if (verb === "STAR") {
      if (act(script.starttls ?? "220 go")) startTls();
    } else if (verb === "AUTH") act(script.auth ?? "235 welcome");
    else if (verb === "RSET") {
      recipients = [];
      act(script.rset ?? "250 reset");
    } else if (verb === "QUIT") {
      act("221 bye");
      socket.end();
    } else act("500 what?");
  };
  const step = (): boolean => {
    if (typeof mode === "number") {
      if (input.length < mode) return false;
      text += input.slice(0, mode).replaceAll("\r\n", "\n");
      input = input.slice(mode);
      mode = "command";
      if (!last) act("250 chunk");
      else if (recipients.length === 0) act("503 no recipients");
      else store();
      return input !== "";
    }
    const end = mode === "data" ? ("\r\n" + input).indexOf("\r\n.\r\n") : input.indexOf("\r\n");
    if (end < 0) return false;
    if (mode === "data") {
      text = input.slice(0, end).replaceAll("\r\n", "\n").replaceAll(/^\./gm, "");
      input = input.slice(end + 3);
      mode = "command";
      store();
    } else {
      const line = input.slice(0, end);
      input = input.slice(end + 2);
      command(line);
    }
    return input !== "";
  };
  const listen = (): void => {
    socket.on("data", (octets: Buffer) => {
      input += octets.toString("latin1");
      while (step());
    });
    socket.on("error", () => socket.destroy());
  };
  const startTls = (): void => {
    plain.removeAllListeners("data");
    input = "";
    socket = new TLSSocket(plain, { isServer: true, secureContext: createSecureContext(script.tls ?? {}) });
    listen();
  };
  if (script.implicitTls === true) startTls();
  else listen();
  act(script.refuse?.(talk.connection) ?? script.greeting ?? (script.lmtp === true ? "220 sink LMTP" : "220 sink ESMTP"));
}
