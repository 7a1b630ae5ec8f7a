import test from "ava";
import fc from "fast-check";
import { cellsOf, cut, fit } from "./cells.ts";

test("cells", (t) => {
  t.deepEqual(["abc", "é", "e\u0301", "日本", "📧", ""].map(cellsOf), [3, 1, 1, 4, 2, 0]);
});

test("cut", (t) => {
  t.is(cut("abcdef", 4), "abc…");
  t.is(cut("abcd", 4), "abcd");
  t.is(cut("日本語", 4), "日…");
  t.is(cut("abcdef", 4, "..."), "a...");
  t.is(cut("abcdef", 0), "");
});

test("fit is always as wide as asked", (t) => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 0, max: 100 }), (text, width) => cellsOf(fit(text, width)) === width),
  );
  t.pass();
});
