import { randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import { openPartition } from "../partition.ts";
import { envelopeOf, HEADERS, idOf } from "./fixtures.ts";

/**
 * Child of the kill test: accepts and settles messages without end, says on stdout what was acknowledged (`+n`) and
 * what was ended (`-n`, before the call: `~n`), until it is killed.
 */
const directory = process.argv[2] as string;
let n = Number(process.argv[3]);
const result = await openPartition({
  directory,
  clock: { now: Date.now },
  random: { octets: randomBytes },
  segmentSize: 60_000,
  preallocate: 8192,
  inlineLimit: 3000,
});
if (result.kind !== "open") throw new Error(result.message);
const { partition } = result;
const say = (text: string): void => void writeSync(1, `${text}\n`);
await Promise.all(
  Array.from({ length: 8 }, async () => {
    for (;;) {
      const mine = n++;
      await partition.accept({
        envelope: envelopeOf(idOf(mine)),
        headers: HEADERS,
        body: Buffer.from(`body ${mine}\n`.repeat(mine % 500)),
      });
      say(`+${mine}`);
      if (mine % 3 === 0) continue;
      say(`~${mine}`);
      await partition.record(idOf(mine), [{ kind: "done", addresses: ["c@d.example"] }], { last: true });
      say(`-${mine}`);
    }
  }),
);
