/**
 * Maildir delivery: a file in tmp, synced, renamed into new; the directory is synced before the message counts as
 * delivered (manual §"Maildir delivery"). Many deliveries into one maildir share the sync of its directory.
 */
import { closeSync, existsSync, fchmodSync, openSync, renameSync, statSync, unlinkSync, writeFileSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOctets, pathOf, type LocalJob, type NewLocalMessage } from "@mailkit/sdk";
import { codeOf, ensureDirectories, syncData, systemFault, writeFault, writeMessage, type DirectorySync } from "./io.ts";
import { addToSizeFile, readSizeFile } from "./maildirsize.ts";
import { defer, done, SIZE_MARK, type Order, type Step } from "./order.ts";
import { directoryUsage, overQuota, quotaWarning, type Usage } from "./quota.ts";

export interface MaildirTools {
  readonly directories: DirectorySync;
  readonly nextName: () => string;
}

const NAME_TAKEN_PAUSE = 2000;
const ONE_WRITE = 64 * 1024;

export async function deliverToMaildir(order: Order, job: LocalJob, tools: MaildirTools): Promise<Step<NewLocalMessage | undefined>> {
  const ready = prepareMaildir(order);
  if (!ready.ok) return ready;
  const name = await freeName(order, tools.nextName);
  if (!name.ok) return name;
  const temporary = join(order.path, "tmp", name.value);
  const used = measure(order);
  const full = overQuota(order.quota, used.usage, `tmp/${name.value}`, readTime(order.path));
  if (full !== undefined) return { ok: false, fault: full };
  const written = await writeTemporary(order, job, temporary);
  if (!written.ok) return written;
  const moved = await moveIntoNew(order, temporary, name.value, { size: written.value, tools });
  if (!moved.ok) return moved;
  if (used.sizeFile !== undefined) addToSizeFile(used.sizeFile, written.value);
  return done(quotaWarning(order.quota, used.usage.size));
}

/** new, cur, tmp, and `maildirfolder` in folders that the expression names. */
function prepareMaildir(order: Order): Step<void> {
  // One look is enough for a maildir in use: mkdir makes "new" last.
  if (!existsSync(pathOf(join(order.path, "new")))) {
    if (!order.createDirectory) return defer(`no such maildir: ${order.path}`, 2);
    if (!order.mayCreate) {
      return defer(`mailbox ${order.path} does not exist, but creation outside the home directory is not permitted`, -34);
    }
    for (const folder of ["tmp", "cur", "new"]) {
      const made = ensureDirectories(order, join(order.path, folder));
      if (!made.ok) return made;
    }
  }
  const regex = order.maildir.folderRegex;
  if (regex === undefined || !new RegExp(regex).test(order.path)) return done(undefined);
  try {
    writeFileSync(pathOf(join(order.path, "maildirfolder")), "", { flag: "wx", mode: order.mode });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") return systemFault(error, `failed to create maildirfolder file in ${order.path} directory`);
  }
  return done(undefined);
}

async function freeName(order: Order, nextName: () => string): Promise<Step<string>> {
  const host = order.hostname.replaceAll("/", "\\057").replaceAll(":", "\\072");
  for (let i = 0; i < order.maildir.retries; i++) {
    const name = `${nextName()}.${host}`;
    if (!existsSync(pathOf(join(order.path, "tmp", name)))) return done(name);
    await sleep(NAME_TAKEN_PAUSE);
  }
  return defer(`failed to open ${order.path}/tmp: no free name (${order.maildir.retries} tries)`, 17);
}

/** Usage of the maildir, and where its maildirsize is when that is kept. */
function measure(order: Order): { usage: Usage; sizeFile: string | undefined } {
  const { quota, maildir } = order;
  const isFolder = existsSync(pathOf(join(order.path, "maildirfolder")));
  const top = quota.directory ?? (isFolder ? dirname(order.path) : order.path);
  const sizeRegex = quota.sizeRegex === undefined ? undefined : new RegExp(quota.sizeRegex);
  if (maildir.useSizeFile) {
    const folders = new RegExp(maildir.directoryRegex);
    const folder = isFolder ? basename(order.path) : "new";
    // Manual §"maildir_quota_directory_regex": a folder that is left out is not limited either.
    if (!folders.test(folder)) return { usage: { size: -Infinity, files: -Infinity }, sizeFile: undefined };
    const usage = readSizeFile(top, quota, () => directoryUsage(top, sizeRegex, folders));
    return { usage, sizeFile: join(top, "maildirsize") };
  }
  const wanted = quota.size > 0 || quota.files > 0 || quota.warnAt > 0;
  const known = quota.knownSize !== undefined && (quota.files === 0 || quota.knownFiles !== undefined);
  const found = wanted && !known ? directoryUsage(top, sizeRegex) : { size: 0, files: 0 };
  return { usage: { size: quota.knownSize ?? found.size, files: quota.knownFiles ?? found.files }, sizeFile: undefined };
}

function readTime(path: string): number {
  try {
    return statSync(pathOf(join(path, "new"))).atimeMs;
  } catch {
    return Date.now();
  }
}

/** Writes and syncs; a file that could not be finished is removed. */
async function writeTemporary(order: Order, job: LocalJob, path: string): Promise<Step<number>> {
  let fd: number;
  try {
    fd = openSync(pathOf(path), "wx", order.mode);
    fchmodSync(fd, order.mode);
  } catch (error) {
    return systemFault(error, `while creating file ${path}`);
  }
  try {
    const size = await (job.message.body.size <= ONE_WRITE ? writeSmall(fd, order, job) : writeMessage(fd, order, job));
    await syncData(fd);
    return done(size);
  } catch (error) {
    removeQuietly(path);
    return writeFault(error, path);
  } finally {
    closeSync(fd);
  }
}

/** A small message goes out in one synchronous write: into the page cache, cheaper than a trip through the thread pool. */
async function writeSmall(fd: number, order: Order, job: LocalJob): Promise<number> {
  let total = 0;
  for await (const octets of messageOctets(job.message, order.form, job.recipients)) {
    for (let at = 0; at < octets.length;) at += writeSync(fd, octets, at);
    total += octets.length;
  }
  return total;
}

async function moveIntoNew(
  order: Order,
  temporary: string,
  name: string,
  written: { readonly size: number; readonly tools: MaildirTools },
): Promise<Step<void>> {
  const tag = tagOf(order.texts.tag.replaceAll(SIZE_MARK, String(written.size)));
  const folder = join(order.path, "new");
  try {
    try {
      renameSync(pathOf(temporary), pathOf(join(folder, name + tag)));
    } catch (error) {
      if (codeOf(error) !== "ENAMETOOLONG" || tag === "") throw error;
      renameSync(pathOf(temporary), pathOf(join(folder, name)));
    }
    await written.tools.directories.sync(folder);
    return done(undefined);
  } catch (error) {
    removeQuietly(temporary);
    return systemFault(error, `renaming file ${temporary} to ${join(folder, name + tag)}`);
  }
}

/** Manual §"Using tags to record message sizes". */
export function tagOf(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const tag = text.replaceAll(/[\x00-\x1f\x7f-\xff/]/g, "");
  return /^[A-Za-z0-9]/.test(tag) ? `:${tag}` : tag;
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(pathOf(path));
  } catch {
    // Nothing more can be done; files in tmp are swept by the mail reader.
  }
}
