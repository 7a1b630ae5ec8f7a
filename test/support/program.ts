/** Which Node and which script the tests run; readable for the unprivileged user that servers of tests run as. */
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isRoot } from "./temporary.ts";

export const ROOT = join(import.meta.dirname, "../..");

export interface Program {
  readonly node: string;
  readonly script: string;
}

let found: Program | undefined;

export function program(): Program {
  return (found ??= isRoot && !openToAll(ROOT) ? staged() : inCheckout());
}

function inCheckout(): Program {
  return { node: join(ROOT, "node_modules/.bin/node"), script: join(ROOT, "packages/cli/dist/mailkit.mjs") };
}

/** Every folder of the path lets everybody through. */
function openToAll(path: string): boolean {
  if ((statSync(path).mode & 0o5) !== 0o5) return false;
  return dirname(path) === path || openToAll(dirname(path));
}

/** A checkout under /root: copies of Node and of the bundle where nobody can read them. */
function staged(): Program {
  const here = inCheckout();
  const folder = join(tmpdir(), `mailkit-staged-${statSync(here.script).mtimeMs}-${statSync(here.script).ino}`);
  const program = { node: join(folder, "node"), script: join(folder, "dist/mailkit.mjs") };
  if (existsSync(program.script)) return program;
  const making = mkdtempSync(`${folder}.`);
  mkdirSync(making, { recursive: true });
  chmodSync(making, 0o755);
  copyFileSync(realpathSync(here.node), join(making, "node"));
  cpSync(dirname(here.script), join(making, "dist"), { recursive: true });
  try {
    renameSync(making, folder);
  } catch {
    rmSync(making, { recursive: true, force: true });
  }
  return program;
}
