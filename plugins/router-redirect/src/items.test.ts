import test from "ava";
import fc from "fast-check";
import { readItems } from "./items.ts";
import type { Item } from "./items.ts";

/** Short form of an item, to keep the table readable. */
function short(item: Item): string {
  switch (item.kind) {
    case "address":
      return `${item.backslash ? "\\" : ""}<${item.address}>`;
    case "pipe":
      return `pipe ${item.command}`;
    case "file":
      return `file ${item.path}`;
    case "include":
      return `include ${item.path}`;
    case "fail":
    case "defer":
      return `${item.kind} [${item.text}] [${item.item}]`;
    case "error":
      return `error ${item.message} in ${item.item}`;
    default:
      return item.kind;
  }
}

/** Data and items; what is marked 4.96 was seen on a real one. */
const CASES: readonly (readonly [string, readonly string[]])[] = [
  ["a, b@c.d", ["<a>", "<b@c.d>"]],
  ["a,\nb\nc", ["<a>", "<b>", "<c>"]],
  [" , ,a,, b ,", ["<a>", "<b>"]],
  ["", []],
  [",", []],
  ["# all of it is a comment", []],
  ["a, # not this, nor this\nb", ["<a>", "<b>"]],
  ["a # x", ['error missing or malformed local part (expected word or "<") in a # x']], // 4.96
  ["(only a comment)", []], // 4.96
  ['"", a', ["<a>"]], // 4.96
  ['"a"', ["<a>"]],
  ['"Some One" <a@b.c>', ["<a@b.c>"]],
  ['"x y"@b.c', ['<"x y"@b.c>']], // 4.96
  ['"one, two" <a@b.c>, d', ["<a@b.c>", "<d>"]],
  ["(a, b) c@d.e", ["<c@d.e>"]],
  ["a@[1.2.3.4]", ["<a@[1.2.3.4]>"]], // 4.96
  ["@x.y:a@b.c", ["<a@b.c>"]], // 4.96: source routes are dropped
  ["\\a", ["\\<a>"]],
  ["\\a@b.c", ["<\\a@b.c>"]], // 4.96: with a domain the backslash is a part of the address
  ['"\\\\a"', ["<\\a>"]], // 4.96: nor does one out of quotes count
  ["|/bin/cat -x", ["pipe /bin/cat -x"]],
  ["| /bin/cat", ["pipe  /bin/cat"]], // 4.96
  ['"|/bin/cat a,b"', ["pipe /bin/cat a,b"]],
  ['|"/bin/cat a,b"', ['pipe "/bin/cat a,b"']], // 4.96
  ["|/bin/a b, |/bin/c", ["pipe /bin/a b", "pipe /bin/c"]],
  ['"|/bin/x \'a b\' \\"c\\\\\\"d\\""', ['pipe /bin/x \'a b\' "c\\"d"']], // 4.96
  ["|/bin/a@b.c", ["<|/bin/a@b.c>"]], // an address, for it has a domain
  ["/s=x/@gate.ex", ["</s=x/@gate.ex>"]],
  ["/var/mail/x, /dir/", ["file /var/mail/x", "file /dir/"]],
  ["/dev/null", ["file /dev/null"]],
  [":include:/x/y, a", ["include /x/y", "<a>"]],
  [":include: /x/y", ["include /x/y"]], // 4.96
  ['":include:/x,y"', ["include /x,y"]],
  [":blackhole:", ["blackhole"]],
  ["a, :blackhole:, b", ["<a>", "blackhole"]],
  [":fail: gone, for ever", ["fail [gone, for ever] [:fail: gone]"]],
  [":fail:", ["fail [] [:fail:]"]],
  [":fail:x", ["fail [x] [:fail:x]"]],
  [":fail: one\ntwo", ["fail [one] [:fail: one]"]], // the manual: a newline ends the text
  ["a, :defer: later", ["<a>", "defer [later] [:defer: later]"]],
  ["a, :unknown:", ["<a>", "unknown"]],
  [":unknown:, :fail: x", ["unknown", "fail [x] [:fail: x]"]],
  [":FAIL: x", ['error missing or malformed local part (expected word or "<") in :FAIL: x']], // 4.96
  [":foo: bar", ['error missing or malformed local part (expected word or "<") in :foo: bar']], // 4.96
  ["<>", ["error missing or malformed local part in <>"]], // 4.96
  ["a b c@, d", ['error missing or malformed local part (expected word or "<") in a b c@', "<d>"]],
  ["<a@", ["error domain missing or malformed in <a@"]], // 4.96
  ["a;b", ["error malformed address: ;b may not follow a in a;b"]], // 4.96
];

for (const [source, items] of CASES) {
  test(JSON.stringify(source), (t) => t.deepEqual([...readItems(source)].map(short), items));
}

test("reading is total and comes to an end", (t) => {
  const unit = fc.constantFrom(
    "a",
    "@",
    ",",
    "\n",
    '"',
    "\\",
    "(",
    ")",
    "<",
    ">",
    ":",
    "|",
    "/",
    "#",
    " ",
    ":fail:",
    ":include:",
    "\0",
    "\xff",
  );
  fc.assert(
    fc.property(fc.string({ unit }), (source) => {
      const items = [...readItems(source)];
      t.true(items.length <= source.length);
      for (const item of items) if (item.kind === "address") t.true(item.address !== "");
    }),
  );
});

test("a list of plain addresses comes back as it is", (t) => {
  const address = fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.stringMatching(/^[a-z]{1,8}$/)).map(([l, d]) => `${l}@${d}.test`);
  fc.assert(
    fc.property(fc.array(address), fc.constantFrom(",", "\n", ", ", ",\n  "), (addresses, separator) => {
      t.deepEqual(
        [...readItems(addresses.join(separator))].map((item) => (item.kind === "address" ? item.address : item.kind)),
        addresses,
      );
    }),
  );
});
