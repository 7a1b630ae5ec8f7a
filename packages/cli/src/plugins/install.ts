/** Puts driver packages into the plugin folder: a folder is copied, all else is npm's business, without install scripts. */
import type { FoundPlugin } from "@mailkit/runtime";
import { findPlugins, pluginAt } from "@mailkit/runtime";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { CommandFailure } from "../command.ts";

export function installPlugin(folder: string, source: string): FoundPlugin {
  const before = new Set(names(folder));
  if (statSync(source, { throwIfNoEntry: false })?.isDirectory() === true) return copyFolder(folder, source);
  runNpm(folder, ["install", "--save", source]);
  const added = findPlugins(folder).flatMap((found) => (typeof found === "string" ? [] : [found]));
  const found =
    added.find(({ packageName }) => !before.has(packageName)) ?? added.find(({ packageName }) => source.startsWith(packageName));
  if (found === undefined)
    throw new CommandFailure(`${source} is installed and is no driver of mailkit`, {
      hint: `its package.json has no "mailkit" key; mailkit plugins remove ${source}`,
    });
  return found;
}

export function removePlugin(folder: string, packageName: string): void {
  const place = join(folder, "node_modules", packageName);
  if (!names(folder).includes(packageName)) throw new CommandFailure(`there is no plugin ${packageName}`, { hint: "mailkit plugins list" });
  if (existsSync(join(folder, "package-lock.json"))) runNpm(folder, ["uninstall", "--save", packageName]);
  rmSync(place, { recursive: true, force: true });
}

function copyFolder(folder: string, source: string): FoundPlugin {
  const found = pluginAt(source);
  if (typeof found === "string") throw new CommandFailure(found);
  const target = join(folder, "node_modules", found.packageName);
  mkdirSync(join(folder, "node_modules"), { recursive: true, mode: 0o755 });
  rmSync(target, { recursive: true, force: true });
  cpSync(source, target, {
    recursive: true,
    dereference: true,
    filter: (path) => !["node_modules", ".git"].includes(basename(path)) || path === source,
  });
  return { ...found, folder: target };
}

function names(folder: string): string[] {
  return findPlugins(folder).flatMap((found) => (typeof found === "string" ? [] : [found.packageName]));
}

/** Scripts of packages do not run; the SDK comes from the program itself. */
function runNpm(folder: string, words: readonly string[]): void {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (!existsSync(join(folder, "package.json")))
    writeFileSync(join(folder, "package.json"), '{ "name": "mailkit-plugins", "private": true }\n');
  const flags = ["--prefix", folder, "--ignore-scripts", "--omit=dev", "--legacy-peer-deps", "--no-audit", "--no-fund", "--loglevel=error"];
  const done = spawnSync("npm", [...words, ...flags], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  if (done.error !== undefined)
    throw new CommandFailure("npm is not to be found", { hint: "install Node's npm, or give the folder of an unpacked package" });
  if (done.status !== 0) throw new CommandFailure(`npm ${words[0]} failed`, { details: done.stderr.trim().split("\n").slice(0, 8) });
}
