/** The reader's passes: macros, comments, continuation, quotes as rows, then positions through macros and includes. */
import test from "ava";
import fc from "fast-check";
import { faultLines, load } from "../testing/load.ts";

const text = (files: string | Record<string, string>, name = "qualify_domain", defines?: readonly { name: string; value: string }[]) =>
  load(files, defines === undefined ? {} : { defines }).main.text(name);

const VALUES: readonly (readonly [why: string, config: string, expected: string])[] = [
  ["a macro matches inside a longer word", "AB = x\nqualify_domain = QABQ.example", "QxQ.example"],
  ["every occurrence, not scanned again for itself", "AB = AxB.AB\nqualify_domain = AB-AB", "AxB.AB-AxB.AB"],
  ["text is scanned for later macros", "ONE = TWO\nTWO = two\nqualify_domain = ONE", "two"],
  ["but not for earlier ones", "ONE = one\nTWO = x\nTWO == ONE\nqualify_domain = TWO", "one"],
  ["order of definition, not of redefinition", "A1 = a\nB1 = A1\nA1 == c\nqualify_domain = B1", "a"],
  ["== changes a value and may use it", "MAC = a\nMAC == MAC.b\nqualify_domain = MAC", "a.b"],
  ["an empty macro makes its line vanish", "GONE =\nGONE\nqualify_domain = x", "x"],
  ["a macro may make a comment", "C1 = #\nC1 nonsense\nqualify_domain = x", "x"],
  ["a continued macro", "AB = 1 \\\n  2\nqualify_domain = AB", "1 2"],
  ["# is a comment at the start only", "qualify_domain = a#b", "a#b"],
  ["comments inside a continued line", "qualify_domain = a.\\\n  # no \\\n  b", "a.b"],
  ["space after the backslash is dropped, before it is kept", "qualify_domain = a \\  \n   b", "a b"],
  ["a lone backslash adds nothing", "qualify_domain = a\\\n\\\nb", "ab"],
  ["a comment is not continued", "# a \\\nqualify_domain = x", "x"],
  ["quotes process backslashes", 'qualify_domain = "a\\x41\\101\\q\\"b"', 'aAAq"b'],
  ["no quotes, no escapes", "qualify_domain = a\\x41", "a\\x41"],
  ["quotes in a macro", 'FOO = "a b"\nqualify_domain = FOO', "a b"],
  ["the octet A0 is no white space: it ends letters in UTF-8", "qualify_domain = voil\xc3\xa0", "voil\xc3\xa0"],
  ["carriage returns at line ends", "qualify_domain = x\r\n", "x"],
  ["hide and much white space", "  hide   qualify_domain   =    a  ", "a"],
  ["a second = belongs to the value", "qualify_domain == b", "= b"],
];

for (const [why, config, expected] of VALUES) test(`value: ${why}`, (t) => t.is(text(config), expected));

const BRANCHES: readonly (readonly [why: string, config: string, expected: string | undefined])[] = [
  [".ifdef by substring", "AA = 1\n.ifdef XAAX\nqualify_domain = y\n.endif", "y"],
  ["several names are an or", "AA = 1\n.ifdef ZZ AA\nqualify_domain = y\n.endif", "y"],
  ["text after .else and .endif is ignored", ".ifdef ZZ\n.else ZZ is not there\nqualify_domain = y\n.endif ZZ", "y"],
  [".ifndef", ".ifndef ZZ\nqualify_domain = y\n.endif", "y"],
  [".elifdef takes the first that is true", "BB = 1\n.ifdef ZZ\nfoo\n.elifdef BB\nqualify_domain = b\n.elifndef ZZ\nfoo\n.endif", "b"],
  [".elifndef", ".ifdef ZZ\nfoo\n.elifndef ZZ\nqualify_domain = y\n.endif", "y"],
  ["a second .else skips", "A1 = x\n.ifdef A1\n.else\n.else\nfoo\n.endif\nqualify_domain = y", "y"],
  ["blocks inside skipped blocks", ".ifdef ZZ\n.ifndef ZZ\nfoo\n.else\nfoo\n.endif\nfoo\n.endif\nqualify_domain = y", "y"],
  ["inside a continued line", "qualify_domain = a\\\n.ifdef ZZ\nfoo\\\n.else\n.b\\\n.endif\n.c", "a.b.c"],
  ["predefined: a driver", ".ifdef _DRIVER_ROUTER_DNSLOOKUP\nqualify_domain = y\n.endif", "y"],
  ["predefined: no such driver", ".ifdef _DRIVER_ROUTER_IPLOOKUP\nfoo\n.endif\nqualify_domain = y", "y"],
  [
    "predefined: options",
    ".ifdef _OPT_MAIN_TLS_CERTIFICATE\n.ifdef _OPT_TRANSPORT_SMTP_DKIM_DOMAIN\nqualify_domain = y\n.endif\n.endif",
    "y",
  ],
  ["predefined: an option that does nothing is not there", ".ifdef _OPT_MAIN_PERL_STARTUP\nfoo\n.endif\nqualify_domain = y", "y"],
  ["predefined: lookups", ".ifdef _HAVE_LOOKUP_LSEARCH\nqualify_domain = y\n.endif", "y"],
];

