/** Modes that take messages in: -bm (recipients as arguments or -t), -bs, -bS. */
import { chooseSpool, openMailroom } from "@mailkit/runtime";
import type { Mailroom } from "@mailkit/runtime";
import { receiveLocal, runBatch, serveStdio, type StdioResult } from "@mailkit/smtpd";
import { spawn } from "node:child_process";
import { deliveryHelpers } from "../helpers.ts";
import { selfCommand } from "../self.ts";
import { dropMessage } from "./drop.ts";
import type { Face } from "./face.ts";
import { sessionFactsOf } from "./session-facts.ts";

export async function receiveMessage(face: Face): Promise<number> {
  const { context, args, engine, caller } = face;
  if (!args.extractRecipients && args.rest.length === 0) {
    context.stderr.write("exim: no recipients, and no -t\nusage: mailkit exim [options] addresses  (mailkit --help)\n");
    return 1;
  }
  if (chooseSpool(engine) === "drop") return dropMessage(face);
  return withMailroom(face, async (room) => {
    const result = await receiveLocal(room.smtpd, {
      input: context.stdin as AsyncIterable<Uint8Array>,
      caller,
      fullName: args.fullName ?? (caller.trusted && args.sender !== undefined ? "" : caller.fullName),
      trusted: caller.trusted,
      ...(args.sender === undefined ? {} : { sender: args.sender.replace(/^<(.*)>$/, "$1") }),
      ...chosenIdentity(face),
      recipients: args.rest,
      extract: args.extractRecipients,
      dotEnds: args.dotEnds,
      queueOnly: args.delivery === "queue",
      ...(args.trusted.protocol === undefined || !caller.trusted ? {} : { protocol: args.trusted.protocol }),
      facts: sessionFactsOf(face, "reception"),
      errors: args.errors === "print" || args.errors === "quiet" ? "stderr" : "mail",
    });
    if (result.kind === "accepted") return 0;
    if (result.kind === "discarded") return 1;
    if (!result.mailed && args.errors !== "quiet") context.stderr.write(`exim: ${result.text}\n`);
    return 1;
  });
}

/** As Exim exits from `-bs`: 0 when this side ended the session in its own words. */
export function stdioExitCode(how: StdioResult["how"]): 0 | 1 {
  return how === "quit" || how === "acl-drop" || how === "bad-commands" ? 0 : 1;
}

export async function receiveSmtp(face: Face): Promise<number> {
  const { context, args, caller } = face;
  return withMailroom(face, async (room) => {
    const { how } = await serveStdio(room.smtpd, {
      input: context.stdin as AsyncIterable<Uint8Array>,
      write: (text) => void context.stdout.write(Buffer.from(text, "latin1")),
      facts: sessionFactsOf(face, "reception"),
      fullName: args.fullName ?? caller.fullName,
      trusted: caller.trusted,
      ...chosenIdentity(face),
    });
    return stdioExitCode(how);
  });
}

export async function receiveBatch(face: Face): Promise<number> {
  const { context, args, caller } = face;
  return withMailroom(face, (room) =>
    runBatch(room.smtpd, {
      input: context.stdin as AsyncIterable<Uint8Array>,
      stdout: (text) => void context.stdout.write(Buffer.from(text, "latin1")),
      stderr: (text) => void context.stderr.write(Buffer.from(text, "latin1")),
      facts: sessionFactsOf(face, "reception"),
      fullName: args.fullName ?? caller.fullName,
      trusted: caller.trusted,
      ...(caller.trusted ? { protocol: args.trusted.protocol } : {}),
      ...chosenIdentity(face),
    }),
  );
}

/** `-f`, and `-oMas` of a trusted caller: for whom the caller speaks. */
function chosenIdentity({ args, caller }: Face): { chosenSender?: string; authenticatedSender?: string } {
  const { authenticatedSender } = args.trusted;
  return {
    ...(args.sender === undefined ? {} : { chosenSender: args.sender.replace(/^<(.*)>$/, "$1") }),
    ...(authenticatedSender === undefined || !caller.trusted ? {} : { authenticatedSender }),
  };
}

/**
 * A partition of this process's own for what it takes in. With `-odi` deliveries happen here and now; else (`-odb`) a
 * process in the background adopts the partition, and with `-odq` it waits for a queue run.
 */
async function withMailroom(face: Face, work: (room: Mailroom) => Promise<number>): Promise<number> {
  const { args, engine, context } = face;
  const mode = args.delivery ?? "background";
  const ids: string[] = [];
  const opened = await openMailroom(engine, {
    partition: `local-${Date.now().toString(36)}-${process.pid}`,
    brief: true,
    deliverOnArrival: mode === "foreground" || mode === "queueSmtp",
    onArrival: (id) => ids.push(id),
    deliveryChosen: args.delivery !== undefined,
    ...(args.dontDeliver ? { dontDeliver: true } : {}),
    ...(mode === "queueSmtp" ? { routeOnly: true } : {}),
    helpers: deliveryHelpers(engine),
  });
  if (opened.kind !== "open") {
    context.stderr.write(`exim: ${opened.message}\n`);
    return 1;
  }
  const code = await work(opened.mailroom);
  if (mode === "foreground" || mode === "queueSmtp") await opened.mailroom.queue.idle();
  await opened.mailroom.close();
  if (mode === "background" && ids.length > 0) deliverInBackground(face, ids);
  return code;
}

function deliverInBackground({ args, context }: Face, ids: readonly string[]): void {
  const [program, ...words] = selfCommand();
  const config = args.config === undefined ? [] : ["-C", args.config];
  const defines = args.defines.map(([name, value]) => `-D${name}=${value}`);
  const child = spawn(program as string, [...words, "exim", ...config, ...defines, "-Mc", ...ids], {
    detached: true,
    stdio: "ignore",
    cwd: context.cwd,
    env: context.env,
  });
  child.unref();
}
