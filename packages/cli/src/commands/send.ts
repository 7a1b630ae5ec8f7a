/** `mailkit send`: submits a message over SMTP and shows the dialogue. */
import { fromUnicode, octetsOf } from "@mailkit/sdk";
import { hostname } from "node:os";
import { readFile } from "node:fs/promises";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { CommandFailure, UsageError } from "../command.ts";
import { openDialogue } from "../smtp/dialogue.ts";
import type { Dialogue } from "../smtp/dialogue.ts";

export const send: CommandSpec = {
  name: "send",
  summary: "submit a message over SMTP, dialogue shown",
  description: "The message is a file, stdin, or made from --subject and --body. Ends with 1 when any recipient was refused.",
  args: [{ name: "RECIPIENT", doc: "address; several may be given", required: true, multiple: true }],
  flags: {
    server: { type: "string", char: "s", placeholder: "HOST[:PORT]", doc: "server to submit to", default: "127.0.0.1:2525" },
    from: { type: "string", char: "f", placeholder: "ADDRESS", doc: "envelope sender; <> for none (default: you, at this host)" },
    file: { type: "string", placeholder: "FILE", doc: "message with header; - for stdin" },
    subject: { type: "string", doc: "subject of a message made here", default: "Test from mailkit send" },
    body: { type: "string", doc: "text of a message made here", default: "This is a test." },
    user: { type: "string", placeholder: "NAME:PASSWORD", doc: "log in first (AUTH PLAIN)" },
    tls: { type: "string", values: ["off", "starttls", "on-connect"], default: "off", doc: "encryption" },
    timeout: { type: "integer", default: "30", placeholder: "SECONDS", doc: "longest wait for a reply" },
  },
  examples: ["mailkit send fred@mailkit.test", "mailkit send -s mx.example.org:25 -f me@example.net --file letter.eml you@example.org"],
  run,
};

async function run(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const { host, port } = splitServer(flags.text("server") as string);
  const sender = flags.text("from") ?? `${context.env.USER ?? "nobody"}@${hostname()}`;
  const quiet = flags.flag("quiet");
  const message = await messageText(context, { args, flags }, sender);
  const dialogue = await openDialogue({
    host,
    port,
    tls: flags.text("tls") === "on-connect",
    timeout: (flags.number("timeout") as number) * 1000,
    transcript: (direction, line) => quiet || context.stdout.write(`${direction} ${line}\n`),
  });
  try {
    return await submit(dialogue, { sender: sender === "<>" ? "" : sender, recipients: args, message, flags });
  } finally {
    await dialogue.close();
  }
}

interface Submission {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly message: Buffer;
  readonly flags: CommandInput["flags"];
}

async function submit(dialogue: Dialogue, submission: Submission): Promise<number> {
  const { flags } = submission;
  if (dialogue.greeting.code !== 220) throw new CommandFailure(`the server refuses connections: ${dialogue.greeting.lines.join(" ")}`);
  let hello = await dialogue.say(`EHLO ${hostname()}`);
  if (flags.text("tls") === "starttls") {
    const ready = await dialogue.say("STARTTLS");
    if (ready.code !== 220) throw new CommandFailure("the server does not start TLS");
    await dialogue.startTls();
    hello = await dialogue.say(`EHLO ${hostname()}`);
  }
  if (hello.code !== 250) throw new CommandFailure("the server refuses EHLO");
  await logIn(dialogue, flags.text("user"));
  const mail = await dialogue.say(`MAIL FROM:<${fromUnicode(submission.sender)}>`);
  if (mail.code >= 400) return finish(dialogue, 1);
  let taken = 0;
  for (const recipient of submission.recipients) if ((await dialogue.say(`RCPT TO:<${fromUnicode(recipient)}>`)).code < 300) taken++;
  if (taken === 0 || (await dialogue.say("DATA")).code !== 354) return finish(dialogue, 1);
  const sent = await dialogue.data(submission.message);
  return finish(dialogue, sent.code < 300 && taken === submission.recipients.length ? 0 : 1);
}

async function finish(dialogue: Dialogue, code: number): Promise<number> {
  await dialogue.say("QUIT").catch(() => {});
  return code;
}

async function logIn(dialogue: Dialogue, user: string | undefined): Promise<void> {
  if (user === undefined) return;
  const colon = user.indexOf(":");
  if (colon < 1) throw new UsageError("--user takes NAME:PASSWORD");
  const response = Buffer.from(`\0${user.slice(0, colon)}\0${user.slice(colon + 1)}`).toString("base64");
  const answer = await dialogue.say(`AUTH PLAIN ${response}`, "AUTH PLAIN (hidden)");
  if (answer.code !== 235) throw new CommandFailure(`the server refuses the login: ${answer.lines.join(" ")}`);
}

export function splitServer(server: string, defaultPort = 25): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(server);
  if (match === null) throw new UsageError(`"${server}" is not HOST or HOST:PORT`);
  return { host: (match[1] ?? match[2]) as string, port: match[3] === undefined ? defaultPort : Number(match[3]) };
}

async function messageText(context: CommandContext, { args, flags }: CommandInput, sender: string): Promise<Buffer> {
  const file = flags.text("file");
  if (file !== undefined) return wireForm(file === "-" ? await readAll(context) : await readFile(file));
  const header = [
    `From: ${sender === "<>" ? "postmaster" : sender}`,
    `To: ${args.join(", ")}`,
    `Subject: ${flags.text("subject")}`,
    `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${Date.now()}.${process.pid}@${hostname()}>`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
  ];
  return wireForm(octetsOf(fromUnicode(`${header.join("\n")}\n\n${flags.text("body")}\n`)));
}

async function readAll(context: CommandContext): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of context.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** CRLF line ends, dots doubled, final dot. */
function wireForm(octets: Buffer): Buffer {
  const text = octets.toString("latin1").replace(/\r?\n/g, "\r\n").replace(/^\./gm, "..");
  return Buffer.from(`${text}${text.endsWith("\r\n") ? "" : "\r\n"}.\r\n`, "latin1");
}
