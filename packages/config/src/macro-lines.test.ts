import test from "ava";
import { macroLines } from "./macro-lines.ts";

const file = { file: "exim.conf", line: 1, column: 1 };

test("lines typed at -be define and use macros", (t) => {
  const read = macroLines([{ name: "MYM", value: "hello", at: file }], { all: true });
  t.deepEqual(read("xMYMx"), { kind: "text", text: "xhellox" });
  t.deepEqual(read("NEW = world MYM"), { kind: "defined", name: "NEW" });
  t.deepEqual(read("<NEW>"), { kind: "text", text: "<world hello>" });
  t.deepEqual(read("NEW == again"), { kind: "defined", name: "NEW" });
  t.deepEqual(read("NEW = dup"), { kind: "fault", message: 'macro "NEW" is already defined (use "==" if you want to redefine it)' });
  t.deepEqual(read("low = 3"), { kind: "text", text: "low = 3" });
});

test("macros of the file are kept from callers who are no administrators", (t) => {
  const read = macroLines(
    [
      { name: "SECRET", value: "s3cret", at: file },
      { name: "_HAVE_TLS", value: "y" },
    ],
    { all: false },
  );
  t.deepEqual(read("SECRET _HAVE_TLS"), { kind: "text", text: "SECRET y" });
});
