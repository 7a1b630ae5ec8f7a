/**
 * Where mailkit routes otherwise than Exim: for each address, `mailkit route` and `mailkit exim -bt` beside `exim4 -bt`.
 *
 *     node scripts/route-differential.ts CONFIG ADDRESSES [--tree FOLDER]... [--zone FILE] [--sender ADDRESS] [--exim PROGRAM]
 *
 * CONFIG is an Exim configuration, ADDRESSES a file of addresses (words; lines that begin with # are passed over). FOLDER
 * holds the files that the configuration reads, as they shall stand under /: FOLDER/etc/exim4/domains/a.test/aliases,
 * FOLDER/home/fred/.forward, FOLDER/etc/passwd. They are laid over those of the machine, owned by root, those in a home
 * directory by its owner; FOLDER/etc/passwd.add is added to the machine's own. FILE is a zone of the DNS as JSON (`test/support/name-server.ts`); every other name does not exist.
 * Prints the addresses that differ, with both answers. Exit code: 0 nothing differs, 1 something does, 2 it could not be
 * tried. Linux and root only: the programs run in mount and network namespaces of their own, nothing is changed, nobody asked.
 */
import { spawnSync } from "node:child_process";
import {
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { startNameServer } from "../test/support/name-server.ts";
import type { Zone } from "../test/support/name-server.ts";
import { findProgram } from "../test/support/programs.ts";
import { routeDifferences } from "../test/support/route-compare.ts";
import type { RouteTask } from "../test/support/route-compare.ts";
import { addressWords } from "../test/support/route-fates.ts";

/** Set for the program in its namespaces: the folder with the copies of everything. */
const INSIDE = "ROUTE_DIFFERENTIAL_INSIDE";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tree: { type: "string", multiple: true }, zone: { type: "string" }, sender: { type: "string" }, exim: { type: "string" } },
});
const [config, addresses] = positionals;
const inside = process.env[INSIDE];
if (config === undefined || addresses === undefined || positionals.length > 2) {
  fail("usage: route-differential.ts CONFIG ADDRESSES [--tree FOLDER] [--zone FILE] [--sender ADDRESS] [--exim PROGRAM]");
} else if (inside === undefined) process.exitCode = outside(config, addresses);
else {
  const exim = findProgram(values.exim ?? "exim4");
  if (exim === undefined) fail(`${values.exim ?? "exim4"} is not installed`);
  else {
    const zone = values.zone === undefined ? {} : (JSON.parse(readFileSync(join(inside, "zone.json"), "utf8")) as Zone);
    const words = addressWords(readFileSync(join(inside, "addresses"), "latin1").replace(/^#.*$/gm, ""));
    process.exitCode = await compareAll(inside, {
      config: join(inside, "exim.conf"),
      addresses: words,
      zone,
      sender: values.sender ?? "<>",
      exim,
    });
  }
}

function fail(why: string): void {
  process.stderr.write(`${why}\n`);
  process.exitCode = 2;
}

/** Copies what is needed, and runs this script again where it may mount and has no network. */
function outside(configFile: string, addressFile: string): number {
  const folder = mkdtempSync(join(tmpdir(), "route-differential-"));
  try {
    copyFileSync(configFile, join(folder, "exim.conf"));
    copyFileSync(addressFile, join(folder, "addresses"));
    if (values.zone !== undefined) copyFileSync(values.zone, join(folder, "zone.json"));
    const tree = join(folder, "tree");
    mkdirSync(join(tree, "etc"), { recursive: true });
    for (const given of values.tree ?? []) cpSync(given, tree, { recursive: true });
    addLines(tree);
    if (!existsSync(join(tree, "etc/resolv.conf"))) writeFileSync(join(tree, "etc/resolv.conf"), "nameserver 127.0.0.1\n");
    giveHomes(tree);
    const again = [
      process.execPath,
      import.meta.filename,
      ...process.argv.slice(2).map((word) => (existsSync(word) ? resolve(word) : word)),
    ];
    const ran = spawnSync("unshare", ["--mount", "--net", "--propagation", "private", ...again], {
      stdio: "inherit",
      env: { ...process.env, [INSIDE]: folder },
    });
    if (ran.error !== undefined) throw ran.error;
    return ran.status ?? 2;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `etc/passwd.add` becomes the machine's `/etc/passwd` with these lines. */
function addLines(tree: string): void {
  for (const name of readdirSync(tree, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".add")) continue;
    const own = name.slice(0, -".add".length);
    writeFileSync(join(tree, own), readFileSync(join("/", own), "latin1") + readFileSync(join(tree, name), "latin1"), "latin1");
  }
}

/** Files of a home directory belong to its owner: routers look at that. */
function giveHomes(tree: string): void {
  const passwd = [join(tree, "etc/passwd"), "/etc/passwd"].find((file) => existsSync(file)) as string;
  for (const line of readFileSync(passwd, "latin1").split("\n")) {
    const [, , uid, gid, , home] = line.split(":");
    if (home !== undefined && /^\/.+/.test(home) && existsSync(join(tree, home))) own(join(tree, home), Number(uid), Number(gid));
  }
}

function own(path: string, uid: number, gid: number): void {
  chownSync(path, uid, gid);
  for (const entry of readdirSync(path, { recursive: true, encoding: "utf8" })) chownSync(join(path, entry), uid, gid);
}

async function compareAll(folder: string, task: RouteTask & { readonly zone: Zone }): Promise<number> {
  const undo: (() => void | Promise<void>)[] = [];
  try {
    command("ip", ["link", "set", "lo", "up"]);
    for (const name of readdirSync(join(folder, "tree"))) {
      if (existsSync(`/${name}`))
        command("mount", ["-t", "overlay", "overlay", "-o", `lowerdir=${join(folder, "tree", name)}:/${name}`, `/${name}`]);
      else throw new Error(`/${name} is no folder of this machine, so nothing can be laid over it`);
    }
    await startNameServer({ teardown: (action) => void undo.push(action) }, task.zone, { host: "127.0.0.1", port: 53 });
    const differences = await routeDifferences(task);
    process.stdout.write(differences.map((difference) => `${difference}\n`).join(""));
    process.stdout.write(`${task.addresses.length} addresses, ${differences.length} differ\n`);
    return differences.length === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  } finally {
    for (const action of undo) await action();
  }
}

function command(name: string, argv: readonly string[]): void {
  const { status, stderr, error } = spawnSync(name, argv, { encoding: "latin1" });
  if (error !== undefined || status !== 0) throw new Error(`${name} ${argv.join(" ")}: ${error?.message ?? stderr.trim()}`);
}
