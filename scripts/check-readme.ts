/** Runs the first TypeScript example of each package's README, so that none goes stale; a package without README is a fault. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "..");
/** In the package's own folder, where its imports are found. */
const FILE = ".readme-example.ts";
/** An example is small; one that waits for something is a fault. */
const LIMIT = 60_000;

const [, , inside] = process.argv;
if (inside === "--run") await runExamples(process.argv.slice(3));
else process.exitCode = check();

function check(): number {
  const folders = ["packages", "plugins"]
    .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
    .filter((folder) => existsSync(join(folder, "package.json")));
  const faults: string[] = [];
  const files: string[] = [];
  for (const folder of folders) {
    const readme = join(folder, "README.md");
    const example = existsSync(readme) ? /^```ts\n([\s\S]*?)^```/m.exec(readFileSync(readme, "utf8"))?.[1] : undefined;
    if (!existsSync(readme)) faults.push(`${relative(root, folder)} has no README.md`);
    else if (example === undefined) faults.push(`${relative(root, readme)} has no TypeScript example`);
    else {
      files.push(join(folder, FILE));
      writeFileSync(join(folder, FILE), example);
    }
  }
  try {
    faults.push(...run(files));
  } finally {
    for (const file of files) rmSync(file, { force: true });
  }
  console.log(faults.length === 0 ? `readmes: ${files.length} examples run` : `readmes: ${faults.length} faults\n${faults.join("\n")}`);
  return faults.length === 0 ? 0 : 1;
}

/** All in one process: what they print goes nowhere, what they throw comes back. */
function run(files: readonly string[]): string[] {
  const done = spawnSync(process.execPath, [import.meta.filename, "--run", ...files], {
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
    timeout: LIMIT,
    killSignal: "SIGKILL",
  });
  if (done.status === null) return [`an example does not end: ${done.stderr.trim().split("\n").at(-1) ?? ""}`];
  return done.stderr
    .split("\n")
    .filter((line) => line.startsWith("FAULT "))
    .map((line) => line.slice(6));
}

async function runExamples(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const name = relative(root, file).replace(FILE, "README.md");
    process.stderr.write(`at ${name}\n`);
    try {
      await import(pathToFileURL(file).href);
    } catch (error) {
      process.stderr.write(`FAULT ${name}: ${(error as Error).message.split("\n")[0]}\n`);
    }
  }
  process.exit(0);
}