for (const [why, config, expected] of BRANCHES) {
  test(`branch: ${why}`, (t) => {
    t.is(text(config), expected);
    t.deepEqual(load(config).diagnostics, []);
  });
}

test("-D beats every definition in the file", (t) => {
  const defines = [{ name: "DOM", value: "cmd" }];
  t.is(text("DOM = a\nDOM == b\nqualify_domain = DOM", "qualify_domain", defines), "cmd");
  t.is(text("OPT =\nOPT", "receive_timeout", [{ name: " OPT ", value: "receive_timeout = 4s " }]), "4s");
});

test("includes: relative to the including file, in the middle of a value, only if there", (t) => {
  const files = {
    "/etc/x/main.conf":
      'local_interfaces = 127.0.0.1 : \\\n   .include sub/one\n   ::1\n.include_if_exists /none\n.include "/etc/x/sub/two"\n',
    "/etc/x/sub/one": "<< ignored? \\\n",
    "/etc/x/sub/two": ".include three\n",
    "/etc/x/sub/three": "qualify_domain = three\n",
  };
  const configuration = load(files);
  t.is(configuration.main.text("local_interfaces"), "127.0.0.1 : << ignored? ::1");
  t.is(configuration.main.text("qualify_domain"), "three");
  t.is(configuration.main.position("qualify_domain")?.file, "/etc/x/sub/three");
  t.deepEqual(configuration.diagnostics, []);
});

test("includes in a circle end with a fault that names the place", (t) => {
  const faults = load({ "/a": ".include /b\n", "/b": "\n.include /a\n" }).diagnostics;
  t.like(faults[0], { code: "MK0008", at: { file: "/b", line: 2, column: 1 }, eximText: "failed to open included configuration file /a" });
  t.is(faults.length, 1);
});

const POSITIONS: readonly (readonly [why: string, config: string, expected: string])[] = [
  ["after a macro that grew the line", "AB = xxxxxxxx\nrecipients_max = AB\n", "2:18"],
  ["inside the macro's text: its name", "NUM = 12zz\nrecipients_max = NUM\n", "2:18"],
  ["behind a macro", "OPT = recipients_max = 1\n  OPTx\n", "2:6"],
  ["in a continued line", "recipients_max = \\\n     12 \\\n   x\n", "2:8"],
  ["with white space in front", "    recipients_max = abc\n", "1:22"],
  ["in a quoted value", 'recipients_max = "\\x31y"\n', "1:23"],
];

for (const [why, config, expected] of POSITIONS) {
  test(`position: ${why}`, (t) => t.is(faultLines(load(config))[0]?.split(" ")[1], expected));
}

test("Exim names the last line of a continued one", (t) => {
  const [fault] = load('hold_domains = "a : \\\n   c.d\n').diagnostics;
  t.is(fault?.eximWhere, " in line 2 of /t.conf");
  t.is(fault?.at?.line, 1);
});

test("the reader is total", (t) => {
  const words = [
    "begin acl\n",
    "begin routers\n",
    "r:\n",
    "driver = accept\n",
    ".ifdef A\n",
    ".endif\n",
    "AB = 1\n",
    "AB == AB\\\n",
    '"',
    "\\\n",
    "{",
    " = ",
    "accept ",
    "set ",
    "hide ",
    "#",
    "begin retry\n",
    "* * F,1h",
    "begin rewrite\n",
    "<;",
    "no_",
    "\x00",
    "\xff",
    ".include /t.conf\n",
  ];
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 12 })), { maxLength: 25 }), (parts) => {
      const configuration = load(parts.join(""));
      for (const { at } of configuration.diagnostics) if (at !== undefined && (at.line < 1 || at.column < 1)) return false;
      return true;
    }),
    { numRuns: 300, seed: 7 },
  );
  t.pass();
});

