import test from "ava";
import { sqlRows } from "./sql-rows.ts";

test("rows as Exim 4.96 writes them", (t) => {
  t.is(sqlRows(["a"], [["x y"], [""], ["z"]]), "x y\n\nz");
  t.is(sqlRows(["a", "b"], [["", "x"]]), 'a="" b=x ');
  t.is(
    sqlRows(
      ["a", "b", "c"],
      [
        ['a"b', "a\\b", "a\tb"],
        ['"st\\q', "=", "'"],
      ],
    ),
    'a=a"b b=a\\b c="a\tb" \na="\\"st\\\\q" b== c=\' ',
  );
  t.is(sqlRows([], [[]]), "");
});
