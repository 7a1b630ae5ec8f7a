import test from "ava";
import { bench, type World } from "./test-support.ts";

const WORLD: World = {
  files: {
    "/f": "Ad@x.y\n!bd@x.y\nj#k@x.y # foo\n*.file.ex\nbare.ex\n*@+dl\n#c@d\n",
    "/named": "+dl\n",
    "/loc": "Lp1\n!lp2\n*suf\n^re.*\nx#y   # c\n#z\n",
  },
  lookups: {
    "lsearch;/lf;joe@x.y": "joe data",
    "lsearch;/lf;*@z.z": "zz data",
    "lsearch;/lf;key.ex": "data of key",
    "lsearch;/lf;*.part.ex": "partial data",
    "lsearch;/at;aol.ex": "sp : !good : ^[0-9]+$ : >*",
    "lsearch;/at;neg.ex": "!postmaster",
    "lsearch;/at;loop.ex": "a : >loop.ex",
    "lsearch;/at;cf.ex": "+caseful : Abc",
    "lsearch;/at;q.ex": "lsearch;/lk : *x",
    "lsearch;/at;*": "last",
    "lsearch;/lk;a": "1",
    "passwd;root": "sp : >*",
  },
  named: {
    "domain:dl": "x.dl : *.y.dl : lsearch;/lf",
    "address:al": "+caseful : Joe@x.y",
    "address:al2": "Joe@x.y : Foo@x.z",
    "localpart:lp": "Joe : *Suf",
  },
};

