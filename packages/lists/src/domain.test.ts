import test from "ava";
import { bench, type World } from "./test-support.ts";

const WORLD: World = {
  files: {
    "/f": "a.f # comment\n#all\n!b.f\n\n*.f\nfoo#c\n+dl\n@\n/other\n",
    "/lastneg": "a.f\n! sp.ex\n",
    "/empty": "# nothing\n",
  },
  lookups: {
    "lsearch;/lf;key.ex": "data of key",
    "lsearch;/lf;empty.ex": "",
    "lsearch;/lf;*.part.ex": "partial data",
    "lsearch;/lf;bad.ex": "defer:cannot open",
    "passwd;root": "*:0:0",
  },
  named: {
    "domain:neg": "!a.b",
    "domain:dl": "x.dl : *.y.dl : lsearch;/lf",
    "domain:forced": "$forced",
    "domain:dlv": "$domain : q.q",
  },
  expansions: {
    $forced: { kind: "forcedFailure", message: "forced" },
    "$domain : q.q": { kind: "value", text: "t.t : q.q", tainted: true },
    $bad: { kind: "error", message: "unknown variable", defer: false },
    $down: { kind: "error", message: "database is down", defer: true },
    $file: { kind: "value", text: "a : /f", tainted: true },
    $head: { kind: "value", text: "<, a, b.c", tainted: false },
    " $body": { kind: "value", text: "<, a; b.c", tainted: false },
    " $lines": { kind: "value", text: "a.a\nb.b\n", tainted: false },
  },
  mx: { "mx.ex": ["any", "primary"], "sec.ex": ["any", "secondary"] },
};

/** List, subject, result, value, `$0 $1 ...`. Most were seen on Exim 4.96 (ACL `domains`, `$domain_data`). */
const CASES: readonly (readonly [string, string, "yes" | "no", string?, (readonly string[])?])[] = [
  ["a.b : C.D", "a.b", "yes", "a.b", ["a.b"]],
  ["a.b : C.D", "c.d", "yes", "C.D", ["c.d"]],
  ["a.b : C.D", "A.B", "yes", "a.b", ["a.b"]],
  ["a.b : C.D", "x", "no"],
  ["", "a", "no"],
  [":", "", "yes", "", [""]],
  ["*.suf.ex", "A.suf.ex", "yes", "*.suf.ex", ["a.suf.ex", "a"]],
  ["*.suf.ex", "suf.ex", "no"],
  ["*x.q", "abx.q", "yes", "*x.q", ["abx.q", "ab"]],
  ["*", "x.y", "yes", "*", ["x.y", "x.y"]],
  ["^a", "abc", "yes", "^a", ["abc"]],
  ["\\N^(.)(.*)\\.re\\.ex$\\N", "Abc.re.ex", "yes", "^(.)(.*)\\.re\\.ex$", ["Abc.re.ex", "A", "bc"]],
  ["lsearch;/lf", "KEY.ex", "yes", "data of key", ["key.ex"]],
  ["lsearch;  /lf", "key.ex", "yes", "data of key", ["key.ex"]],
  ["lsearch;/lf", "empty.ex", "yes", "", ["empty.ex"]],
  ["lsearch;/lf", "a.b.part.ex", "no"],
  ["partial-lsearch;/lf", "a.b.part.ex", "yes", "partial data", ["a.b.part.ex", "a.b", "part.ex"]],
  ["partial-lsearch;/lf", "part.ex", "yes", "partial data", ["part.ex", "", "part.ex"]],
  ["passwd;root", "a", "yes", "*:0:0", ["a"]],
  ["@ : @[]", "myhost.ex", "yes", "MyHost.ex", ["myhost.ex"]],
  ["@ : @[]", "[127.0.0.1]", "yes", "@[]", ["[127.0.0.1]"]],
  ["@[]", "[IPv6:::1]", "yes", "@[]", ["[ipv6:::1]"]],
  ["@[]", "[1.2.3.4]", "no"],
  ["@mx_any", "mx.ex", "yes", "@mx_any", ["mx.ex"]],
  ["@mx_secondary", "mx.ex", "no"],
  ["<? @mx_primary/ignore=<;127.0.0.1;::1", "mx.ex", "yes", "@mx_primary/ignore=<;127.0.0.1;::1", ["mx.ex"]],
  ["@mx_secondary/ignored=1", "sec.ex", "no"],
  // Negation.
  ["!a.b", "x.y", "yes", undefined, []],
  ["!a.b", "a.b", "no"],
  ["!a.b.c : *.b.c", "a.b.c", "no"],
  ["!a.b.c : *.b.c", "x.b.c", "yes", "*.b.c", ["x.b.c", "x"]],
  ["!a.b.c : *.b.c", "q.q", "no"],
  ["a.b : ! x.y", "q.q", "yes", undefined, []],
  ["+neg : *.b", "x.y", "yes", undefined, []],
  ["+neg", "a.b", "no"],
  ["!+neg", "a.b", "yes", undefined, []],
  ["!+neg : *", "x.y", "no"],
  ["+dl", "X.dl", "yes", "x.dl", ["x.dl"]],
  ["+dl", "a.y.dl", "yes", "*.y.dl", ["a.y.dl", "a"]],
  ["+dl", "key.ex", "yes", "data of key", ["key.ex"]],
  // Files.
  ["/f", "a.f", "yes", "a.f", ["a.f"]],
  ["/f", "b.f", "no"],
  ["/f : *", "b.f", "no"],
  ["/f", "c.f", "yes", "*.f", ["c.f", "c"]],
  ["/f", "foo", "yes", "foo", ["foo"]],
  ["/f", "x.dl", "no"],
  ["/f", "+dl", "yes", "+dl", ["+dl"]],
  ["/lastneg", "q.q", "yes", undefined, []],
  ["/lastneg", "sp.ex", "no"],
  ["!/lastneg", "q.q", "no"],
  ["!/lastneg", "sp.ex", "yes", "sp.ex", ["sp.ex"]],
  ["/lastneg : zz", "q.q", "no"],
  ["!/empty", "q.q", "yes", undefined, []],
  ["! a : /empty", "q.q", "no"],
  ["/f", "myhost.ex", "yes", "MyHost.ex", ["myhost.ex"]],
  ["/f", "/other", "yes", "/other", ["/other"]],
  ["/f", "zzz", "no"],
  ["!/f", "a.f", "no"],
  ["!/f", "b.f", "yes", "b.f", ["b.f"]],
  ["!/f", "zzz", "yes", undefined, []],
  ["! /f : *", "zzz", "yes", "*", ["zzz", "zzz"]],
  ["/empty", "x", "no"],
  // Expansion.
  ["$forced", "x", "no"],
  ["!+forced", "x", "yes", undefined, []],
  ["+dlv", "t.t", "yes", "t.t", ["t.t"]],
  ["$head", "b.c", "yes", "b.c", ["b.c"]],
  ["<; $body", "b.c", "yes", "b.c", ["b.c"]],
  ["<; $body", "a", "no"],
  ["<\\n $lines", "b.b", "yes", "b.b", ["b.b"]],
  ["<- a - b--c", "b-c", "yes", "b-c", ["b-c"]],
];

