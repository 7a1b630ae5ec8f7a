import test from "ava";
import fc from "fast-check";
import { readWords, splitData, splitRules } from "./rules.ts";

const RULES: readonly (readonly [string, string, readonly (readonly [string, string, string])[]])[] = [
  ["one rule", "* smarthost.example", [["*", "smarthost.example", ""]]],
  ["semicolons separate", "a.ex  h1:h2 ; b.ex h3", [["a.ex", "h1:h2", ""], ["b.ex", "h3", ""]]],
  ["a doubled one stands for itself", "lsearch;;/f  $value", [["lsearch;/f", "$value", ""]]],
  ["another separator", "<+ a.ex h1;h2 + b.ex h3", [["a.ex", "h1;h2", ""], ["b.ex", "h3", ""]]],
  ["empty rules do not count", "; a.ex h ; ;", [["a.ex", "h", ""]]],
  ["quotes keep spaces", '* "h1 : h2" byname', [["*", "h1 : h2", "byname"]]],
  ["escapes in quotes", '"a\\x2eex" "h\\t1\\"\\101"', [["a.ex", 'h\t1"A', ""]]],
  ["an open quote reaches to the end", '* "h1 h2', [["*", "h1 h2", ""]]],
  ["a pattern alone", "saved.ex", [["saved.ex", "", ""]]],
  ["words", "* h  randomize bydns   remote_smtp ", [["*", "h", "randomize bydns   remote_smtp"]]],
  ["nothing", "", []],
]; // prettier-ignore

for (const [why, source, rules] of RULES) {
  test(`rules: ${why}`, (t) => {
    t.deepEqual(
      splitRules(source),
      rules.map(([pattern, hosts, words]) => ({ pattern, hosts, words })),
    );
  });
}

test("route_data begins with the hosts", (t) => {
  t.deepEqual(splitData('"h1 : h2" randomize'), { hosts: "h1 : h2", words: "randomize" });
  t.deepEqual(splitData("h1:h2"), { hosts: "h1:h2", words: "" });
});

test("words", (t) => {
  const isTransport = (name: string) => name === "smtp1";
  t.deepEqual(readWords("", isTransport), {});
  t.deepEqual(readWords("smtp1 bydns randomize", isTransport), { transport: "smtp1", byName: false, byDns: true, randomize: true });
  t.deepEqual(readWords("byname ipv4_only no_randomize ipv4_prefer", isTransport), {
    byName: true,
    byDns: false,
    ipv4Only: true,
    randomize: false,
    ipv4Prefer: true,
  });
  t.deepEqual(readWords("randomize  foo bar", isTransport), { unknown: "foo bar" }, "with all that follows it");
});

test("reading is total", (t) => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", " ", '"', "\\", ";", "<", "x", "7", "\n") }), (source) => {
      for (const rule of splitRules(source)) t.true(typeof rule.pattern === "string" && rule.words === rule.words.trim());
      splitData(source);
      readWords(source, () => false);
    }),
  );
});
