import test from "ava";
import * as fc from "fast-check";
import { parseItem, parseList, parseListFile } from "./parse-list.ts";
import { printItem, printList } from "./syntax.ts";
import { bench, type World } from "./test-support.ts";

const KINDS = ["domain", "host", "address", "localpart"] as const;

const WORLD: World = {
  named: {
    "domain:plain": "a.b : lsearch;/lf",
    "domain:outer": "+plain : x.y",
    "domain:dollar": "$list",
    "domain:over": "+dollar : x.y",
    "domain:kept": "$list",
    "domain:loop": "+loop",
    "domain:down": "lsearch;/down",
    "address:senders": "*@+plain : *@+dollar",
  },
  cached: new Set(["domain:kept"]),
  expansions: { $list: { kind: "value", text: "k.k", tainted: false } },
  lookups: { "lsearch;/lf;key.ex": "data", "lsearch;/down;x": "defer:down" },
};

test("results of named lists are kept when nothing in them can change", (t) => {
  const { scope, list, asked } = bench(WORLD);
  const outer = list("domain", "+outer");
  const first = outer.match("key.ex", scope);
  t.like(first, { kind: "yes", data: { text: "data" } });
  t.like(outer.match("key.ex", scope), { kind: "yes", data: { text: "data" } });
  t.like(list("domain", "!+plain : *").match("key.ex", scope), { kind: "no" });
  t.is(asked.length, 1);
  t.is(scope.frame.numeric[0]?.text, "key.ex");
  outer.match("other.ex", scope);
  t.is(asked.length, 2);
});

test("a list with $ is asked again each time, also when it is deep inside, unless it is marked _cache", (t) => {
  const { scope, list, evaluated } = bench(WORLD);
  for (let i = 0; i < 3; i++) list("domain", "+over").match("k.k", scope);
  t.is(evaluated.get("$list"), 3);
  for (let i = 0; i < 3; i++) list("domain", "+kept").match("k.k", scope);
  t.is(evaluated.get("$list"), 4);
  for (let i = 0; i < 3; i++) list("address", "+senders").match("u@k.k", scope);
  t.is(evaluated.get("$list"), 7);
});

test("a deferred lookup is not kept", (t) => {
  const { scope, list, asked } = bench(WORLD);
  t.like(list("domain", "+down").match("x", scope), { kind: "defer", message: "down" });
  t.like(list("domain", "+down").match("x", scope), { kind: "defer" });
  t.is(asked.length, 2);
});

test("a list that names itself is a fault, not an endless walk", (t) => {
  const { scope, list } = bench(WORLD);
  t.like(list("domain", "+loop").match("x", scope), { kind: "error", message: 'named domain list "+loop" refers to itself' });
});

test("case is part of what is kept", (t) => {
  const { scope, list } = bench({ named: { "localpart:lp": "Joe", "address:al": "Joe@x.y" } });
  t.like(list("localpart", "+lp").match("joe", scope), { kind: "yes" });
  t.like(list("localpart", "+caseful : +lp").match("joe", scope), { kind: "no" });
  t.like(list("address", "+al").match("joe@x.y", scope), { kind: "yes" });
  t.like(list("address", "+caseful : +al").match("joe@x.y", scope), { kind: "no" });
});

test("the tracer hears which item decided, and where", (t) => {
  const world: World = { files: { "/f": "# c\nb.b\n" }, named: { "domain:dl": "!x.x : /f" } };
  const { scope, list, events } = bench(world, true);
  const at = { file: "conf", line: 7, column: 3 };
  t.like(list("domain", "a.a : /f", { at }).match("b.b", scope), { kind: "yes", at: { file: "/f", line: 2, column: 1 } });
  list("domain", "a.a : !b.b", { at }).match("b.b", scope);
  list("domain", "+dl").match("b.b", scope);
  list("domain", "a.a").match("b.b", scope);
  list("domain", "+nope").match("b.b", scope);
  t.deepEqual(
    events.map((event) => (event.kind === "list" ? [event.list, event.result, event.item, event.at?.file, event.at?.line] : [])),
    [
      ["a.a : /f", "yes", "b.b", "/f", 2],
      ["a.a : !b.b", "no", "!b.b", "conf", 7],
      // A named list tells of its own item first.
      ["+dl", "yes", "b.b", "/f", 2],
      ["+dl", "yes", "+dl", "/f", 2],
      ["a.a", "no", undefined, undefined, undefined],
      ["+nope", "defer", 'unknown named domain list "+nope"', undefined, undefined],
    ],
  );
});

test("an expanded list is parsed once for each text", (t) => {
  const { scope, list, evaluated } = bench(WORLD);
  const compiled = list("domain", "$list");
  t.like(compiled.match("k.k", scope), { kind: "yes" });
  t.like(compiled.match("x", scope), { kind: "no" });
  t.is(evaluated.get("$list"), 2);
  t.is(list("domain", "a.b : c.d").match("x", scope) instanceof Promise, false);
  t.is(evaluated.get("a.b : c.d"), undefined);
});

const WORD = fc.string({
  unit: fc.constantFrom(
    "a",
    "b",
    ".",
    "*",
    "@",
    "+",
    "!",
    "^",
    "/",
    ";",
    ":",
    "[",
    "]",
    "1",
    "-",
    " ",
    "mx_any",
    "net24-",
    "lsearch",
    "caseful",
  ),
});

test("what is parsed prints as it was written", (t) => {
  fc.assert(
    fc.property(fc.constantFrom(...KINDS), WORD, (kind, word) => {
      const text = word.trim();
      const item = parseItem(kind, text);
      t.is(printItem(item), text.startsWith("!") ? `!${text.slice(1).trimStart()}` : text);
    }),
  );
});

test("a printed list parses to the same items", (t) => {
  fc.assert(
    fc.property(fc.constantFrom(...KINDS), fc.array(WORD), fc.constantFrom(":", ";", ","), (kind, words, separator) => {
      const parsed = parseList(kind, words.join(separator), separator);
      const again = parseList(kind, printList(parsed));
      t.deepEqual(
        again.items.map((item) => [item.negated, item.pattern]),
        parsed.items.map((item) => [item.negated, item.pattern]),
      );
    }),
  );
});

test("any text is a list that can be matched", (t) => {
  const { scope, list } = bench({});
  fc.assert(
    fc.property(WORD, WORD, (source, subject) => {
      for (const kind of ["domain", "address", "localpart"] as const) {
        const result = list(kind, source).match(subject, scope);
        t.false(result instanceof Promise);
      }
      list("host", source).match({ address: "1.2.3.4", names: () => ({ kind: "names", names: [subject] }) }, scope);
    }),
  );
});

test("files are read at any text", (t) => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(...KINDS), (text, kind) => parseListFile(kind, text, "/f").every((item) => item.text !== "")),
  );
  t.pass();
});
