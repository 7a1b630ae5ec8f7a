import test from "ava";
import { lookupCompliance } from "@mailkit/sdk/testing";
import { pgsql } from "./index.ts";
import { quote } from "./quote.ts";
import { resultOf, type PgResult } from "./result.ts";
import { parseServer } from "./server.ts";

test("quoting, as Exim 4.96 does it", (t) => {
  t.is(quote("a'b\"c\\d\ne\tf\rg\bh;`%_"), "a''b\\\"c\\\\d\\ne\\tf\\rg\\bh;`%_");
});

test("servers", (t) => {
  const base = { host: "h", port: 5432, database: "db", user: "u", password: "p" };
  t.deepEqual(parseServer("h/db/u/p"), base);
  t.deepEqual(parseServer("h:6000/db/u/"), { ...base, port: 6000, password: "" });
  t.deepEqual(parseServer("(/tmp/x/.s.PGSQL.5433)/db/u/p"), { ...base, host: "/tmp/x", port: 5433 });
  t.deepEqual(parseServer("/db/u/p"), { ...base, host: "/var/run/postgresql" });
  t.is(parseServer("(/tmp/sock)/db/u/p"), "PGSQL invalid filename for socket: /tmp/sock");
  t.is(parseServer("h/db/secret"), "incomplete pgSQL server data: h/db");
});

const answer = (parts: Partial<PgResult>): PgResult => ({ command: "SELECT", rowCount: 0, fields: [], rows: [], ...parts });
const fields = (...names: readonly string[]) => names.map((name) => ({ name }));

test("results", (t) => {
  const one = answer({ fields: fields("a"), rows: [["x y"], [null], ["caf\u{e9}"]] });
  t.deepEqual(resultOf(one, ""), { kind: "found", text: "x y\n\ncaf\xc3\xa9" });
  t.deepEqual(resultOf([answer({}), one], ""), resultOf(one, ""));
  const two = answer({
    fields: fields("a", "b"),
    rows: [
      ["x y", ""],
      ["z", null],
    ],
  });
  t.deepEqual(resultOf(two, ""), { kind: "found", text: 'a="x y" b="" \na=z b="" ' });
  t.deepEqual(resultOf(answer({ fields: fields("a") }), ""), { kind: "notFound" });
  t.deepEqual(resultOf(answer({ command: "UPDATE", rowCount: 3 }), ""), { kind: "found", text: "3", keep: false });
  t.deepEqual(resultOf(answer({ command: "CREATE", rowCount: null }), ""), { kind: "notFound", keep: false });
  t.like(resultOf(answer({ command: "COPY", rowCount: 1 }), "q"), { kind: "defer" });
  const returning = answer({ command: "DELETE", fields: fields("a"), rows: [["1"]] });
  t.deepEqual(resultOf(returning, ""), { kind: "found", text: "1", keep: false });
});

test("no client library, no server: deferred with what to do", async (t) => {
  const driver = pgsql({ ask: async () => ({ kind: "unreachable", message: 'needs the npm package "pg"' }), close: async () => {} });
  const ask = (servers: string) =>
    driver.find({ file: "", key: "select 1", options: "" }, { setting: () => servers } as unknown as Parameters<typeof driver.find>[1]);
  t.deepEqual(await ask("h/d/u/p"), { kind: "defer", message: 'PGSQL connection failed: needs the npm package "pg"' });
  t.deepEqual(await ask(""), { kind: "defer", message: "no PostgreSQL servers defined (pgsql_servers option)" });
});

lookupCompliance(
  test,
  () =>
    pgsql({
      ask: async ({ host }, query) => {
        if (host !== "up") return { kind: "unreachable", message: "refused" };
        return query === "bad"
          ? { kind: "refused", message: "syntax" }
          : { kind: "result", result: answer({ fields: fields("a"), rows: query === "no" ? [] : [["1"]] }) };
      },
      close: async () => {},
    }),
  [
    { title: "a row", key: "yes", settings: { pgsql_servers: "down/d/u/p:up/d/u/p" }, expect: "found" },
    { title: "no row", key: "no", settings: { pgsql_servers: "up/d/u/p" }, expect: "notFound" },
    { title: "a bad statement", key: "bad", settings: { pgsql_servers: "up/d/u/p" }, expect: "defer" },
    { title: "no server", key: "yes", settings: { pgsql_servers: "down/d/u/p" }, expect: "defer" },
  ],
);
