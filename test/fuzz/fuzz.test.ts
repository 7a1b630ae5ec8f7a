/** Some rounds of each target from a fixed seed; `scripts/fuzz.ts` runs them for as long as one likes. */
import test from "ava";
import { TARGETS } from "./targets.ts";
import { randomOf } from "./target.ts";

const SEED = 20261124;
const ROUNDS: Readonly<Record<string, number>> = { segment: 600, control: 60, config: 400 };

for (const target of TARGETS) {
  test(`fuzz: ${target.name}`, async (t) => {
    const run = await target.open(t);
    const rounds = ROUNDS[target.name] as number;
    for (let round = 0; round < rounds; round++) {
      try {
        await run.round(randomOf(SEED, round), () => {});
      } catch (error) {
        throw new Error(`scripts/fuzz.ts ${target.name} --seed ${SEED} --round ${round}`, { cause: error });
      }
    }
    await run.finish?.();
    t.pass();
  });
}
