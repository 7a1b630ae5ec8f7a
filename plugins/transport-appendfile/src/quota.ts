/** The quota tests, sizes of directories, the warning: manual §"quota", §"quota_warn_threshold". */
import { trimSpace } from "@mailkit/sdk";
import { lstatSync, readdirSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { NewLocalMessage } from "@mailkit/sdk";
import type { Fault, Quota } from "./order.ts";

export interface Usage {
  readonly size: number;
  readonly files: number;
}

/** The fact when the message must not go in; `readAt` is when the mailbox was last read, milliseconds since 1970. */
export function overQuota(quota: Quota, used: Usage, target: string, readAt: number): Fault | undefined {
  const extra = quota.inclusive ? quota.messageSize : 0;
  const sizeOver = quota.size > 0 && quota.checked && used.size + extra > quota.size;
  const filesOver = quota.files > 0 && quota.filesChecked && used.files + (quota.inclusive ? 1 : 0) > quota.files;
  if (!sizeOver && !filesOver) return undefined;
  const what = filesOver ? "filecount quota" : "quota";
  return {
    kind: "deferred",
    scope: "recipient",
    errno: -22,
    retryError: `quota_${Math.max(0, Math.floor((Date.now() - readAt) / 1000))}`,
    userMessage: "mailbox is full",
    message: `mailbox is full (MTA-imposed ${what} exceeded while writing to ${target})`,
  };
}

/** The warning, when this message takes the mailbox over the threshold. */
export function quotaWarning(quota: Quota, before: number): NewLocalMessage | undefined {
  if (quota.warnAt <= 0 || before > quota.warnAt || before + quota.messageSize <= quota.warnAt) return undefined;
  const head = quota.warning.split(/\n\n/, 1)[0] as string;
  const to = /^To:[ \t]*((?:.*)(?:\n[ \t].*)*)/im.exec(head);
  if (to === null) return undefined;
  const from = /^From:/im.test(head) ? "" : `From: ${quota.warningFrom}\n`;
  const text = `Auto-Submitted: auto-replied\n${from}${quota.warning}${quota.warning.endsWith("\n") ? "" : "\n"}`;
  return { sender: "", recipients: addressesOf(to[1] as string), text };
}

function addressesOf(list: string): string[] {
  return list
    .replaceAll(/\n[ \t]+/g, " ")
    .split(",")
    .map((item) => /<([^<>]*)>/.exec(item)?.[1] ?? trimSpace(item))
    .filter((address) => address !== "");
}

/**
 * What is in a directory and below it; a directory counts as a file of no size, as in Exim. Only folders of the first level that `folders` matches count, when it is given. A
 * file's size comes out of its name when `sizeRegex` finds one there; hard links share their size.
 */
export function directoryUsage(directory: string, sizeRegex: RegExp | undefined, folders?: RegExp): Usage {
  let size = 0;
  let files = 0;
  for (const entry of list(directory)) {
    const path = join(directory, entry);
    const named = sizeRegex?.exec(entry)?.[1];
    if (named !== undefined && folders === undefined) {
      size += Number(named);
      files++;
      continue;
    }
    const facts = look(path);
    if (facts === undefined) continue;
    if (facts.isDirectory()) {
      if (folders !== undefined && !folders.test(entry)) continue;
      const inner = directoryUsage(path, sizeRegex);
      size += inner.size;
      files += inner.files + (folders === undefined ? 1 : 0);
    } else if (facts.isFile() && folders === undefined) {
      size += facts.size / Math.max(1, facts.nlink);
      files++;
    }
  }
  return { size, files };
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory, "latin1");
  } catch {
    return [];
  }
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
