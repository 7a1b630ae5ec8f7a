import test from "ava";
import { clean } from "@mailkit/sdk";
import { expand, world } from "./test-support.ts";

/** Seen on Exim 4.96. */
const CASES: readonly (readonly [source: string, expected: string])[] = [
  ["a}b", "a}b"],
  ["\\", "Failed: \\ at end of string"],
  ["a\\", "Failed: \\ at end of string"],
  ["$h_x", ""],
  ["$h_subject:", ""],
  ["$h_:", ""],
  ["$r_x", ""],
  ["$auth1", ""],
  ["$auth4", ""],
  ["$regex1", ""],
  ["$1a", "a"],
  ["$12345678901", ""],
  ["\\N$a\\b\\N\\$x", "$a\\b$x"],
  ["\\Nabc", "abc"],
  ["a\\N}\\Nb", "a}b"],
  ["\\q\\{\\}\\$", "q{}$"],
  ["$value", ""],
  ["$item", ""],
  ["$runrc", "0"],
  ["$h_a:b:c", "b:c"],
  ["$h_a b", " b"],
  ["$rheader_a:x", "x"],
  ["$lheader_x: y", " y"],
  ["$bh_x:", ""],
  ["$bheader_a:$lh_b:", ""],
  ["$header_x", ""],
  ["$h_", ""],
  ["a\\xfg|", "a\u000fg|"],
  ["a\\b\\f\\v\\a\\e|", "a\b\f\u000bae|"],
  ["\\1234", "S4"],
  ["\\477", "?"],
];

const settings = { headersCharset: "iso-8859-8", timezone: "UTC" };
const variables = { primary_hostname: clean("myhost.test.ex"), sender_host_port: clean("0") };

for (const [i, [source, expected]] of CASES.entries()) {
  test(`text ${i + 1}: ${source}`, async (t) => {
    t.is(await expand(source, world({ variables, settings })), expected);
  });
}
