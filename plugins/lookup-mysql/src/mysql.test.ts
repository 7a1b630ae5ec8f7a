import test from "ava";
import { lookupCompliance } from "@mailkit/sdk/testing";
import { mysql } from "./index.ts";
import { quote } from "./quote.ts";
import { answerOf, resultOf } from "./result.ts";
import { parseServer } from "./server.ts";

test("quoting", (t) => {
  t.is(quote("a'b\"c\\d\ne\tf\rg\bh;`%_"), "a\\'b\\\"c\\\\d\\ne\\tf\\rg\\bh;`%_");
});

test("servers", (t) => {
  const base = { socket: undefined, host: "h", port: 3306, database: "db", user: "u", password: "p" };
  t.deepEqual(parseServer("h/db/u/p"), base);
  t.deepEqual(parseServer("h:13306//u/"), { ...base, port: 13306, database: "", password: "" });
  t.deepEqual(parseServer("/db/u/p"), { ...base, socket: "/run/mysqld/mysqld.sock", host: "" });
  t.deepEqual(parseServer("localhost(/tmp/s)/db/u/p"), { ...base, socket: "/tmp/s", host: "localhost" });
  t.deepEqual(parseServer("(/tmp/s)[exim]/db/u/p"), { ...base, socket: "/tmp/s", host: "" });
  t.deepEqual(parseServer("127.0.0.1:7(/tmp/s)/db/u/p"), { ...base, host: "127.0.0.1", port: 7 });
  t.regex(parseServer("h[other]/db/u/p") as string, /option group \[other\] is not read/);
  t.is(parseServer("h/db/secret"), "incomplete MySQL server data: h/db");
});

const octets = (text: string) => Buffer.from(text, "latin1");

test("results", (t) => {
  const fields = (...names: readonly string[]) => names.map((name) => ({ name }));
  const one = (...values: readonly (string | null)[]) =>
    resultOf({ kind: "rows", fields: fields("a"), rows: values.map((value) => [value === null ? null : octets(value)]) });
  t.deepEqual(one("x y"), { kind: "found", text: "x y" });
  t.deepEqual(one(null), { kind: "notFound" });
  t.deepEqual(one(null, null, "1", null, "2", null), { kind: "found", text: "1\n\n2\n" }, "as Exim does it");
  t.deepEqual(one(""), { kind: "found", text: "" });
  const two = resultOf({ kind: "rows", fields: fields("a", "b"), rows: [[octets("\xe9 x"), null]] });
  t.deepEqual(two, { kind: "found", text: 'a="\xe9 x" b="" ' });
  t.deepEqual(resultOf({ kind: "count", count: 3 }), { kind: "found", text: "3", keep: false });
});

test("of several answers the first one counts", (t) => {
  const row = [[octets("1")]];
  const field = [{ name: "1" }];
  t.deepEqual(answerOf(row, field), { kind: "rows", rows: row, fields: field });
  t.deepEqual(answerOf([row, row, { affectedRows: 0 }], [field, field, undefined]), { kind: "rows", rows: row, fields: field });
  t.deepEqual(answerOf({ affectedRows: 4 }, undefined), { kind: "count", count: 4 });
});

lookupCompliance(
  test,
  () =>
    mysql({
      ask: async ({ host }, query) => {
        if (host !== "up") return { kind: "unreachable", message: "refused" };
        return query === "bad"
          ? { kind: "refused", message: "syntax" }
          : { kind: "rows", fields: [{ name: "a" }], rows: query === "no" ? [] : [[octets("1")]] };
      },
      close: async () => {},
    }),
  [
    { title: "a row", key: "yes", settings: { mysql_servers: "down/d/u/p:up/d/u/p" }, expect: "found" },
    { title: "no row", key: "no", settings: { mysql_servers: "up/d/u/p" }, expect: "notFound" },
    { title: "a bad statement", key: "bad", settings: { mysql_servers: "up/d/u/p" }, expect: "defer" },
    { title: "no server", key: "yes", settings: { mysql_servers: "down/d/u/p" }, expect: "defer" },
  ],
);
