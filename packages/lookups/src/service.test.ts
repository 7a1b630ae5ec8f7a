import test from "ava";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { defineLookup, makeScope, silent, tainted, type LookupResult, type LookupSpec, type Services } from "@mailkit/sdk";
import { buildCdb } from "./cdb.ts";
import { makeLookupService } from "./service.ts";
import { bench } from "./test-support.ts";

const FILE = "ex: exact\n*.ex: exw\n*.b.ex: bexw\n.dot.ex: dot\n*@d.ex: at\n*: star\n";

/** Type, key, result: as Exim 4.96 answers, with `$1` and `$2`. */
const FOUND: readonly (readonly [string, string, string, (readonly string[])?])[] = [
  ["lsearch*", "zz", "star", ["zz", ""]],
  ["lsearch*", "", "star", ["", ""]],
  ["lsearch*", "ex", "exact"],
  ["lsearch*@", "x@d.ex", "at", ["x", ""]],
  ["lsearch*@", "x@e.ex", "star", ["x@e.ex", ""]],
  ["partial-lsearch", "ex", "exact", ["", "ex"]],
  ["partial-lsearch", "b.ex", "bexw", ["", "b.ex"]],
  ["partial-lsearch", "q.w.b.ex", "bexw", ["q.w", "b.ex"]],
  ["partial1-lsearch", "q.ex", "exw", ["q", "ex"]],
  ["partial(.)lsearch", "a.dot.ex", "dot", ["a", "dot.ex"]],
  ["partial-lsearch*", "zz", "star", ["zz", ""]],
  ["partial0-lsearch", "zz", "star", ["zz", ""]],
];

for (const [type, key, text, captures] of FOUND) {
  test(`${type} ${key}`, (t) => {
    const expected = captures === undefined ? { kind: "found", text } : { kind: "found", text, captures };
    t.deepEqual(bench({ files: { "/a": FILE } }).find(type, key, "/a"), expected as LookupResult);
  });
}

test("a deferred key ends the search: a default must not hide trouble", (t) => {
  const { find } = bench({ files: { "/a": FILE } });
  t.like(find("partial-lsearch*", "a.b", "/nofile"), { kind: "defer" });
  t.like(find("partial-lsearch", "a.b", "/a"), { kind: "notFound" });
});

test("a name of a file from outside is refused, a key from outside is not", (t) => {
  const { find } = bench({ files: { "/a": FILE }, settings: {} });
  t.deepEqual(find("lsearch", "ex", tainted("/a")), {
    kind: "defer",
    message: "Tainted filename for search: '/a' (use a validated value such as $local_part_data or $domain_data)",
  });
  t.like(find("lsearch", tainted("ex"), "/a"), { kind: "found" });
  const refused = find("sqlite", tainted("/db select 1")) as LookupResult;
  t.true(refused.kind === "defer" && refused.message.startsWith("Tainted filename for search: '/db' "));
});

test("keys wait for drivers that wait", async (t) => {
  const slow = defineLookup({
    name: "slow",
    style: "single-key",
    find: async ({ key }) => (key === "*.c.d" ? { kind: "found", text: "late" } : { kind: "notFound" }),
  });
  const lookups = makeLookupService({ drivers: [slow], settings: () => undefined, host: {} as never });
  const scope = makeScope({ services: { trace: silent } as unknown as Services, sources: [] });
  const spec = lookups.parse("partial-slow*");
  if (typeof spec === "string") return t.fail(spec);
  t.deepEqual(await lookups.find(spec, { file: { text: "/f", tainted: false }, key: tainted("a.b.c.d") }, scope), {
    kind: "found",
    text: "late",
    captures: ["a.b", "c.d"],
  });
});

