/**
 * Helpers by uid, gid and groups, kept for further deliveries: never one start of Node for each message. A helper that
 * dies leaves deferrals, not lost mail. Who starts the process is a port: the worker itself when it is root, else the
 * supervisor that kept root.
 */
import { randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Identity, LocalJob, TransportReport } from "@mailkit/sdk";
import type { FilterOrder } from "./filter.ts";
import { decodeAnswer, encodeFrame, encodeJob, encodeJson, newFrameReader, type HelperAnswer } from "./frames.ts";
import { TOKEN_VARIABLE, type HelperTask } from "./helper.ts";

export interface HelperStart {
  readonly identity: Identity;
  readonly socketPath: string;
  readonly token: string;
}

export interface PoolTask {
  readonly driver: string;
  readonly order: unknown;
  readonly job: LocalJob;
  readonly filter: FilterOrder | undefined;
}

/** A helper that stays for a while, for calls that belong together (a POP3 session). */
export interface HelperLease {
  /** Rejects when the helper is gone or refuses. */
  call(name: string, args: unknown): Promise<HelperAnswer>;
  release(): void;
}

export interface HelperPool {
  perform(identity: Identity, task: PoolTask): Promise<TransportReport>;
  lease(identity: Identity): HelperLease;
  /** Ends all helpers; jobs under way are reported as deferred. */
  close(): Promise<void>;
}

export interface PoolOptions {
  /** A directory that only we can enter; the socket is made in it. */
  readonly directory: string;
  /** A promise that rejects says that no helper will come; one that rejects later says nothing new. */
  readonly start: (request: HelperStart) => void | Promise<void>;
  /** Helpers at once; idle ones make place for new ones. */
  readonly max?: number;
  /** Milliseconds. */
  readonly idleTimeout?: number;
  readonly startTimeout?: number;
  readonly jobTimeout?: number;
}

interface Helper {
  readonly key: string;
  readonly socket: Promise<Socket>;
  readonly jobs: Map<number, (report: TransportReport | undefined) => void>;
  readonly calls: Map<number, (answer: HelperAnswer) => void>;
  leases: number;
  idle: NodeJS.Timeout | undefined;
  lastUsed: number;
}

const DEFAULTS = { max: 64, idleTimeout: 30_000, startTimeout: 20_000, jobTimeout: 2 * 3_600_000 };

/** Files that one helper syncs at the same time: the file system commits them together. */
const SYNCS_AT_ONCE = "16";

/** Starts helpers as children of this process, which must be root. `command` is followed by `UID GID LOGIN SOCKET`. */
export function startHelperAsChild(command: readonly string[]): PoolOptions["start"] {
  return ({ identity, socketPath, token }) => {
    const args = [...command.slice(1), String(identity.uid), String(identity.gid), identity.initgroups ?? "-", socketPath];
    const env = {
      UV_THREADPOOL_SIZE: SYNCS_AT_ONCE,
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      TZ: process.env["TZ"],
      [TOKEN_VARIABLE]: token,
    };
    const child = spawn(command[0] as string, args, { stdio: ["ignore", "ignore", "inherit"], env });
    child.unref();
    return new Promise<never>((_, reject) => {
      child.once("error", reject);
      child.once("exit", () => reject(new Error("the helper ended at its start")));
    });
  };
}

