/**
 * Long crash runs: `scripts/crash.ts [--seconds 300] [--seed N] [--workers N] [--connections N] [--longest MS]
 * [--kill server,worker,supervisor,helper] [--rounds N] [--quiet]`. Exit code 1 when a message was lost or damaged, or
 * came twice without a crash in its window.
 */
import { parseArgs } from "node:util";
import { crash, targetsFor } from "../test/crash/harness.ts";
import type { Target } from "../test/crash/plan.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "300" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    workers: { type: "string", default: "2" },
    connections: { type: "string", default: "16" },
    longest: { type: "string", default: "3000" },
    rounds: { type: "string", default: "1" },
    kill: { type: "string" },
    quiet: { type: "boolean", default: false },
  },
});
const workers = Number(values.workers);
const targets = values.kill === undefined ? targetsFor(workers) : (values.kill.split(",") as Target[]);

for (let round = 0; round < Number(values.rounds); round++) {
  const seed = Number(values.seed) + round;
  console.log(`seed ${seed}, ${values.seconds} s, ${workers} workers, killing ${targets.join(", ")}`);
  const undo: (() => void | Promise<void>)[] = [];
  try {
    const report = await crash(
      { teardown: (work) => void undo.push(work) },
      {
        seed,
        workers,
        targets,
        seconds: Number(values.seconds),
        connections: Number(values.connections),
        longest: Number(values.longest),
        ...(values.quiet ? {} : { tell: (line: string) => console.log(`  ${line}`) }),
      },
    );
    console.log(JSON.stringify(report, undefined, 2));
    const bad = report.lost.length + report.damaged.length + report.unexplained.length + report.panics.length;
    if (bad > 0) process.exitCode = 1;
  } finally {
    for (const work of undo.reverse()) await work();
  }
}
