import test from "ava";
import { peekMain } from "./peek.ts";

const NAMES = ["spool_directory", "queue_list_requires_admin"];

function peek(text: string, files: Readonly<Record<string, string>> = {}) {
  const all: Readonly<Record<string, string>> = { "/c": text, ...files };
  const found = peekMain({
    file: "/c",
    readFile: (path) => all[path] ?? { code: "ENOENT", message: "no such file" },
    defines: [["D", "/given"]],
    names: NAMES,
  });
  return found === undefined ? "uncertain" : Object.fromEntries(found);
}

// [what, text, answer]
const CASES: readonly (readonly [string, string, ReturnType<typeof peek>])[] = [
  ["nothing set", "primary_hostname = x\nbegin acl\nspool_directory = /no\n", {}],
  ["plain", "spool_directory = /s\nhide never_users = root\n", { spool_directory: "/s" }],
  ["macros, of the file and of the command", "S = /m\nspool_directory = S/D\n", { spool_directory: "/m//given" }],
  [
    "conditions and lines that go on",
    ".ifdef D\nspool_directory = \\\n  /yes\n.else\nspool_directory = /no\n.endif\n",
    { spool_directory: "/yes" },
  ],
  ["flags", "no_queue_list_requires_admin\n", { queue_list_requires_admin: "false" }],
  ["named lists are passed over", "domainlist local = a : b\nhostlist_cache x = y\n", {}],
  ["expanded", "spool_directory = /s/$primary_hostname\n", "uncertain"],
  ["quoted", 'spool_directory = "/s"\n', "uncertain"],
  ["twice", "spool_directory = /a\nspool_directory = /b\n", "uncertain"],
  ["no such option", "spool_direcory = /s\n", "uncertain"],
  ["predefined macros", ".ifdef _HAVE_TLS\nspool_directory = /s\n.endif\n", "uncertain"],
  ["an include that is not there", ".include /none\n", "uncertain"],
  ["a macro defined twice", "A = 1\nA = 2\n", "uncertain"],
  ["no end of a condition", ".ifdef A\nspool_directory = /s\n", "uncertain"],
];

for (const [what, text, answer] of CASES) test(what, (t) => t.deepEqual(peek(text), answer));

test("includes are read", (t) => {
  t.deepEqual(peek(".include /i\n", { "/i": "spool_directory = /s\n" }), { spool_directory: "/s" });
});
