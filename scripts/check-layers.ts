/**
 * Imports run downward only. This table is the law; any other edge fails the build, and so do sockets, files and
 * processes in layers 0 and 1, and a plugin that imports what a stranger's plugin could not.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  sdk: [],
  "smtp-core": ["sdk"],
  message: ["sdk"],
  expand: ["sdk", "message"],
  lists: ["sdk"],
  config: ["sdk", "expand", "lists"],
  filters: ["sdk", "message", "expand"],
  "dns-mx": ["sdk"],
  lookups: ["sdk"],
  auths: ["sdk"],
  acl: ["sdk", "config", "expand", "lists", "message"],
  rewrite: ["sdk", "config", "message"],
  routers: ["sdk", "config", "message"],
  transports: ["sdk", "config", "message"],
  spool: ["sdk", "message"],
  logs: ["sdk"],
  delivery: ["sdk", "config", "message", "routers", "transports", "spool", "logs", "rewrite", "dns-mx"],
  smtpd: ["sdk", "smtp-core", "message", "acl", "spool", "logs", "rewrite", "auths", "config"],
  pop3d: ["sdk", "auths", "logs"],
  runtime: ["*"],
  cli: ["*"],
};
const PURE = new Set(["sdk", "smtp-core", "message", "expand", "lists", "config", "filters"]);
const PLUGIN_MAY = ["sdk", "smtp-core", "message", "filters"];
const IMPURE_MODULES = /^node:(net|tls|fs|fs\/promises|child_process|dns|dgram|http|https|sqlite|worker_threads)$/;
const IMPORT = /^\s*(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm;

const root = join(import.meta.dirname, "..");
const faults: string[] = [];
for (const name of Object.keys(ALLOWED)) checkPackage(join(root, "packages", name), name, ALLOWED[name] as readonly string[]);
for (const name of readdirSync(join(root, "plugins"))) checkPackage(join(root, "plugins", name), name, PLUGIN_MAY);
for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? "layers: ok" : `layers: ${faults.length} forbidden imports`);
process.exitCode = faults.length === 0 ? 0 : 1;

function checkPackage(folder: string, name: string, allowed: readonly string[]): void {
  for (const file of sourceFiles(join(folder, "src"))) {
    const isTest = /\.test\.tsx?$/.test(file);
    for (const match of readFileSync(file, "utf8").matchAll(IMPORT)) {
      const target = (match[1] ?? match[2]) as string;
      const fault = faultOf(target, name, allowed, isTest);
      if (fault !== undefined) faults.push(`${relative(root, file)}: ${fault}`);
    }
  }
}

function faultOf(target: string, name: string, allowed: readonly string[], isTest: boolean): string | undefined {
  const own = /^@mailkit\/([^/]+)(\/.+)?$/.exec(target);
  if (own !== null) {
    const [, pkg, deep] = own as unknown as [string, string, string | undefined];
    if (deep !== undefined && deep !== "/testing") return `deep import of ${target}`;
    if (allowed[0] === "*" || allowed.includes(pkg) || pkg === name) return undefined;
    return isTest && pkg === "sdk" ? undefined : `${name} may not import @mailkit/${pkg}`;
  }
  if (target.startsWith("../../../") && !isTest) return `reaches into another package: ${target}`;
  if (PURE.has(name) && IMPURE_MODULES.test(target) && !isTest) return `layer 0 and 1 are pure, but it imports ${target}`;
  return undefined;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((entry) => {
    const path = join(folder, entry);
    if (statSync(path).isDirectory()) return sourceFiles(path);
    return /\.tsx?$/.test(entry) ? [path] : [];
  });
}
