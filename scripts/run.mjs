/**
 * What `npm start`, `npm test` and `npm run setup` run. Plain Node 20, no dependency: it installs pnpm (an npm
 * package) into .tools, lets pnpm install the workspace with the Node that mailkit runs on, builds the bundle, and
 * hands over to that Node. Nothing is repeated while lock file and sources stay the same.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [task = "setup", ...args] = process.argv.slice(2);
const node = join(root, "node_modules/.bin/node");

install();
if (task === "setup") process.exit(0);
if (task === "start") handOver(join(root, "packages/cli/dist/mailkit.mjs"), ["serve", "--sandbox", ...args]);
if (task === "test") handOver(join(root, "scripts/test.ts"), args);
console.error(`scripts/run.mjs: unknown task ${task}`);
process.exit(2);

function install() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "pnpm-lock.yaml")))
    .digest("hex");
  const stamp = join(root, "node_modules/.mailkit-stamp");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
    installDependencies();
    linkProgram();
    writeFileSync(stamp, lock);
  }
  must(node, [join(root, "scripts/build.ts"), "--if-stale"]);
}

function installDependencies() {
  const { config } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const pnpm = join(root, ".tools/node_modules/.bin/pnpm");
  if (!existsSync(pnpm)) {
    console.error("mailkit: installing pnpm and the workspace, once");
    must("npm", [
      "install",
      "--prefix",
      join(root, ".tools"),
      "--no-save",
      "--no-package-lock",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      `pnpm@${config.pnpm}`,
    ]);
  }
  must(pnpm, ["install", "--frozen-lockfile", "--reporter=silent"]);
  if (!existsSync(node)) {
    console.error("mailkit: no Node 24 came with the installation (is this Linux on x64 or arm64?)");
    process.exit(1);
  }
}

/** pnpm's shim starts three more programs before ours; a link starts none. */
function linkProgram() {
  const link = join(root, "node_modules/.bin/mailkit");
  const temporary = `${link}.${process.pid}`;
  rmSync(temporary, { force: true });
  symlinkSync("../../packages/cli/bin/mailkit", temporary);
  renameSync(temporary, link);
}

function must(command, argv) {
  const { NODE_OPTIONS: _dropped, ...env } = process.env;
  const done = spawnSync(command, argv, { cwd: root, stdio: ["ignore", "inherit", "inherit"], env: { ...env, CI: "true" } });
  if (done.status !== 0) {
    console.error(`mailkit: ${command} ${argv.join(" ")} failed${done.error ? `: ${done.error.message}` : ""}`);
    process.exit(done.status ?? 1);
  }
}

function handOver(script, argv) {
  const done = spawnSync(node, [script, ...argv], { stdio: "inherit" });
  process.exit(done.status ?? 1);
}