test("answers to queries are kept, deferrals are not, and cache=no_rd asks again", (t) => {
  let asked = 0;
  const counting = defineLookup({
    name: "counting",
    style: "query",
    find: ({ key }) => {
      asked++;
      return key === "down" ? { kind: "defer", message: "down" } : { kind: "found", text: `${key} ${asked}` };
    },
  });
  const lookups = makeLookupService({ drivers: [counting], settings: () => undefined, host: {} as never });
  const scope = makeScope({ services: { trace: silent } as unknown as Services, sources: [] });
  const find = (type: string, key: string) => {
    const spec = lookups.parse(type);
    return typeof spec === "string" ? spec : lookups.find(spec, { key: { text: key, tainted: false } }, scope);
  };
  t.like(find("counting", "q"), { text: "q 1" });
  t.like(find("counting", "q"), { text: "q 1" });
  t.like(find("counting,cache=no_rd", "q"), { text: "q 2" });
  t.like(find("counting", "down"), { kind: "defer" });
  t.like(find("counting", "down"), { kind: "defer" });
  t.is(asked, 4);
});

test("the tracer hears of each lookup", (t) => {
  const { find, events } = bench({ files: { "/a": FILE } }, true);
  find("lsearch", "ex", "/a");
  find("lsearch", "nope", "/a");
  find("testdb", "defer");
  t.deepEqual(
    events.map((event) => event.kind === "lookup" && [event.type, event.file, event.key, event.result, event.text]),
    [
      ["lsearch", "/a", "ex", "found", "exact"],
      ["lsearch", "/a", "nope", "notFound", undefined],
      ["testdb", undefined, "defer", "defer", "testdb lookup forced DEFER"],
    ],
  );
});

test("the tracer hears whether the answer was there already", (t) => {
  const { find, events } = bench({ files: { "/a": FILE } }, true);
  for (const key of ["ex", "nope"]) find("lsearch", key, "/a");
  for (const type of ["testdb", "testdb", "testdb,cache=no_rd"]) find(type, "x");
  find("passwd", "root");
  t.deepEqual(
    events.map((event) => event.kind === "lookup" && event.kept),
    [false, true, false, true, false, false],
  );
});

test("testdb and passwd", (t) => {
  const { find } = bench();
  t.like(find("testdb", "fail"), { kind: "notFound" });
  t.like(find("testdb", "x"), { kind: "found", text: "x" });
  t.like(find("passwd", tainted("root")), { kind: "found", text: "*:0:0:King Rat:/root:/bin/bash" });
  t.like(find("passwd", "nobody-here"), { kind: "notFound" });
});

test("quoting", (t) => {
  const { lookups } = bench();
  t.is(lookups.quote("sqlite", "a'b", undefined), "a''b");
  t.is(lookups.quote("lsearch", "a'b", undefined), undefined);
  t.is(lookups.quote("nosuch", "a", undefined), undefined);
});

/** Options, key, result: as Exim 4.96 answers (`key=path` is of 4.97). */
const DSEARCH: readonly (readonly [string, string, string, LookupResult])[] = [
  ["dsearch", "k", "/d", { kind: "found", text: "k" }],
  ["dsearch,ret=full", "k", "/d", { kind: "found", text: "/d/k" }],
  ["dsearch,ret=key", "k", "/d", { kind: "found", text: "k" }],
  ["dsearch,filter=dir", "k", "/d", { kind: "notFound" }],
  ["dsearch,filter=file", "k", "/d", { kind: "found", text: "k" }],
  ["dsearch,filter=dir", "sub", "/d", { kind: "found", text: "sub" }],
  ["dsearch,filter=subdir", "..", "/d", { kind: "notFound" }],
  ["dsearch,filter=zz", "k", "/d", { kind: "found", text: "k" }],
  ["dsearch", "nope", "/d", { kind: "notFound" }],
  ["dsearch", "", "/d", { kind: "notFound" }],
  ["dsearch", "k\0x", "/d", { kind: "notFound" }],
  ["dsearch", "a/b", "/d", { kind: "defer", message: "key for dsearch lookup contains a slash: a/b" }],
  ["dsearch,key=path", "sub/f", "/d", { kind: "found", text: "sub/f" }],
  ["dsearch,key=path", "sub/../k", "/d", { kind: "defer", message: "key for dsearch lookup contains bad component: sub/../k" }],
  ["dsearch", "k", "/nodir", { kind: "defer", message: "failed to open /nodir for directory search: No such file or directory" }],
  ["dsearch", "k", "/d/k", { kind: "defer", message: "failed to open /d/k for directory search: Not a directory" }],
];

