/** One new file for each message, or two (mailstore): manual §"Mailstore delivery", §"Non-special new file delivery". */
import { closeSync, existsSync, fchmodSync, fstatSync, linkSync, openSync, renameSync, statSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { octetsOf, pathOf, type LocalJob, type NewLocalMessage } from "@mailkit/sdk";
import { codeOf, ensureDirectories, syncData, systemFault, writeFault, writeMessage, type DirectorySync } from "./io.ts";
import { BASENAME_MARK, defer, done, INODE_MARK, type Order, type Step } from "./order.ts";
import { directoryUsage, overQuota, quotaWarning } from "./quota.ts";

export interface NewFileTools {
  readonly directories: DirectorySync;
  readonly nextName: () => string;
}

export async function deliverToNewFile(order: Order, job: LocalJob, tools: NewFileTools): Promise<Step<NewLocalMessage | undefined>> {
  const ready = prepareDirectory(order);
  if (!ready.ok) return ready;
  const base = order.kind === "mailstore" ? `${job.message.id}-${process.pid.toString(16)}-${tools.nextName().split("H")[1] ?? ""}` : "";
  const temporary =
    order.kind === "mailstore" ? join(order.path, `${base}.msg`) : join(order.path, `temp.${process.pid}.${tools.nextName()}`);
  const before = checkQuota(order, temporary);
  if (!before.ok) return before;
  if (order.kind === "mailstore") {
    const envelope = await writeFile(order, join(order.path, `${base}.tmp`), (fd) => {
      writeSync(fd, octetsOf(envelopeText(order, job, base)));
    });
    if (!envelope.ok) return envelope;
  }
  const written = await writeFile(order, temporary, async (fd) => void (await writeMessage(fd, order, job)));
  if (!written.ok) {
    if (order.kind === "mailstore") removeQuietly(join(order.path, `${base}.tmp`));
    return written;
  }
  const named = order.kind === "mailstore" ? rename(order, `${base}.tmp`, `${base}.env`) : giveName(order, temporary, written.value);
  if (!named.ok) return named;
  await tools.directories.sync(order.path);
  return done(quotaWarning(order.quota, before.value));
}

function prepareDirectory(order: Order): Step<void> {
  if (existsSync(pathOf(order.path))) return done(undefined);
  if (!order.createDirectory) return defer(`directory ${order.path} does not exist`, 2);
  if (order.mayCreate) return ensureDirectories(order, order.path);
  return defer(`mailbox ${order.path} does not exist, but creation outside the home directory is not permitted`, -34);
}

/** Size of what is there already. */
function checkQuota(order: Order, target: string): Step<number> {
  const { quota } = order;
  if (quota.size === 0 && quota.files === 0 && quota.warnAt === 0) return done(0);
  const regex = quota.sizeRegex === undefined ? undefined : new RegExp(quota.sizeRegex);
  const found = directoryUsage(quota.directory ?? order.path, regex);
  const used = { size: quota.knownSize ?? found.size, files: quota.knownFiles ?? found.files };
  const full = overQuota(quota, used, target, statSync(pathOf(order.path)).atimeMs);
  return full === undefined ? done(used.size) : { ok: false, fault: full };
}

/** Makes a file that did not exist, fills and syncs it; gives its inode number. */
async function writeFile(order: Order, path: string, fill: (fd: number) => void | Promise<void>): Promise<Step<number>> {
  let fd: number;
  try {
    fd = openSync(pathOf(path), "wx", order.mode);
    fchmodSync(fd, order.mode);
  } catch (error) {
    return systemFault(error, `while creating file ${path}`);
  }
  try {
    await fill(fd);
    await syncData(fd);
    return done(fstatSync(fd).ino);
  } catch (error) {
    removeQuietly(path);
    return writeFault(error, path);
  } finally {
    closeSync(fd);
  }
}

function envelopeText(order: Order, job: LocalJob, base: string): string {
  const text = (mark: string): string => {
    const value = mark.replaceAll(BASENAME_MARK, base);
    return value === "" || value.endsWith("\n") ? value : value + "\n";
  };
  const recipients = job.recipients.map((recipient) => recipient.address + "\n").join("");
  return `${text(order.texts.prefix)}${job.message.sender}\n${recipients}${text(order.texts.suffix)}`;
}

function giveName(order: Order, temporary: string, inode: number): Step<void> {
  const name = order.texts.fileName.replaceAll(INODE_MARK, String(inode));
  if (name.includes("/")) return defer(`directory_file "${name}" contains a slash`, -21);
  const target = join(order.path, name);
  try {
    // A link never overwrites; rename would.
    linkSync(pathOf(temporary), pathOf(target));
    unlinkSync(pathOf(temporary));
    return done(undefined);
  } catch (error) {
    removeQuietly(temporary);
    return systemFault(error, `while renaming ${temporary} as ${target}`);
  }
}

function rename(order: Order, from: string, to: string): Step<void> {
  try {
    renameSync(pathOf(join(order.path, from)), pathOf(join(order.path, to)));
    return done(undefined);
  } catch (error) {
    return systemFault(error, `while renaming ${from} as ${to} (${codeOf(error)})`);
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(pathOf(path));
  } catch {
    // It is gone, or cannot be removed; the fault reported is the first one.
  }
}
