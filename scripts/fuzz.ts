/**
 * Long fuzz runs: `scripts/fuzz.ts TARGET [--minutes 10] [--seed N] [--round N]`, TARGET one of segment, control, config.
 * `--round` runs that round alone, to look at it. Exit code 1 when something did not hold; the input is kept in a file.
 */
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { randomOf, type FuzzRun } from "../test/fuzz/target.ts";
import { TARGETS } from "../test/fuzz/targets.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    round: { type: "string" },
  },
});
const target = TARGETS.find(({ name }) => name === positionals[0]);
if (target === undefined) {
  console.error(`error: what is to be fuzzed? ${TARGETS.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const seed = Number(values.seed);
const first = values.round === undefined ? 0 : Number(values.round);
const end = Date.now() + Number(values.minutes) * 60_000;
const undo: (() => void | Promise<void>)[] = [];
console.log(`${target.name}, seed ${seed}, ${values.round === undefined ? `${values.minutes} minutes` : `round ${first}`}`);
try {
  const run = await target.open({ teardown: (work) => void undo.push(work) });
  await rounds(run);
  await run.finish?.();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  for (const work of undo.reverse()) await work();
}

async function rounds(run: FuzzRun): Promise<void> {
  let slowest = { round: first, milliseconds: 0 };
  for (let round = first; ; round++) {
    let input: Buffer | undefined;
    const began = Date.now();
    try {
      await run.round(randomOf(seed, round), (octets) => (input = octets));
    } catch (error) {
      const path = join(tmpdir(), `fuzz-${target?.name}-${seed}-${round}`);
      if (input !== undefined) writeFileSync(path, input);
      console.error(
        `round ${round} fails; again with --seed ${seed} --round ${round}${input === undefined ? "" : `; its input is in ${path}`}`,
      );
      throw error;
    }
    const milliseconds = Date.now() - began;
    if (milliseconds > slowest.milliseconds) slowest = { round, milliseconds };
    if (values.round !== undefined || Date.now() >= end) {
      console.log(`${round - first + 1} rounds, nothing found; the slowest was ${slowest.round} with ${slowest.milliseconds} ms`);
      return;
    }
  }
}