test("every position of a line without macros is its own column", (t) => {
  fc.assert(
    fc.property(fc.nat({ max: 6 }), fc.stringMatching(/^[a-z.]{1,10}$/), (indent, value) => {
      const config = `${" ".repeat(indent)}qualify_domain = ${value}`;
      const main = load(config).main;
      return [...value].every((_, i) => main.locate?.("qualify_domain", i)?.column === config.lastIndexOf(value) + i + 1);
    }),
    { numRuns: 50, seed: 7 },
  );
  t.pass();
});

const LIMITS: readonly (readonly [why: string, files: string | Readonly<Record<string, string>>, faults: readonly string[]])[] = [
  [
    "a line of 10 MB is passed over, and the rest is read",
    `qualify_domain = ${"x".repeat(10_000_000)}\nfoo = 1\n`,
    ["MK0016 1:1 this line has more than 4194304 characters, and is passed over", 'MK0102 2:1 there is no main option "foo"'],
  ],
  [
    "continuation lines count",
    `queue_only\nqualify_domain = a\\\n${`${"x".repeat(1000)}\\\n`.repeat(5000)}b\nfoo = 1\n`,
    ["MK0016 2:1 this line has more than 4194304 characters, and is passed over", 'MK0102 5004:1 there is no main option "foo"'],
  ],
  [
    "macros that double each other",
    `${Array.from({ length: 60 }, (_, i) => `M${i}X = M${i + 1}XM${i + 1}X\n`).join("")}qualify_domain = M0X\n`,
    ["MK0016 61:1 macro M19X makes this line longer than 4194304 characters; the line is passed over"],
  ],
  ["a NUL octet ends its line", "qualify_domain = a\0b\n", ["MK0015 1:19 the line holds a NUL octet, and what follows it is lost"]],
  ["UTF-16 is not read", "\xff\xfeq\0u\0\n\0", ["MK0010 1:1 the file is written in UTF-16, and none of it is read"]],
  ["a byte order mark", "\xef\xbb\xbfqueue_only", ["MK0010 1:1 found unexpected BOM (Byte Order Mark)"]],
];
for (const [why, files, faults] of LIMITS) test(`limit: ${why}`, (t) => t.deepEqual(faultLines(load(files)), faults));

test("limit: files that include each other ten times over", (t) => {
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`/${i}`, `.include /${i + 1}\n`.repeat(10)]));
  const [fault, ...more] = load({ ...files, "/20": "# end\n" }).diagnostics;
  t.like(fault, { code: "MK0008", message: "more than 10000 files are included" });
  t.true(more.length < 200);
});

test("limit: the text of all included files", (t) => {
  const faults = load({ "/m": ".include /big\n".repeat(100), "/big": `#${"x".repeat(1 << 20)}\n`.repeat(2) }).diagnostics;
  t.like(faults[0], { code: "MK0008", message: "the included files have more than 64 MiB in all", at: { line: 33 } });
});

test("what keeps the configuration from being read, with its hint", (t) => {
  const hint = (code: string) => load("", { readFile: () => ({ code, message: "reason" }) }).diagnostics.map((d) => [d.message, d.hint]);
  t.deepEqual(hint("EISDIR"), [
    [
      "configuration file /t.conf cannot be read: reason",
      "name a file in it; only a folder with Debian's update-exim4.conf.conf is read as a whole",
    ],
  ]);
  t.deepEqual(hint("EACCES"), [["configuration file /t.conf cannot be read: reason", "run mailkit as a user who may read it"]]);
  t.deepEqual(hint("ENOENT"), [["configuration file /t.conf does not exist", "mailkit init writes one"]]);
});

test("positions behind macros that stand many times in a line", (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("AB", "x", "CDE", " ", "AABB"), { maxLength: 12 }), (parts) => {
      const line = `qualify_domain = ${parts.join("")}.end`;
      const { main } = load(`AB = 12345\nCDE =\n${line}`);
      const value = main.text("qualify_domain") as string;
      return main.locate?.("qualify_domain", value.length - 3)?.column === line.length - 2;
    }),
    { numRuns: 200, seed: 5 },
  );
  t.pass();
});
