import test from "ava";
import { parseBdat } from "./command.ts";

/** Argument of BDAT, size and whether it is the last chunk; undefined = refused. */
const CHUNKS: readonly (readonly [string, number?, boolean?])[] = [
  ["0", 0, false],
  ["86 LAST", 86, true],
  ["86 last ", 86, true],
  ["86  LAST", 86, true],
  ["86 LAST more", 86, false],
  ["999999999999999", 999_999_999_999_999, false],
  [""],
  ["LAST"],
  ["-1"],
  ["1x"],
  ["0x10"],
  // Its first digits are another number: what follows would be read as commands, or commands as data.
  ["9999999999999999"],
  ["99999999999999999999 LAST"],
];

for (const [argument, size, last] of CHUNKS) {
  test(`BDAT ${argument.replaceAll(" ", "_")}`, (t) => {
    t.deepEqual(parseBdat(argument), size === undefined ? undefined : { size, last: last as boolean });
  });
}
