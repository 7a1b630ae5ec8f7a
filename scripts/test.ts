/** `npm test`: every gate, then every test; ends with one line `N passed, N failed` that counts what really ran. */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const bin = (name: string): string => join(root, "node_modules/.bin", name);

let passed = 0;
let failed = 0;
let skipped = 0;

gate("types", bin("tsc"), ["--noEmit"]);
gate("lint", bin("oxlint"), ["--quiet"]);
gate("format", bin("oxfmt"), ["--check"]);
gate("layers", bin("node"), ["scripts/check-layers.ts"]);
gate("generated docs", bin("node"), ["scripts/gen-docs.ts", "--check"]);
await suite("tests", ["--config", "ava.config.js"]);
await suite("tests with processes", ["--config", "ava.processes.config.js"]);

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed === 0 ? 0 : 1;

function gate(name: string, command: string, argv: readonly string[]): void {
  const done = spawnSync(command, argv, { cwd: root, encoding: "utf8" });
  if (done.status === 0) {
    passed += 1;
    console.log(`ok       ${name}`);
  } else {
    failed += 1;
    console.log(`FAILED   ${name}\n${done.stdout}${done.stderr}`);
  }
}

/** Runs ava and counts by its TAP lines; a run that breaks off without a plan counts as a failure. */
async function suite(name: string, argv: readonly string[]): Promise<void> {
  const before = { passed, failed };
  const child = spawn(bin("ava"), ["--tap", ...argv, ...process.argv.slice(2)], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  let rest = "";
  let detail = false;
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) detail = count(line, detail);
  });
  const code = await new Promise<number>((resolve) => child.on("close", (status) => resolve(status ?? 1)));
  if (code !== 0 && failed === before.failed) failed += 1;
  console.log(`${code === 0 ? "ok      " : "FAILED  "} ${name}: ${passed - before.passed} passed, ${failed - before.failed} failed`);
}

function count(line: string, detail: boolean): boolean {
  if (/^ok \d+ .*# SKIP/.test(line)) {
    skipped += 1;
    console.log(`skipped  ${line.replace(/^ok \d+ - /, "")}`);
  } else if (/^ok \d+/.test(line)) passed += 1;
  else if (/^not ok \d+ .*# TODO/.test(line)) skipped += 1;
  else if (/^not ok \d+/.test(line)) {
    failed += 1;
    console.log(line);
    return true;
  } else if (detail && /^\s/.test(line)) {
    console.log(line);
    return true;
  } else if (/^# /.test(line) && !/^# (tests|pass|fail|skip)/.test(line)) console.log(line);
  return false;
}
