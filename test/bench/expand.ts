/**
 * Expansion and list matching: the same strings by `exim4 -be`, by `mailkit exim -be`, and by the engine in this process;
 * then the default ACL's cost for a RCPT. `test/bench/expand.ts [--lines 10000] [--only TEXT] [--no-peer]`: tables on
 * standard output. Run on a quiet machine after a build; takes about a minute. Exim takes the configuration of root only.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compile } from "../../packages/expand/src/index.ts";
import { openEngine, readMessageFile } from "../../packages/runtime/src/index.ts";
import type { Engine } from "../../packages/runtime/src/index.ts";
import { isPromise, newSessionFacts } from "../../packages/sdk/src/index.ts";
import type { Scope } from "../../packages/sdk/src/index.ts";
import { program } from "../support/program.ts";
import { findProgram, run } from "../support/programs.ts";
import { defaultAcl } from "./expand-acl.ts";
import { CONFIG, dataFiles, KINDS, mixed } from "./expand-strings.ts";

/** For 1,000 lines, without the start of the program. */
interface Cost {
  /** Milliseconds. */
  readonly wall: number;
  readonly cpu: number;
}

interface Row {
  readonly name: string;
  readonly peer: Cost | undefined;
  readonly face: Cost;
  /** Each string parsed when it is expanded; parsed before, as the strings of a configuration are. */
  readonly engine: Cost;
  readonly compiled: Cost;
}

/** Milliseconds for 1,000 lines. */
const HEAD = `| | exim -be | CPU | mailkit exim -be | CPU | wall to Exim | CPU to Exim | engine, CPU | parsed before | parsed before, to Exim |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |`;

const { values } = parseArgs({
  options: {
    lines: { type: "string", default: "10000" },
    only: { type: "string" },
    "no-peer": { type: "boolean", default: false },
  },
});
const COUNT = Number(values.lines);
const exim = values["no-peer"] ? undefined : (findProgram("exim4") ?? findProgram("exim"));
const folder = mkdtempSync(join(tmpdir(), "mailkit-bench-"));
try {
  chmodSync(folder, 0o755);
  for (const [name, text] of Object.entries({ ...dataFiles(), conf: CONFIG.replaceAll("FOLDER", folder) }))
    writeFileSync(join(folder, name), text, "latin1");
  await main();
} finally {
  rmSync(folder, { recursive: true });
}

async function main(): Promise<void> {
  const engine = await openEngine({ source: { kind: "file", path: join(folder, "conf") }, env: process.env, cwd: folder });
  const chosen = KINDS.filter(({ name }) => values.only === undefined || name.includes(values.only));
  const starts = { peer: exim === undefined ? undefined : await timed(peerCommand(exim), [""]), face: await timed(faceCommand(), [""]) };
  console.log(
    `start: ${[starts.peer, starts.face].map((start) => (start === undefined ? "-" : `${ms(start.wall)} (CPU ${ms(start.cpu)})`)).join(" and ")} ms\n`,
  );
  const rows: Row[] = [];
  if (values.only === undefined) rows.push(await measure("all kinds", mixed(COUNT, folder), COUNT, { engine, starts }));
  for (const { name, line, peerLines = 10_000 } of chosen) {
    const lines = Array.from({ length: COUNT }, (_, i) => line(i, folder));
    rows.push(await measure(name, lines, Math.round((peerLines * COUNT) / 10_000), { engine, starts }));
  }
  console.log(table(rows));
  await engine.close();
  if (values.only === undefined || "acl".includes(values.only)) console.log(`\n${await defaultAcl(folder)}`);
}

interface Tools {
  readonly engine: Engine;
  readonly starts: { readonly peer: Timed | undefined; readonly face: Timed };
}

async function measure(name: string, lines: readonly string[], peerLines: number, { engine, starts }: Tools): Promise<Row> {
  const forPeer = lines.slice(0, peerLines);
  const peer = exim === undefined ? undefined : await timed(peerCommand(exim), forPeer);
  const face = await timed(faceCommand(), lines);
  if (peer !== undefined) compare(name, peer.output, face.output, peerLines);
  return {
    name,
    peer: peer && starts.peer && costOf(peer, starts.peer, peerLines),
    face: costOf(face, starts.face, lines.length),
    engine: await inProcess(engine, lines, (line, scope) => engine.services.strings.expand(line, scope)),
    compiled: await compiledOnce(engine, lines),
  };
}

