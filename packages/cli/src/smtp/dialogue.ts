/**
 * One SMTP dialogue for people to watch: a command, its reply, the next command. Stands on smtp-channel, which is sound
 * for just that; what it is not sound for is fenced off here (`docs/differences.md`): one command at a time, a time
 * limit of our own ends the connection (its own keeps the process alive after an error), an 'error' listener is always
 * there, nothing sent before TLS counts after it.
 */
import { SMTPChannel } from "smtp-channel";
import { CommandFailure } from "../command.ts";

export interface Dialogue {
  /** Sends a line and waits for the whole reply. `shown` takes its place in the transcript (passwords). */
  say(line: string, shown?: string): Promise<SmtpReply>;
  /** Message text in wire form, dot and all. */
  data(octets: Buffer): Promise<SmtpReply>;
  startTls(): Promise<void>;
  readonly greeting: SmtpReply;
  close(): Promise<void>;
}

export interface SmtpReply {
  readonly code: number;
  /** Without codes. */
  readonly lines: readonly string[];
}

export interface DialogueOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Milliseconds a reply may take. */
  readonly timeout: number;
  /** Gets each line of the transcript: `<` from the server, `>` to it. */
  readonly transcript: (direction: "<" | ">", line: string) => void;
}

/** More lines in one reply than any server sends. */
const MAX_LINES = 500;

export async function openDialogue(options: DialogueOptions): Promise<Dialogue> {
  const channel = new SMTPChannel({ host: options.host, port: options.port, secure: options.tls, rejectUnauthorized: false });
  let broken: Error | undefined;
  channel.on("error", (error: Error) => {
    broken = error;
  });
  const exchange = (run: (handler: (line: string) => void) => Promise<unknown>): Promise<SmtpReply> =>
    oneReply(run, channel, options, () => broken);
  const greeting = await exchange((handler) => channel.connect({ handler }));
  return {
    greeting,
    say: (line, shown = line) => {
      options.transcript(">", shown);
      return exchange((handler) => channel.write(`${line}\r\n`, { handler }));
    },
    data: (octets) => exchange((handler) => channel.write(octets, { handler })),
    startTls: () => withLimit(channel.negotiateTLS({ rejectUnauthorized: false, servername: options.host }), channel, options),
    close: () => channel.close().catch(() => {}),
  };
}

async function oneReply(
  run: (handler: (line: string) => void) => Promise<unknown>,
  channel: SMTPChannel,
  options: DialogueOptions,
  broken: () => Error | undefined,
): Promise<SmtpReply> {
  const lines: string[] = [];
  const handler = (raw: string): void => {
    const line = raw.replace(/[\r\n]+$/, "");
    if (lines.length < MAX_LINES) lines.push(line);
    options.transcript("<", line);
  };
  await withLimit(run(handler), channel, options);
  const fault = broken();
  if (fault !== undefined) throw failure(fault, options);
  const code = Number(/^[1-5]\d\d(?=[ -]|$)/.exec(lines.at(-1) ?? "")?.[0]);
  if (!Number.isInteger(code))
    throw new CommandFailure(`${options.host} answered something that is not SMTP`, { details: lines.slice(-1) });
  return { code, lines: lines.map((line) => line.slice(4)) };
}

async function withLimit<T>(work: Promise<T>, channel: SMTPChannel, options: DialogueOptions): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${options.timeout / 1000} s`)), options.timeout);
  });
  const lost = new Promise<never>((_, reject) => {
    channel.once("error", reject);
    channel.once("close", () => reject(new Error("the connection was closed")));
  });
  lost.catch(() => {});
  try {
    return await Promise.race([work, limit, lost]);
  } catch (error) {
    // Not awaited: it waits for the 'close' of a socket that may have had it.
    channel.close().catch(() => {});
    throw failure(error as Error, options);
  } finally {
    clearTimeout(timer);
  }
}

function failure(error: Error, options: DialogueOptions): CommandFailure {
  const { code } = error as NodeJS.ErrnoException;
  const hint = code === "ECONNREFUSED" ? `nothing listens on ${options.host} port ${options.port}; start it with mailkit serve` : undefined;
  return new CommandFailure(
    `${options.host} port ${options.port}: ${error.message || code || "connection lost"}`,
    hint === undefined ? {} : { hint },
  );
}
