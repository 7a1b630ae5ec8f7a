/**
 * The helper process: runs `perform` of local drivers under one uid, for as long as its worker lives. Started by root with
 * `UID GID LOGIN SOCKET` as arguments and a token in the environment; it connects first, then gives root away for good.
 */
import { createConnection, type Socket } from "node:net";
import type { LocalJob, LocalTransport, OutgoingMessage, TransportReport } from "@mailkit/sdk";
import { newBodyCollector, type BodyCollector } from "./body.ts";
import type { FilterOrder } from "./filter.ts";
import { encodeAnswer, encodeFrame, encodeJson, newFrameReader, type Frame, type HelperAnswer } from "./frames.ts";
import { performFiltered } from "./local.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- drivers of every options table meet here
export type LocalDriver = LocalTransport<any, unknown>;

/** A job as it crosses the socket: everything but the octets of the message. */
export interface HelperTask {
  readonly driver: string;
  readonly order: unknown;
  readonly job: Omit<LocalJob, "message"> & { readonly message: Omit<OutgoingMessage, "body" | "headers"> };
  readonly filter: FilterOrder | undefined;
}

/** What a helper does besides deliveries, by name: plain data in, plain data and octets out. */
export type HelperCalls = ReadonlyMap<string, (args: unknown) => Promise<HelperAnswer>>;

export const TOKEN_VARIABLE = "MAILKIT_HELPER_TOKEN";

/** Serves until the worker hangs up. `args` is what the pool's starter appended to the command. */
export async function runHelper(
  drivers: readonly LocalDriver[],
  args: readonly string[] = process.argv.slice(-4),
  calls: HelperCalls = new Map(),
): Promise<void> {
  const [uid, gid, login, path] = args as [string, string, string, string];
  const token = process.env[TOKEN_VARIABLE] ?? "";
  delete process.env[TOKEN_VARIABLE];
  const socket = await connect(path);
  becomeUser(Number(uid), Number(gid), login === "-" ? undefined : login);
  process.umask(0o077);
  process.chdir("/");
  socket.write(encodeFrame("hello", 0, Buffer.from(token)));
  await serveJobs(socket, drivers, calls);
}

function connect(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path, () => resolve(socket));
    socket.once("error", reject);
  });
}

/** initgroups while still root, then the gid, then the uid; after that there is no way back. */
function becomeUser(uid: number, gid: number, login: string | undefined): void {
  if (process.getuid?.() === uid && process.getgid?.() === gid && uid !== 0) return;
  if (!Number.isInteger(uid) || uid <= 0 || !Number.isInteger(gid) || gid < 0) throw new Error("a helper must not run as root");
  if (login === undefined) process.setgroups?.([gid]);
  else (process as unknown as { initgroups: (user: string, group: number) => void }).initgroups(login, gid);
  process.setgid?.(gid);
  process.setuid?.(uid);
  if (process.getuid?.() !== uid || process.geteuid?.() !== uid) throw new Error(`cannot become uid ${uid}`);
}

function serveJobs(socket: Socket, drivers: readonly LocalDriver[], calls: HelperCalls): Promise<void> {
  const reader = newFrameReader();
  const open = new Map<number, Arriving>();
  const take = (frame: Frame): void => {
    if (frame.type === "call") {
      void answerCall(frame, calls).then((said) => socket.write(encodeAnswer(frame.id, said)));
      return;
    }
    if (frame.type === "job")
      open.set(frame.id, { task: JSON.parse(frame.payload.toString("utf8")) as HelperTask, headers: "", body: newBodyCollector() });
    const job = open.get(frame.id);
    if (job === undefined) return;
    if (frame.type === "headers") job.headers = frame.payload.toString("latin1");
    // The frame's octets are a view of the read buffer, which is not used again.
    if (frame.type === "body") job.body.push(frame.payload);
    if (frame.type !== "end") return;
    open.delete(frame.id);
    void answer(job, drivers).then((report) => socket.write(encodeJson("report", frame.id, report)));
  };
  return new Promise((resolve) => {
    socket.on("data", (octets: Buffer) => {
      const frames = reader.push(octets);
      if (frames === undefined) socket.destroy();
      else frames.forEach(take);
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve());
  });
}

async function answerCall(frame: Frame, calls: HelperCalls): Promise<HelperAnswer> {
  try {
    const { name, args } = JSON.parse(frame.payload.toString("utf8")) as { name: string; args: unknown };
    const call = calls.get(name);
    return call === undefined ? { error: `no call ${name}` } : await call(args);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

interface Arriving {
  readonly task: HelperTask;
  headers: string;
  readonly body: BodyCollector;
}

async function answer({ task, headers, body: collector }: Arriving, drivers: readonly LocalDriver[]): Promise<TransportReport> {
  const failed = (message: string): TransportReport => ({
    facts: task.job.recipients.map(() => ({ kind: "deferred", message, errno: -1, scope: "none" })),
  });
  try {
    const driver = drivers.find((one) => one.name === task.driver);
    if (driver === undefined) return failed(`no ${task.driver} driver in the delivery helper`);
    const job: LocalJob = { ...task.job, message: { ...task.job.message, headers, body: collector.finish() } };
    return await performFiltered(driver, { order: task.order, job, filter: task.filter });
  } catch (error) {
    return failed(`${task.driver} driver broke: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    collector.dispose();
  }
}