/** List, sender, result, `$sender_data`: seen on Exim 4.96. */
const CASES: readonly (readonly [string, string, "yes" | "no" | "error", string?])[] = [
  ["a@B.C", "A@b.c", "yes", "a@B.C"],
  ["*@D.e", "U@d.E", "yes", "*@D.e"],
  ["F.g", "v@f.G", "yes", "@F.g"],
  ["*.h.i", "v@a.h.I", "yes", "@*.h.i"],
  ["*.h.i", "v@h.i", "no"],
  ["*x@k.l", "UX@K.l", "yes", "*x@k.l"],
  ["^Z.*@", "zz@q.q", "yes", undefined],
  ["a@B.C : *@D.e : F.g : *.h.i : *x@k.l : ^Z.*@", "", "no"],
  ["", "", "no"],
  [":", "", "yes", undefined],
  [":", "a@b", "no"],
  ["!:", "", "no"],
  ["!:", "a@b", "yes", undefined],
  ["\\N^$\\N", "", "yes", undefined],
  ["*", "", "no"],
  ["*", "a@b", "yes", "@*"],
  ["*@*", "", "no"],
  ["a@ : *@ : @", "a@", "no"],
  ["*@*", "a@b", "yes", "*@*"],
  ["*bar*@a.f", "u@a.f", "no"],
  ["@a.f : a@", "u@a.f", "no"],
  ["*@@", "u@myhost.ex", "yes", "*@MyHost.ex"],
  ["u@@", "u@myhost.ex", "yes", "u@MyHost.ex"],
  ["u@@[]", "u@[127.0.0.1]", "yes", "u@@[]"],
  ['"a b"@c.d', '"a b"@c.d', "yes", '"a b"@c.d'],
  ["*@+dl", "a@x.dl", "yes", "*@x.dl"],
  ["*@+dl", "a@key.ex", "yes", "*@data of key"],
  ["*@+dl", "a@other", "no"],
  ["lsearch*@;/lf", "Joe@X.y", "yes", "joe data"],
  ["lsearch*@;/lf", "q@z.z", "yes", "zz data"],
  ["!+caseful : a@b", "a@b", "error"],
  ["lsearch;/lf", "", "no"],
  ["partial-lsearch;/lf", "a@a.part.ex", "no"],
  ["*@lsearch;/lf", "joe@key.ex", "yes", "*@data of key"],
  ["*@partial-lsearch;/lf", "joe@a.part.ex", "yes", "*@partial data"],
  ["passwd;root", "", "yes", "sp : >*"],
  // Case.
  ["+al", "joe@x.y", "no"],
  ["+al", "Joe@X.Y", "yes", "Joe@x.y"],
  ["+caseful : +al2", "joe@x.y", "no"],
  ["+caseful : +al2", "Joe@X.Y", "yes", "Joe@x.y"],
  ["+caseful : Joe@x.y : ^Zed@q.q", "Zed@Q.q", "yes", undefined],
  ["+caseful : Joe@x.y : ^Zed@q.q", "zed@q.q", "no"],
  ["+caseful : *Fo@r.s", "JFo@r.s", "yes", "*Fo@r.s"],
  ["+caseful : *Fo@r.s", "jfo@r.s", "no"],
  ["+caseful : X@Y.Z", "X@Y.Z", "no"],
  ["F.g : +caseful", "u@f.g", "yes", "@F.g"],
  ["+caseful", "u@f.g", "no"],
  ["!a@b : +caseful", "u@f.g", "yes", undefined],
  // Files.
  ["/f", "AD@x.y", "yes", "Ad@x.y"],
  ["/f", "bd@x.y", "no"],
  ["!/f", "bd@x.y", "yes", "bd@x.y"],
  ["/named", "u@x.dl", "yes", "@x.dl"],
  ["/named", "u@q.q", "no"],
  // Without a domain nothing but expressions and lookups match.
  ["*@* : * : joe", "joe", "no"],
  ["/f", "j#k@x.y", "yes", "j#k@x.y"],
  ["/f", "u@a.file.ex", "yes", "@*.file.ex"],
  ["/f", "u@bare.ex", "yes", "@bare.ex"],
  ["/f", "u@x.dl", "yes", "*@x.dl"],
  ["/f", "c@d", "no"],
  // @@
  ["@@lsearch;/at", "sp@aol.ex", "yes", "sp"],
  ["@@lsearch;/at", "SP@Aol.ex", "yes", "sp"],
  ["@@lsearch;/at", "good@aol.ex", "no"],
  ["@@lsearch;/at : *@aol.ex", "good@aol.ex", "no"],
  ["@@lsearch;/at", "12@aol.ex", "yes", "^[0-9]+$"],
  ["@@lsearch;/at", "zz@aol.ex", "no"],
  ["@@lsearch;/at", "last@aol.ex", "yes", "last"],
  ["@@lsearch;/at", "x@neg.ex", "no"],
  ["@@lsearch;/at", "Abc@cf.ex", "yes", "Abc"],
  ["@@lsearch;/at", "A@q.ex", "yes", "1"],
  ["@@lsearch;/at", "zx@q.ex", "yes", "*x"],
  ["@@lsearch*;/at", "last@zz.ex", "yes", "last"],
  ["@@lsearch*;/at", "", "no"],
  ["!@@lsearch*;/at", "last@zz.ex", "no"],
  ["!@@lsearch*;/at", "q@zz.ex", "yes", undefined],
  // A query's answer is one list: no chaining.
  ["@@passwd;root", ">*@x", "yes", ">*"],
  ["@@lsearch", "u@a.f", "no"],
];

for (const [source, sender, kind, data] of CASES) {
  test(`${source} | ${sender} => ${kind} ${data}`, (t) => {
    const { scope, list } = bench(WORLD);
    const result = list("address", source).match(sender, scope);
    if (result instanceof Promise) return t.fail("must not wait");
    t.is(result.kind, kind);
    if (result.kind === "yes") t.is(result.data?.text, data);
    t.deepEqual(scope.frame.numeric, []);
  });
}

test("trouble, in Exim's words", (t) => {
  const { scope, list } = bench(WORLD);
  const match = (source: string, address: string) => list("address", source).match(address, scope);
  t.like(match("@@lsearch;/at", "b@loop.ex"), {
    kind: "error",
    message: "Loop detected in lookup of local part of b@loop.ex in @@lsearch;/at",
  });
  t.like(match("a@loop.ex : @@lsearch;/at", "a@loop.ex"), { kind: "yes" });
  t.like(match("+dl", "u@x.dl"), { kind: "error", message: 'unknown named address list "+dl"' });
  t.like(match("*@+al", "u@x.dl"), { kind: "error", message: 'unknown named domain list "+al"' });
  t.like(match("foo;bar", "u@a.f"), { kind: "error", message: 'unknown lookup type "foo"' });
  t.like(match("@@foo;bar", "u@a.f"), { kind: "error", message: 'unknown lookup type "foo"' });
});