export function newHelperPool(given: PoolOptions): HelperPool {
  const options = { ...DEFAULTS, ...given };
  const helpers = new Map<string, Helper>();
  const expected = new Map<string, (socket: Socket) => void>();
  let server: Promise<{ server: Server; path: string }> | undefined;
  let nextJob = 1;

  const remove = (helper: Helper): void => {
    if (helpers.get(helper.key) === helper) helpers.delete(helper.key);
    clearTimeout(helper.idle);
    for (const settle of helper.jobs.values()) settle(undefined);
    helper.jobs.clear();
    for (const settle of helper.calls.values()) settle({ error: "the helper ended" });
    helper.calls.clear();
    helper.socket.then(
      (socket) => socket.destroy(),
      () => {},
    );
  };
  const rest = (helper: Helper): void => {
    if (helper.jobs.size > 0 || helper.leases > 0) return;
    helper.idle = setTimeout(() => remove(helper), options.idleTimeout);
    helper.idle.unref();
  };
  const startOne = async (identity: Identity): Promise<Socket> => {
    server ??= listen(options.directory, expected);
    const { path } = await server;
    const token = randomBytes(24).toString("base64url");
    return new Promise<Socket>((resolve, reject) => {
      const timer = setTimeout(() => (expected.delete(token), reject(new Error("the helper did not start"))), options.startTimeout);
      expected.set(token, (socket) => (clearTimeout(timer), resolve(socket)));
      Promise.resolve(options.start({ identity, socketPath: path, token })).catch(reject);
    });
  };
  const helperFor = (identity: Identity): Helper => {
    const key = `${identity.uid}:${identity.gid}:${identity.initgroups ?? ""}`;
    const known = helpers.get(key);
    if (known !== undefined) return known;
    if (helpers.size >= options.max) {
      const idle = [...helpers.values()]
        .filter((one) => one.jobs.size === 0 && one.leases === 0)
        .sort((a, b) => a.lastUsed - b.lastUsed)[0];
      if (idle !== undefined) remove(idle);
    }
    const helper: Helper = { key, socket: startOne(identity), jobs: new Map(), calls: new Map(), leases: 0, idle: undefined, lastUsed: 0 };
    helpers.set(key, helper);
    helper.socket.then(
      (socket) => listenTo(socket, helper, () => remove(helper)),
      () => remove(helper),
    );
    return helper;
  };

  return {
    async perform(identity, task) {
      const helper = helperFor(identity);
      clearTimeout(helper.idle);
      helper.lastUsed = performance.now();
      const id = nextJob++ >>> 0;
      const deferred = (why: string): TransportReport => ({
        facts: task.job.recipients.map(() => ({
          kind: "deferred",
          message: `delivery as uid ${identity.uid}: ${why}`,
          errno: -1,
          scope: "none",
        })),
      });
      const answered = new Promise<TransportReport | undefined>((resolve) => helper.jobs.set(id, resolve));
      const timer = setTimeout(() => remove(helper), options.jobTimeout);
      timer.unref();
      try {
        await sendJob(await helper.socket, id, task);
        const report = await answered;
        return report ?? deferred("the helper ended before it had answered");
      } catch (error) {
        return deferred((error as Error).message);
      } finally {
        clearTimeout(timer);
        helper.jobs.delete(id);
        if (helpers.get(helper.key) === helper) rest(helper);
      }
    },
    lease(identity) {
      const helper = helperFor(identity);
      clearTimeout(helper.idle);
      helper.leases++;
      return {
        async call(name, args) {
          const id = nextJob++ >>> 0;
          const answered = new Promise<HelperAnswer>((resolve) => helper.calls.set(id, resolve));
          try {
            await write(await helper.socket, encodeJson("call", id, { name, args }));
            const answer = await answered;
            if (answer.error !== undefined) throw new Error(answer.error);
            return answer;
          } finally {
            helper.calls.delete(id);
          }
        },
        release() {
          helper.leases--;
          if (helpers.get(helper.key) === helper) rest(helper);
        },
      };
    },
    async close() {
      for (const helper of helpers.values()) remove(helper);
      if (server === undefined) return;
      const listening = await server;
      await new Promise<void>((resolve) => listening.server.close(() => resolve()));
      rmSync(listening.path, { force: true });
      server = undefined;
    },
  };
}

/** One socket for all helpers; a connection that does not bring a token we wait for is dropped. */
async function listen(directory: string, expected: Map<string, (socket: Socket) => void>): Promise<{ server: Server; path: string }> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, `helpers-${process.pid}-${randomBytes(4).toString("hex")}.sock`);
  const server = createServer((socket) => {
    const reader = newFrameReader();
    socket.on("error", () => socket.destroy());
    socket.once("data", (octets: Buffer) => {
      const hello = reader.push(octets)?.[0];
      const token = hello?.type === "hello" ? hello.payload.toString("latin1") : "";
      const accept = expected.get(token);
      expected.delete(token);
      if (accept === undefined) socket.destroy();
      else accept(socket);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  server.unref();
  return { server, path };
}

function listenTo(socket: Socket, helper: Helper, ended: () => void): void {
  const reader = newFrameReader();
  socket.on("data", (octets: Buffer) => {
    const frames = reader.push(octets);
    if (frames === undefined) return void socket.destroy();
    for (const frame of frames) {
      if (frame.type === "answer") helper.calls.get(frame.id)?.(decodeAnswer(frame.payload));
      if (frame.type !== "report") continue;
      const settle = helper.jobs.get(frame.id);
      settle?.(JSON.parse(frame.payload.toString("utf8")) as TransportReport);
    }
  });
  socket.on("close", ended);
  // A helper that waits must not keep the worker alive; a job under way does, by the timer of its caller.
}

/** A body that is in memory goes with its job in one write; for how much of that may be under way see the queue's slots. */
async function sendJob(socket: Socket, id: number, task: PoolTask): Promise<void> {
  const { body, headers, ...message } = task.job.message;
  const job: HelperTask = { ...task, job: { ...task.job, message } };
  if (socket.destroyed) throw new Error("the helper is gone");
  socket.write(encodeJob(id, { job, headers, body: body.bytes }));
  if (body.bytes !== undefined) return;
  for await (const octets of body.chunks()) await write(socket, encodeFrame("body", id, octets));
  await write(socket, encodeFrame("end", id, Buffer.alloc(0)));
}

function write(socket: Socket, octets: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.destroyed) return reject(new Error("the helper is gone"));
    socket.write(octets, (error) => (error === null || error === undefined ? resolve() : reject(error)));
  });
}
