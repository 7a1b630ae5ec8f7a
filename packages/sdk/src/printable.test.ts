import test from "ava";
import { fromUnicode, printable, printableAddress } from "./text.ts";

test("addresses keep Unicode; controls and broken octets are escaped in every case", (t) => {
  for (const name of ["føø@test.ex", "用户@例え.jp", "a😀@b", "plain@x"]) t.is(printableAddress(fromUnicode(name)), fromUnicode(name));
  t.is(printableAddress("a\nb\x1b@x"), printable("a\nb\x1b@x"));
  t.is(printableAddress("\xf8@x"), "\\370@x");
  t.is(printableAddress("\xc2\x85@x"), "\\302\\205@x", "a control of the upper half");
  t.is(printableAddress("\xc3\xa9\xc3@x"), "\xc3\xa9\\303@x");
});
