import test from "ava";
import { isTimeToCollect, type MemoryLook } from "./idle-memory.ts";

const MIB = 1024 * 1024;
const CASES: readonly [title: string, after: number, look: MemoryLook, expected: boolean][] = [
  ["after a burst, when it is quiet", 12, { sessions: 2000, busy: 0.01, held: 60, used: 28 }, true],
  ["not while something is done", 12, { sessions: 2000, busy: 0.3, held: 60, used: 28 }, false],
  ["not again when nothing has grown", 28, { sessions: 2000, busy: 0, held: 30, used: 27 }, false],
  ["not for a few MiB", 28, { sessions: 2000, busy: 0, held: 35, used: 30 }, false],
  ["a large heap waits for more than a small one", 160, { sessions: 2000, busy: 0, held: 190, used: 150 }, false],
  ["a large heap that has grown by a quarter of what is used", 140, { sessions: 2000, busy: 0, held: 190, used: 150 }, true],
  ["never when it would take long", 200, { sessions: 2000, busy: 0, held: 900, used: 600 }, false],
  ["not for a few sessions", 12, { sessions: 50, busy: 0, held: 60, used: 28 }, false],
];

for (const [title, after, look, expected] of CASES)
  test(`a collection in a quiet moment: ${title}`, (t) => {
    t.is(isTimeToCollect({ after: after * MIB }, { ...look, held: look.held * MIB, used: look.used * MIB }), expected);
  });
