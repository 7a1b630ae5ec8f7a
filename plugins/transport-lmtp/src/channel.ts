/** What LMTP is spoken over: a Unix socket or a program's input and output. */
import { spawn } from "node:child_process";
import { createConnection } from "node:net";
import type { Readable, Writable } from "node:stream";
import { errnoOf, pathOf, strerror, unicodeOf } from "@mailkit/sdk";
import type { Order } from "./plan.ts";

export interface Channel {
  readonly input: Readable;
  readonly output: Writable;
  /** Ends it, by force when `now`. */
  close(now: boolean): void;
}

export type Opened = { readonly ok: true; readonly channel: Channel } | { readonly ok: false; readonly message: string };

export function openChannel(order: Order, cwd: string): Promise<Opened> {
  return order.target.kind === "socket" ? openSocket(order, order.target.path) : openProgram(order.target.argv, cwd);
}

function openSocket(order: Order, path: string): Promise<Opened> {
  return new Promise((resolve) => {
    const socket = createConnection({ path: String(pathOf(path)) });
    const timer = setTimeout(() => fail("ETIMEDOUT"), order.timeout);
    const fail = (code: string | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ok: false, message: `Failed to connect to socket ${path} for ${order.transport} transport: ${strerror(errnoOf(code))}` });
    };
    const failed = (error: NodeJS.ErrnoException): void => fail(error.code);
    socket.once("error", failed);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeListener("error", failed);
      resolve({ ok: true, channel: { input: socket, output: socket, close: (now) => (now ? socket.destroy() : socket.end()) } });
    });
  });
}

/** A program that cannot be started looks like a connection that closes at once, as in Exim. */
function openProgram(argv: readonly string[], cwd: string): Promise<Opened> {
  const [program, ...args] = argv.map(unicodeOf) as [string, ...string[]];
  const child = spawn(program, args, {
    cwd,
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
    env: { PATH: "/bin:/usr/bin" },
  });
  child.on("error", () => child.stdout.destroy());
  const close = (now: boolean): void => {
    child.stdin.end();
    if (!now || child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  };
  return Promise.resolve({ ok: true, channel: { input: child.stdout, output: child.stdin, close } });
}