for (const [source, domain, kind, data, numeric] of CASES) {
  test(`${source} | ${domain} => ${kind}`, (t) => {
    const { scope, list } = bench(WORLD);
    const result = list("domain", source).match(domain, scope);
    if (result instanceof Promise) return t.fail("must not wait");
    t.is(result.kind, kind);
    if (result.kind === "yes") {
      t.is(result.data?.text, data);
      t.deepEqual(
        scope.frame.numeric.map((group) => group.text),
        numeric ?? [],
      );
    }
  });
}

/** List, subject, kind, message: the texts are Exim's. */
const TROUBLE: readonly (readonly [string, string, "error" | "defer", string])[] = [
  ["+nope", "a", "error", 'unknown named domain list "+nope"'],
  ["nolookup;/x", "a", "error", 'unknown lookup type "nolookup"'],
  ["/missing", "a", "error", 'failed to open /missing when checking "/missing": No such file or directory'],
  ["! a : /missing", "b", "error", 'failed to open /missing when checking "! a : /missing": No such file or directory'],
  ["\\N^(\\N", "a", "error", "regular expression error: missing closing parenthesis at offset 2 while compiling ^("],
  ["$file", "a.f", "error", "Tainted filename '/f'"],
  ["$bad", "a", "error", 'failed to expand "$bad" while checking a list: unknown variable'],
  ["$down", "a", "defer", 'failed to expand "$down" while checking a list: database is down'],
  ["lsearch;/lf : *", "bad.ex", "defer", "cannot open"],
  ["!lsearch;/lf", "bad.ex", "defer", "cannot open"],
  ["+caseful : a", "a", "error", 'unknown named domain list "+caseful"'],
];

for (const [source, domain, kind, message] of TROUBLE) {
  test(`${source} | ${domain} => ${message}`, (t) => {
    const { scope, list } = bench(WORLD);
    t.like(list("domain", source).match(domain, scope), { kind, message });
  });
}

test("items before the trouble still decide", (t) => {
  const { scope, list } = bench(WORLD);
  t.like(list("domain", "a.b : +nope").match("a.b", scope), { kind: "yes" });
});

test("values from an expansion of tainted text are tainted, values of lookups are not", (t) => {
  const { scope, list } = bench(WORLD);
  t.like(list("domain", "+dlv").match("t.t", scope), { data: { text: "t.t", tainted: true } });
  t.like(list("domain", "a.b").match("a.b", scope), { data: { text: "a.b", tainted: false } });
  t.like(list("domain", "lsearch;/lf").match("key.ex", scope), { data: { text: "data of key", tainted: false } });
  t.true(scope.frame.numeric.every((group) => group.tainted));
});

test("faults that can be seen at load", (t) => {
  const { list } = bench(WORLD);
  t.deepEqual(list("domain", "a : \\N^(\\N").faults, [
    { item: "^(", message: "regular expression error: missing closing parenthesis at offset 2 while compiling ^(" },
  ]);
  t.deepEqual(list("domain", "a : *.b : lsearch;/x").faults, []);
});

test("a long run of literals keeps order, sense and position", (t) => {
  const { scope, list } = bench(WORLD);
  const names = Array.from({ length: 200 }, (_, i) => `D${i}.ex`);
  const many = list("domain", `!d7.ex : ${names.join(" : ")} : *.zz : !*.ex`);
  t.like(many.match("d7.ex", scope), { kind: "no", item: "!d7.ex" });
  t.like(many.match("d8.EX", scope), { kind: "yes", item: "D8.ex", data: { text: "D8.ex", tainted: false } });
  t.is(scope.frame.numeric[0]?.text, "d8.ex");
  t.like(many.match("d200.ex", scope), { kind: "no", item: "!*.ex" });
  t.like(many.match("a.zz", scope), { kind: "yes", item: "*.zz" });
  t.like(list("domain", `${names.join(" : ")} : D8.ex`).match("other", scope), { kind: "no" });
});