/** Manual §"Rewriting patterns". */
const CAPTURES: readonly (readonly [string, string, readonly string[]])[] = [
  ["*queen@*.fict.example", "hearts-queen@wonderland.fict.example", ["hearts-queen@wonderland.fict.example", "hearts-", "wonderland"]],
  ["alice@*.fict.example", "alice@w.fict.example", ["alice@w.fict.example", "w"]],
  ["*@a.b", "Foo@a.b", ["Foo@a.b", "Foo"]],
  ["*@partial-lsearch;/lf", "foo@bar.part.ex", ["foo@bar.part.ex", "foo", "bar", "part.ex"]],
  ["*@partial-lsearch;/lf", "foo@part.ex", ["foo@part.ex", "foo", "", "part.ex"]],
  ["^(..)b@(.*)$", "aab@c.d", ["aab@c.d", "aa", "c.d"]],
  ["a@b.c", "a@b.c", ["a@b.c"]],
];

for (const [source, address, numeric] of CAPTURES) {
  test(`captures of ${source} for ${address}`, (t) => {
    const { scope, list } = bench(WORLD);
    t.like(list("address", source, { captures: true, caseful: true }).match(address, scope), { kind: "yes" });
    t.deepEqual(
      scope.frame.numeric.map((group) => group.text),
      numeric,
    );
  });
}

test("case counts from the start when asked for", (t) => {
  const { scope, list } = bench(WORLD);
  t.like(list("address", "Joe@x.y", { caseful: true }).match("joe@x.y", scope), { kind: "no" });
  t.like(list("address", "Joe@x.y", { caseful: true }).match("Joe@X.Y", scope), { kind: "yes" });
});

/** Local part lists: subject, result, value, `$0 $1`. */
const LOCAL: readonly (readonly [string, string, "yes" | "no", string?, (readonly string[])?])[] = [
  ["Joe : *Suf : ^re(.)", "jOE", "yes", "Joe", ["joe"]],
  ["Joe : *Suf : ^re(.)", "AbSUF", "yes", "*Suf", ["absuf", "ab"]],
  ["Joe : *Suf : ^re(.)", "REx", "yes", "^re(.)", ["REx", "x"]],
  ["+caseful : Joe : *Suf : ^re(.)", "jOE", "no"],
  ["+caseful : Joe : *Suf : ^re(.)", "Joe", "yes", "Joe", ["Joe"]],
  ["+caseful : Joe : *Suf : ^re(.)", "AbSuf", "yes", "*Suf", ["AbSuf", "Ab"]],
  ["+caseful : Joe : *Suf : ^re(.)", "REx", "no"],
  ["+lp", "abSUF", "yes", "*Suf", ["absuf", "ab"]],
  ["+caseful : +lp", "jOE", "no"],
  ["+caseful : +lp", "Joe", "yes", "Joe", ["Joe"]],
  ["@ : @[]", "@", "yes", "@", ["@"]],
  ["@mx_any", "@mx_any", "yes", "@mx_any", ["@mx_any"]],
  ["/loc", "LP1", "yes", "Lp1", ["lp1"]],
  ["/loc", "lp2", "no"],
  ["/loc", "x#y", "yes", "x#y", ["x#y"]],
  ["/loc", "#z", "no"],
  ["lsearch;/lk", "A", "yes", "1", ["a"]],
  [":a", "", "yes", "", [""]],
];

for (const [source, local, kind, data, numeric] of LOCAL) {
  test(`local part list ${source} | ${local} => ${kind}`, (t) => {
    const { scope, list } = bench(WORLD);
    const result = list("localpart", source).match(local, scope);
    if (result instanceof Promise) return t.fail("must not wait");
    t.is(result.kind, kind);
    if (result.kind === "yes") t.is(result.data?.text, data);
    t.deepEqual(
      scope.frame.numeric.map((group) => group.text),
      numeric ?? [],
    );
  });
}

test("caseful_local_part makes the whole list caseful", (t) => {
  const { scope, list } = bench(WORLD);
  t.like(list("localpart", "XYZ").matchCaseful("xyz", scope), { kind: "no" });
  t.like(list("localpart", "XYZ").matchCaseful("XYZ", scope), { kind: "yes" });
  t.like(list("localpart", "XYZ").match("xyz", scope), { kind: "yes" });
});
