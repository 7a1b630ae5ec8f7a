/**
 * `npm test`: every gate, then every test; ends with one line `N passed, N failed` that counts what really ran. Arguments
 * are patterns for ava: `npm test -- 'test/e2e/story.test.ts'` runs that file, without the gates.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const bin = (name: string): string => join(root, "node_modules/.bin", name);
const patterns = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };

if (patterns.length === 0) {
  gate("types", bin("tsc"), ["--noEmit"]);
  gate("lint", bin("oxlint"), ["--quiet"]);
  gate("format", bin("oxfmt"), ["--check"]);
  gate("layers", bin("node"), ["scripts/check-layers.ts"]);
  gate("readmes", bin("node"), ["scripts/check-readme.ts"]);
  if (existsSync(join(root, "scripts/gen-docs.ts"))) gate("generated docs", bin("node"), ["scripts/gen-docs.ts", "--check"]);
  else skip("generated docs (there is no generator)");
}
await suite("tests", "ava.config.js", ["packages/*/src/**/*.test.ts", "plugins/*/src/**/*.test.ts", "test/**/*.test.ts"]);
await suite("tests with processes", "ava.processes.config.js", ["test/processes/**/*.test.ts", "packages/*/src/**/*.process-test.ts"]);

if (total.skipped > 0) console.log(`${total.skipped} skipped`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

function gate(name: string, command: string, argv: readonly string[]): void {
  const done = spawnSync(command, argv, { cwd: root, encoding: "utf8" });
  if (done.status === 0) {
    total.passed += 1;
    console.log(`ok       ${name}`);
  } else {
    total.failed += 1;
    console.log(`FAILED   ${name}\n${done.stdout}${done.stderr}`);
  }
}

function skip(what: string): void {
  total.skipped += 1;
  console.log(`skipped  ${what}`);
}

/** Runs ava and counts by its TAP lines; a run that breaks off, or says it failed and shows no test that did, is a failure. */
async function suite(name: string, config: string, files: readonly string[]): Promise<void> {
  const chosen = patterns.length === 0 ? files : patterns.filter((pattern) => isOf(config, pattern));
  if (globSync([...chosen], { cwd: root }).length === 0) return;
  const before = { ...total };
  const child = spawn(bin("ava"), ["--tap", "--config", config, ...(patterns.length === 0 ? [] : chosen)], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = lineReader();
  child.stdout.setEncoding("utf8").on("data", lines);
  const code = await new Promise<number>((resolve) => child.on("close", (status) => resolve(status ?? 1)));
  if (code !== 0 && total.failed === before.failed) total.failed += 1;
  const [passed, failed] = [total.passed - before.passed, total.failed - before.failed];
  console.log(`${failed === 0 ? "ok      " : "FAILED  "} ${name}: ${passed} passed, ${failed} failed`);
}

/** Which of the two runs a file belongs to. */
function isOf(config: string, pattern: string): boolean {
  const alone = pattern.startsWith("test/processes/") || pattern.endsWith(".process-test.ts");
  return alone === (config === "ava.processes.config.js");
}

/** Counts; shows skipped tests, and failed ones with their details. */
function lineReader(): (chunk: string) => void {
  let rest = "";
  let inFailure = false;
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (/^(?:not )?ok \d/.test(line)) inFailure = count(line);
      else if (inFailure && line.startsWith(" ")) console.log(line);
      else inFailure = false;
    }
  };
}

/** True for a failure, whose details follow. */
function count(line: string): boolean {
  if (/# (?:SKIP|TODO)/.test(line)) skip(line.replace(/^(?:not )?ok \d+ - /, "").replace(/ # (?:SKIP|TODO).*/, ""));
  else if (line.startsWith("ok")) total.passed += 1;
  else {
    total.failed += 1;
    console.log(line);
    return true;
  }
  return false;
}