for (const [type, key, file, expected] of DSEARCH) {
  test(`${type} ${key} in ${file}`, (t) => {
    const { find } = bench({ files: { "/d": null, "/d/k": "", "/d/sub": null, "/d/sub/f": "", "/d/..": null } });
    t.deepEqual(find(type, key, file), expected);
  });
}

test("cdb and the dbm types", (t) => {
  const plain = buildCdb([
    { key: "a", data: "1" },
    { key: "a", data: "2" },
    { key: "*.b.c", data: "wild" },
  ]).toString("latin1");
  const zeros = buildCdb([
    { key: "a\0", data: "1\0" },
    { key: "u\0r\0p\0", data: "jz" },
  ]).toString("latin1");
  const { find } = bench({ files: { "/p": plain, "/z.cdb": zeros, "/short": "a: 1\n" } });
  t.deepEqual(find("cdb", "a", "/p"), { kind: "found", text: "1" });
  t.like(find("partial-cdb", "x.b.c", "/p"), { text: "wild", captures: ["x", "b.c"] });
  t.deepEqual(find("cdb", "A", "/p"), { kind: "notFound" });
  t.deepEqual(find("dbm", "a", "/z"), { kind: "found", text: "1" });
  t.deepEqual(find("dbmnz", "a", "/z"), { kind: "notFound" });
  t.deepEqual(find("dbmjz", "u:r:p", "/z"), { kind: "found", text: "jz" });
  t.deepEqual(find("cdb", "a", "/short"), { kind: "defer", message: "failed to open /short too short for cdb lookup" });
  t.deepEqual(find("cdb", "a", "/nox"), { kind: "defer", message: "failed to open /nox for cdb lookup: No such file or directory" });
  t.deepEqual(find("dbm", "a", "/nox"), { kind: "defer", message: "failed to open /nox as a dbm file: No such file or directory" });
  const foreign = find("dbm", "a", "/p") as LookupResult;
  t.true(foreign.kind === "defer" && foreign.message.startsWith("failed to open /p as a dbm file: it is no Berkeley DB file"));
});

test("json", (t) => {
  const { find } = bench({
    files: { "/j": '{"a": {"b": [10, "t\xc3\xa9xt", {"c": null, "d": true}]}, "e": "", "__proto__": "p"}', "/bad": "{" },
  });
  const text = (key: string) => find("json", key, "/j");
  t.deepEqual(text("a:b:0"), { kind: "found", text: "10" });
  t.deepEqual(text("a:b:1"), { kind: "found", text: "t\xc3\xa9xt" });
  t.deepEqual(text("<, a, b, 2"), { kind: "found", text: '{"c": null, "d": true}' });
  t.deepEqual(text("a:b:2:d"), { kind: "found", text: "true" });
  t.deepEqual(text("a"), { kind: "found", text: '{"b": [10, "t\xc3\xa9xt", {"c": null, "d": true}]}' });
  t.deepEqual(text("e"), { kind: "found", text: "" });
  for (const key of ["z", "a:0", "a:b:9", "a:b:x", "e:length", "toString", "a:constructor"]) t.deepEqual(text(key), { kind: "notFound" });
  t.like(find("json", "a", "/bad"), { kind: "defer" });
});

test("readsock", async (t) => {
  const { find } = bench({
    sockets: (request) =>
      "path" in request.target ? `${request.target.path} ${request.send} ${request.timeout} ${request.halfClose}\n` : undefined,
  });
  t.deepEqual(await find("readsock", "/run/s some request"), { kind: "found", text: "/run/s some request 5000 true\n" });
  t.deepEqual(await find("readsock,file=/run/s,timeout=3s,shutdown=no,eol=;", "req"), { kind: "found", text: "/run/s req 3000 false;" });
  t.like(await find("readsock", "inet:[::1]:25 x"), { kind: "defer", message: "readsock: connect of inet:[::1]:25: refused" });
  t.like(await find("readsock", "nonsense x"), { kind: "defer" });
  t.like(await find("readsock,timeout=3", "/s x"), { kind: "defer" });
});

