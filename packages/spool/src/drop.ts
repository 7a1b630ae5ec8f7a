import {
  type Stats,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  unlinkSync,
  writeSync,
  chmodSync,
  mkdirSync,
} from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { faultOf, SpoolFault } from "./faults.ts";

/**
 * `drop/`: submissions of users who may not write the spool (mode 1733: everybody writes, nobody lists). The owner of a
 * file is its submitter, whatever it says inside; so a file counts only when it is regular, has one name, was opened
 * without following a link, and is whole. A file that is not complete yet is left for the next round.
 *
 * Format: "mkdrop 1 <length> <crc32 in hex>\n", then so many octets: one line of JSON (`DropRequest`), then the message.
 */
export interface DropRequest {
  readonly sender?: string;
  readonly recipients: readonly string[];
  /** How it was called: `-t`, `-f`, `-F`, `-oi`, ...; for the daemon to act on as the owner of the file. */
  readonly options?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

export interface DroppedMessage {
  readonly request: DropRequest;
  readonly message: Buffer;
  /** Whom the kernel says it belongs to. */
  readonly uid: number;
  readonly gid: number;
  readonly file: string;
  /** Removes it: called when the message is safe in the spool. */
  done(): void;
}

export interface DropRefusal {
  readonly file: string;
  readonly reason: string;
  readonly uid: number | undefined;
}

const DROP_MODE = 0o1733;
const NAME = /^[0-9A-Za-z][0-9A-Za-z.-]{7,63}$/;

/** Makes the folder, for the daemon. */
export function makeDropDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, DROP_MODE);
}

/**
 * Writes a submission and makes it durable. `name` must be hard to guess. The file is readable by its owner alone until
 * it is whole.
 */
// oxlint-disable-next-line max-params
export function writeDrop(directory: string, name: string, request: DropRequest, message: Buffer): string {
  if (!NAME.test(name)) throw new SpoolFault("EINVAL", `drop: bad file name ${JSON.stringify(name)}`);
  const path = join(directory, name);
  const payload = Buffer.concat([Buffer.from(`${JSON.stringify(request)}\n`, "latin1"), message]);
  const head = Buffer.from(`mkdrop 1 ${payload.length} ${crc32(payload).toString(16).padStart(8, "0")}\n`, "latin1");
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
    writeFully(fd, Buffer.concat([head, payload]));
    fsyncSync(fd);
    closeSync(fd);
    return path;
  } catch (error) {
    if (fd !== undefined) undo(fd, path);
    throw faultOf(error, `cannot write ${path}`);
  }
}

function writeFully(fd: number, octets: Buffer): void {
  for (let done = 0; done < octets.length;) done += writeSync(fd, octets, done);
}

function undo(fd: number, path: string): void {
  try {
    ftruncateSync(fd, 0);
    closeSync(fd);
    unlinkSync(path);
  } catch {
    // An empty file remains; the collector throws it away.
  }
}

export interface CollectOptions {
  readonly directory: string;
  /** Octets of the largest submission; larger ones are refused. */
  readonly maxSize: number;
  readonly now: number;
  /** Called for each one that is whole. */
  readonly take: (dropped: DroppedMessage) => void | Promise<void>;
  /** Called for each file that was thrown away. */
  readonly refuse?: (refusal: DropRefusal) => void;
}

/** A file that is still not whole after this is thrown away. */
const PATIENCE = 3_600_000;
/** No more in one round, so that a flood does not take the memory. */
const ROUND = 1000;

/** Takes what lies in the folder. Returns how many were taken. */
export async function collectDrop(options: CollectOptions): Promise<number> {
  let taken = 0;
  for (const name of readdirSync(options.directory).sort().slice(0, ROUND)) {
    const file = join(options.directory, name);
    const found = readDropped(file, options);
    if (found.kind === "wait") continue;
    if (found.kind === "refused") {
      removeQuietly(file);
      options.refuse?.({ file, reason: found.reason, uid: found.uid });
      continue;
    }
    await options.take({ ...found.dropped, file, done: () => removeQuietly(file) });
    taken++;
  }
  return taken;
}

type Found =
  | { readonly kind: "wait" }
  | { readonly kind: "refused"; readonly reason: string; readonly uid: number | undefined }
  | { readonly kind: "dropped"; readonly dropped: Omit<DroppedMessage, "file" | "done"> };

function readDropped(file: string, options: CollectOptions): Found {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return { kind: "wait" };
    return { kind: "refused", reason: code === "ELOOP" ? "is a symbolic link" : `cannot be opened (${code})`, uid: undefined };
  }
  try {
    const facts = fstatSync(fd);
    const reason = faultOfFile(facts, options.maxSize);
    if (reason !== undefined) return { kind: "refused", reason, uid: facts.uid };
    const parsed = parseDrop(readFileSync(fd));
    if (typeof parsed !== "string") return { kind: "dropped", dropped: { ...parsed, uid: facts.uid, gid: facts.gid } };
    return parsed === "incomplete" && options.now - facts.mtimeMs < PATIENCE
      ? { kind: "wait" }
      : { kind: "refused", reason: `is ${parsed}`, uid: facts.uid };
  } finally {
    closeSync(fd);
  }
}

function faultOfFile(facts: Stats, maxSize: number): string | undefined {
  if (!facts.isFile()) return "is not a regular file";
  if (facts.nlink !== 1) return `has ${facts.nlink} names`;
  if (facts.size > maxSize + 1024 * 1024) return `is larger than ${maxSize} octets`;
  return undefined;
}

function parseDrop(octets: Buffer): { request: DropRequest; message: Buffer } | "incomplete" | "malformed" {
  const newline = octets.indexOf(10);
  if (newline < 0) return octets.length < 64 ? "incomplete" : "malformed";
  const head = /^mkdrop 1 (\d{1,12}) ([0-9a-f]{8})$/.exec(octets.toString("latin1", 0, Math.min(newline, 64)));
  if (head === null) return "malformed";
  const payload = octets.subarray(newline + 1);
  if (payload.length < Number(head[1])) return "incomplete";
  if (payload.length > Number(head[1]) || crc32(payload) !== parseInt(head[2] as string, 16)) return "malformed";
  const end = payload.indexOf(10);
  const request = end < 0 ? undefined : parseRequest(payload.toString("latin1", 0, end));
  return request === undefined ? "malformed" : { request, message: payload.subarray(end + 1) };
}

function parseRequest(json: string): DropRequest | undefined {
  try {
    const value = JSON.parse(json) as Partial<DropRequest> | null;
    if (typeof value !== "object" || value === null || !Array.isArray(value.recipients)) return undefined;
    if (!value.recipients.every((recipient) => typeof recipient === "string")) return undefined;
    if (value.sender !== undefined && typeof value.sender !== "string") return undefined;
    if (value.options !== undefined && (typeof value.options !== "object" || value.options === null)) return undefined;
    return value as DropRequest;
  } catch {
    return undefined;
  }
}

function removeQuietly(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    removeFolder(file);
  }
}

function removeFolder(file: string): void {
  try {
    rmdirSync(file);
  } catch {
    // Not empty, or gone already.
  }
}
