import test from "ava";
import { testForwardFile } from "./forward-test.ts";

const NOTHING = "exim: no addresses generated from forward file\n";
const shown = (items: string): string => `exim: forward file generated:\n${items}`;
const error = (message: string): string => `exim: error in forward file: ${message}\n`;

const cases: readonly [string, boolean, string][] = [
  ["a@b, c@d", true, shown("  c@d\n  a@b\n")],
  ['|/bin/cat, /tmp/x, "a b"@c', true, shown('  "a b"@c\n  /tmp/x\n  |/bin/cat\n')],
  ["plain, /dir/, \\foo", true, shown("  foo@q.ex\n  /dir/\n  plain@q.ex\n")],
  ["", true, NOTHING],
  ["# comment\n", true, NOTHING],
  [":blackhole:", true, `exim: forwardfile contains ":blackhole:"\n${NOTHING}`],
  [":defer: xx", false, error('":defer: xx" is not permitted')],
  [":fail: yy", false, error('":fail: yy" is not permitted')],
  ["a@@b, c@d", false, error('domain missing or malformed in "a@@b"')],
  ["a@b, :unknown:", true, shown("  a@b\n")],
  [":include:/in, x@y", true, shown("  x@y\n  in@cluded\n")],
  [":include:/loop", false, error("failed to open included file /loop")],
];
for (const [text, ok, printed] of cases) {
  test(JSON.stringify(text), (t) => {
    const files: Record<string, string> = { "/in": "in@cluded\n", "/loop": ":include:/loop" };
    t.deepEqual(
      testForwardFile(text, "q.ex", (path) => files[path]),
      { ok, text: printed },
    );
  });
}
