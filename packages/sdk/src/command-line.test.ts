import test from "ava";
import fc from "fast-check";
import { splitCommand } from "./command-line.ts";

const CASES: readonly (readonly [string, readonly string[]])[] = [
  ["/bin/cmd a  b", ["/bin/cmd", "a", "b"]],
  [" '/bin/cmd${if eq{a}{b} {1}{2}}' x", ["/bin/cmd${if eq{a}{b} {1}{2}}", "x"]],
  ['sh -c "echo \\"x\\" \\\\$y"', ["sh", "-c", 'echo "x" \\$y']],
  ['"a\\tb\\101\\x42"', ["a\tbAB"]],
  ["a'b c' d", ["a'b", "c'", "d"]],
  ["", []],
  ["'' \"\"", ["", ""]],
];

for (const [source, words] of CASES) {
  test(`words of ${JSON.stringify(source)}`, (t) => {
    t.deepEqual(splitCommand(source), { words });
  });
}

test("a quote without end is a fault; nothing throws; words without specials come back", (t) => {
  t.deepEqual([splitCommand("a 'b"), splitCommand('a "b')], [{ fault: "no closing quote" }, { fault: "no closing quote" }]);
  fc.assert(fc.property(fc.string(), (source) => void splitCommand(source)));
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[^\s"']+$/), { maxLength: 5 }), (words) => {
      const read = splitCommand(words.join(" "));
      return "words" in read && JSON.stringify(read.words) === JSON.stringify(words);
    }),
  );
});