function peerCommand(path: string): string[] {
  return [path, "-C", join(folder, "conf"), "-bem", join(folder, "message.eml")];
}

function faceCommand(): string[] {
  const { node, script } = program();
  return [node, script, "exim", "-C", join(folder, "conf"), "-bem", join(folder, "message.eml")];
}

interface Timed extends Cost {
  readonly output: string;
}

/** The better of two runs, wall and CPU each: what others do on the machine only adds. */
async function timed(command: readonly string[], lines: readonly string[]): Promise<Timed> {
  const [first, second] = [await timedOnce(command, lines), await timedOnce(command, lines)];
  return { ...first, wall: Math.min(first.wall, second.wall), cpu: Math.min(first.cpu, second.cpu) };
}

/** The shell knows what its children used of the CPU. */
async function timedOnce(command: readonly string[], lines: readonly string[]): Promise<Timed> {
  const [input, output] = [join(folder, "in"), join(folder, "out")];
  writeFileSync(input, lines.map((line) => `${line}\n`).join(""), "latin1");
  const script = `TIMEFORMAT='%R %U %S'; time "$@" <'${input}' >'${output}' 2>'${output}.err'`;
  const { stderr } = await run("bash", ["-c", script, "bash", ...command], { limit: 600_000, env: { ...process.env, LC_ALL: "C" } });
  const [wall = 0, user = 0, system = 0] = stderr.trim().split(/\s+/).map(Number);
  return { wall: wall * 1000, cpu: (user + system) * 1000, output: readFileSync(output, "latin1") };
}

function costOf(whole: Cost, start: Cost, lines: number): Cost {
  const of = (total: number, before: number): number => (Math.max(0, total - before) * 1000) / lines;
  return { wall: of(whole.wall, start.wall), cpu: of(whole.cpu, start.cpu) };
}

/** What is fast and wrong is not worth measuring. */
function compare(name: string, peer: string, face: string, lines: number): void {
  const [theirs, ours] = [peer, face].map((output) => output.split("\n").slice(0, lines));
  const at = theirs?.findIndex((line, i) => line !== ours?.[i]) ?? -1;
  if (at >= 0) throw new Error(`${name}: line ${at + 1} differs:\n  ${theirs?.[at]}\n  ${ours?.[at]}`);
}

function newScope(engine: Engine): Scope {
  return engine.scopes.forSession(newSessionFacts({ hostLookup: "ok" }), readMessageFile(join(folder, "message.eml"), undefined));
}

/** Once to warm up, then the best of three. */
async function inProcess(engine: Engine, lines: readonly string[], expand: (line: string, scope: Scope) => unknown): Promise<Cost> {
  const rounds: Cost[] = [];
  for (let round = 0; round < 4; round++) {
    const scope = newScope(engine);
    const [began, used] = [performance.now(), process.cpuUsage()];
    for (const line of lines) {
      const result = expand(line, scope);
      if (isPromise(result)) await result;
    }
    const { user, system } = process.cpuUsage(used);
    rounds.push({ wall: ((performance.now() - began) * 1000) / lines.length, cpu: (user + system) / lines.length });
  }
  return rounds.slice(1).reduce((best, one) => (one.cpu < best.cpu ? one : best));
}

function compiledOnce(engine: Engine, lines: readonly string[]): Promise<Cost> {
  const templates = new Map(lines.map((line) => [line, compile(line)]));
  return inProcess(engine, lines, (line, scope) => templates.get(line)?.evaluate(scope));
}

function ms(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ name, peer, face, engine, compiled }) => {
    const ratio = (ours: number, theirs: number | undefined): string =>
      theirs === undefined || theirs === 0 ? "-" : (ours / theirs).toFixed(2);
    const theirs = peer === undefined ? ["-", "-"] : [ms(peer.wall), ms(peer.cpu)];
    const ratios = [ratio(face.wall, peer?.wall), ratio(face.cpu, peer?.cpu)];
    const own = [ms(engine.cpu), ms(compiled.cpu), ratio(compiled.cpu, peer?.cpu)];
    return `| ${[name, ...theirs, ms(face.wall), ms(face.cpu), ...ratios, ...own].join(" | ")} |`;
  });
  return [HEAD, ...lines].join("\n");
}
