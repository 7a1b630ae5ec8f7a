import test from "ava";
import * as fc from "fast-check";
import { compileRegex } from "./regex.ts";

const run = (source: string, subject: string, caseless = false): (string | undefined)[] | string | null => {
  const made = compileRegex(source, { caseless });
  if (!made.ok) return made.message;
  const found = made.regex.exec(subject);
  return found === null ? null : [...found];
};

const matches: readonly (readonly [string, string, (string | undefined)[] | null])[] = [
  ["b", "abc", ["b"]],
  ["^(a)(b)?(c)?$", "a", ["a", "a", undefined, undefined]],
  ["a$", "a\n", ["a"]],
  ["a\\z", "a\n", null],
  ["a\\Z", "a\n", ["a"]],
  ["^b", "a\nb", null],
  ["(?m)^b", "a\nb", ["b"]],
  [".", "\r", ["\r"]],
  ["^.$", "\u0085", ["\u0085"]],
  ["a.b", "a\nb", null],
  ["(?s)a.b", "a\nb", ["a\nb"]],
  ["(?i)É", "é", null],
  ["(?i)abc", "ABC", ["ABC"]],
  ["a(?i)b|c", "C", ["C"]],
  ["(a(?i)b)c", "aBC", null],
  ["(?i:a)b", "Ab", ["Ab"]],
  ["[[:alpha:]]+", "12ab3", ["ab"]],
  ["[^[:^digit:]]+", "ab12", ["12"]],
  ["[]a]+", "]a", ["]a"]],
  ["[^]a]", "]ab", ["b"]],
  ["[a\\-z]+", "b-", ["-"]],
  ["[\\w.-]+", "a.b-c d", ["a.b-c"]],
  ["\\s", "\u00a0", null],
  ["\\h", "\u00a0", ["\u00a0"]],
  ["a{2}", "aaa", ["aa"]],
  ["a{,2}", "a{,2}", ["a{,2}"]],
  ["a{x}", "a{x}", ["a{x}"]],
  ["(?>a*)a", "aaa", null],
  ["a*+b", "aaab", ["aaab"]],
  ["(a*+)(b)", "aab", ["aab", "aa", "b"]],
  ["(?>(a)|b)(c)", "ac", ["ac", "a", "c"]],
  ["(a)\\1", "aa", ["aa", "a"]],
  ["(?i)(a)\\1", "aA", ["aA", "a"]],
  ["(?<x>a)\\k<x>", "aa", ["aa", "a"]],
  ["(?P<x>a)(?P=x)", "aa", ["aa", "a"]],
  ["(a)\\g{-1}", "aa", ["aa", "a"]],
  ["\\Qa.b\\E+", "a.bb", ["a.bb"]],
  ["\\x41\\101\\t", "AA\t", ["AA\t"]],
  ["(?x) a b # c\n c", "abc", ["abc"]],
  ["a(?#no)b", "ab", ["ab"]],
  ["(?<=a)b(?!c)", "abd", ["b"]],
  ["a\\R", "a\r\n", ["a\r\n"]],
  ["a|b|", "x", [""]],
  ["(a|b)c|d", "bc", ["bc", "b"]],
];
for (const [source, subject, expected] of matches) {
  test(`${source} on ${JSON.stringify(subject)}`, (t) => {
    t.deepEqual(run(source, subject), expected);
  });
}

const faults: readonly (readonly [string, string])[] = [
  ["(", "missing closing parenthesis at offset 1"],
  ["[", "missing terminating ] for character class at offset 1"],
  [")", "unmatched closing parenthesis at offset 0"],
  ["*a", "quantifier does not follow a repeatable item at offset 0"],
  ["a\\", "\\ at end of pattern at offset 2"],
  ["[b-a]", "range out of order in character class at offset 3"],
  ["(?R)", "recursion are not supported here at offset 2"],
  ["(a)\\g{x}", "reference to non-existent subpattern at offset 8"],
];
for (const [source, message] of faults) {
  test(`fault ${source}`, (t) => {
    t.is(run(source, ""), `regular expression error in "${source}": ${message}`);
  });
}

function risky(source: string): boolean {
  const made = compileRegex(source);
  return made.ok && made.risky;
}

test("risky patterns are named", (t) => {
  t.true(risky("(a+)+$"));
  t.true(risky("(?:a|b*)*"));
  t.false(risky("a+b+"));
  t.false(risky("(?:a++)+"));
});

test("never throws, whatever the source", (t) => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."ab[]()?*+{}1,-^$\\|.:<>=!iPQER#x"), maxLength: 24 }), (source) => {
      const made = compileRegex(source);
      if (made.ok) made.regex.test("abab");
    }),
  );
  t.pass();
});