test("sqlite", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "lookups-"));
  const file = join(folder, "db");
  const setup = new DatabaseSync(file);
  setup.exec("create table t(a, b); insert into t values('v 1', null), (2, 'q\"x'), (2.5, ''), ('\u00e9', x'ff');");
  setup.close();
  const { find, lookups } = bench({ settings: { sqlite_dbfile: file } });
  const ask = (query: string, type = "sqlite") => find(type, query);
  t.deepEqual(ask("select a from t where a < 'w'"), { kind: "found", text: "v 1\n2\n2.5" });
  t.deepEqual(ask("select * from t where a in (2, 2.5, 'v 1')"), { kind: "found", text: 'a="v 1" b=<NULL> \na=2 b=q"x \na=2.5 b="" ' });
  t.deepEqual(ask("select a, b from t where typeof(b) = 'blob'"), { kind: "found", text: "a=\xc3\xa9 b=\xff " });
  t.deepEqual(ask("select a from t where a = 99"), { kind: "notFound" });
  t.deepEqual(find("sqlite", tainted("select a from t where a = 'v 1'")), { kind: "found", text: "v 1" });
  t.deepEqual(ask(`${file} select b from t where a = 2`), { kind: "found", text: 'q"x' });
  t.deepEqual(ask("select b from t where a = 2", `sqlite,file=${file}`), { kind: "found", text: 'q"x' });
  t.like(ask("selec"), { kind: "defer" });
  t.deepEqual(ask("insert into t values (7, 8)"), { kind: "notFound", keep: false });
  t.deepEqual(ask("select b from t where a = 7"), { kind: "found", text: "8" });
  t.deepEqual(ask("select 1", "sqlite,file=rel"), { kind: "defer", message: 'absolute file name expected for "sqlite" lookup' });
  t.deepEqual(ask("select 1", `sqlite,file=${folder}/none`), { kind: "defer", message: "unable to open database file" });
  await lookups.close();
  rmSync(folder, { recursive: true });
});

test("a query that changes something is not kept, and what was kept of its type is forgotten", (t) => {
  const asked: string[] = [];
  const counter = defineLookup({
    name: "counter",
    style: "query",
    find: ({ key, tainted, optionsTainted }) => {
      asked.push(`${key}${tainted === true ? " tainted" : ""}${optionsTainted === true ? " options" : ""}`);
      return key === "set" ? { kind: "found", text: "1", keep: false } : { kind: "found", text: key, variables: { ldap_dn: key } };
    },
    quote: (text, word) => `${word ?? ""}<${text}>`,
    quoteOptions: ["dn"],
    authenticate: ({ key }) => (key === "good" ? { kind: "accepted" } : { kind: "refused" }),
  });
  const lookups = makeLookupService({ drivers: [counter], settings: () => undefined, host: {} as never });
  const { scope } = bench();
  const spec = lookups.parse("counter") as LookupSpec;
  const ask = (key: string, isTainted = false) => lookups.find(spec, { key: { text: key, tainted: isTainted } }, scope);
  for (const key of ["get", "get", "set", "set", "get"]) ask(key);
  ask("other", true);
  t.deepEqual(asked, ["get", "set", "set", "get", "other tainted"]);
  t.deepEqual(scope.frame.items.get("ldap_dn"), { text: "other", tainted: false });
  lookups.find(spec, { key: { text: "listed", tainted: true }, typeTainted: true }, scope);
  t.is(asked.at(-1), "listed tainted options");
  const inFile = lookups.parse("counter,file=/x") as LookupSpec;
  t.like(lookups.find(inFile, { key: { text: "a", tainted: true }, typeTainted: true }, scope), { kind: "defer" });
  t.like(lookups.find(inFile, { key: { text: "a", tainted: true } }, scope), { kind: "found" });
  t.is(lookups.quote("counter", "x", "dn"), "dn<x>");
  t.deepEqual(lookups.quote("counter", "x", "foo"), { fault: '"foo" unrecognized after "${quote_counter"' });
  t.deepEqual(lookups.authenticate?.("counter", { text: "bad", tainted: false }, scope), { kind: "refused" });
  t.is(lookups.authenticate?.("other", { text: "bad", tainted: false }, scope), undefined);
});
