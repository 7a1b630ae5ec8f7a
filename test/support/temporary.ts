/** Folders for one test, gone when it ends, and who the servers of a test run as. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const isRoot = process.getuid?.() === 0;

/** Started by root, servers of tests still run as nobody: the same tests hold for both. */
export const TEST_UID = isRoot ? 65534 : (process.getuid?.() ?? 0);
export const TEST_GID = isRoot ? 65534 : (process.getgid?.() ?? 0);
export const asTester: { readonly uid?: number; readonly gid?: number } = isRoot ? { uid: TEST_UID, gid: TEST_GID } : {};

/** The part of ava that is needed here. */
export interface Teardown {
  teardown(undo: () => void | Promise<void>): void;
}

export function temporaryFolder(t: Teardown, name = "test"): string {
  const folder = mkdtempSync(join(tmpdir(), `mailkit-${name}-`));
  chmodSync(folder, 0o755);
  own(folder);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Files by their paths under a folder; a path that ends in "/" is a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    makeFolder(folder, name.endsWith("/") ? path : dirname(path));
    if (name.endsWith("/")) continue;
    writeFileSync(path, text, "latin1");
    own(path);
  }
}

function makeFolder(top: string, path: string): void {
  if (path.replace(/\/$/, "").length <= top.length) return;
  makeFolder(top, dirname(path));
  mkdirSync(path, { recursive: true });
  own(path);
}

function own(path: string): void {
  if (isRoot) chownSync(path, TEST_UID, TEST_GID);
}
