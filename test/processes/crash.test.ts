/** Nothing that got its 250 is lost when processes are killed under load: a short run; `scripts/crash.ts` runs longer ones. */
import test from "ava";
import { crash, targetsFor } from "../crash/harness.ts";

for (const workers of [1, 2]) {
  test.serial(`killed again and again under load, ${workers} worker${workers > 1 ? "s" : ""}: nothing lost, nothing damaged`, async (t) => {
    const report = await crash(t, {
      seed: 20261124 + workers,
      seconds: 8,
      workers,
      connections: 8,
      longest: 1200,
      targets: targetsFor(workers),
    });
    t.log(`${report.acknowledged} acknowledged, killed ${JSON.stringify(report.strikes)}, ${report.duplicates} duplicates`);
    t.true(report.acknowledged > 20, "there was a load");
    t.deepEqual(report.lost, []);
    t.deepEqual(report.damaged, []);
    t.deepEqual(report.unexplained, []);
    t.deepEqual(report.panics, []);
  });
}
