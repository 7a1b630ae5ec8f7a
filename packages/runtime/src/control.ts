/**
 * The control socket: how commands talk to a running worker about its part of the spool. A unix socket in the partition's
 * folder, mode 0600, so that its owner and root can use it; one JSON line a request, one JSON line an answer. Bounded.
 */
import { chmodSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { join } from "node:path";
import { readControlRequest } from "./control-requests.ts";
import type { ControlRequest } from "./control-requests.ts";

export type ControlAnswer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

/** What a handler gives instead of a value when the answer is long: it goes out part by part, other work in between. */
export class Parts {
  readonly parts: Iterable<unknown>;
  constructor(parts: Iterable<unknown>) {
    this.parts = parts;
  }
}

export type ControlHandler = (request: ControlRequest) => Promise<unknown>;

const SOCKET = "control.sock";
/** A request names addresses and ids; nothing needs more. */
const MAX_REQUEST = 1 << 20;
/** Longest path of a unix socket (unix(7)). */
const MAX_PATH = 107;

export function controlPath(partition: string): string {
  return join(partition, SOCKET);
}

export async function startControl(partition: string, handle: ControlHandler): Promise<Server | undefined> {
  const path = controlPath(partition);
  if (Buffer.byteLength(path) > MAX_PATH) return undefined;
  rmSync(path, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => void converse(socket, handle).catch(() => socket.destroy()));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  server.unref();
  return server;
}

async function converse(socket: Socket, handle: ControlHandler): Promise<void> {
  socket.on("error", () => {});
  let rest = "";
  socket.setEncoding("latin1");
  for await (const chunk of socket as AsyncIterable<string>) {
    rest += chunk;
    if (rest.length > MAX_REQUEST) return void socket.destroy();
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      const answer = await answerTo(rest.slice(0, end), handle);
      rest = rest.slice(end + 1);
      if (answer.ok && answer.value instanceof Parts) await sendParts(socket, answer.value);
      else socket.write(`${JSON.stringify(answer)}\n`, "latin1");
    }
  }
  socket.end();
}

/** `{"part":...}` for each, then an answer without a value. */
async function sendParts(socket: Socket, { parts }: Parts): Promise<void> {
  for (const part of parts) {
    if (socket.destroyed) return;
    const line = `${JSON.stringify({ part })}\n`;
    // Called when it was taken, or when there is nobody any more.
    await new Promise<void>((resolve) => void socket.write(line, "latin1", () => setImmediate(resolve)));
  }
  socket.write(`${JSON.stringify({ ok: true, value: null } satisfies ControlAnswer)}\n`, "latin1");
}

async function answerTo(line: string, handle: ControlHandler): Promise<ControlAnswer> {
  try {
    const request = readControlRequest(JSON.parse(line));
    if (typeof request === "string") return { ok: false, message: request };
    return { ok: true, value: (await handle(request)) ?? null };
  } catch (error) {
    return { ok: false, message: (error as Error).message };
  }
}

/** Asks the worker that holds a partition. Rejects when nobody answers there. */
export function askControl(partition: string, request: ControlRequest): Promise<unknown> {
  return askForParts(partition, request, () => {});
}

/** The same, for an answer that comes part by part. */
export function askForParts(partition: string, request: ControlRequest, take: (part: unknown) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(controlPath(partition));
    let rest: string[] = [];
    const line = (text: string): void => {
      const answer = JSON.parse(text) as ControlAnswer | { readonly part: unknown };
      if ("part" in answer) return take(answer.part);
      socket.destroy();
      if (answer.ok) resolve(answer.value);
      else reject(new Error(answer.message));
    };
    socket.setEncoding("latin1");
    socket.on("error", reject);
    socket.on("connect", () => socket.write(`${JSON.stringify(request)}\n`, "latin1"));
    socket.on("data", (chunk: string) => {
      let from = 0;
      for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", from)) {
        line(rest.join("") + chunk.slice(from, end));
        rest = [];
        from = end + 1;
      }
      if (from < chunk.length) rest.push(chunk.slice(from));
    });
    socket.on("end", () => reject(new Error("the server closed the control socket")));
  });
}
