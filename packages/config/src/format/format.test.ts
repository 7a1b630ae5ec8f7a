/** The layout is canonical, stays when it is done again, and changes nothing that is read. */
import test from "ava";
import fc from "fast-check";
import { load } from "../testing/load.ts";
import { SAMPLE } from "../testing/sample.ts";
import { format } from "./format.ts";

test("a configuration in canonical layout stays as it is", (t) => {
  const laidOut = format(SAMPLE);
  t.is(format(laidOut), laidOut);
  t.is(laidOut.split("\n").length, SAMPLE.split("\n").length);
});

test("names, equals signs, indentation, blank lines", (t) => {
  const before = `qualify_domain=a
hide   mysql_servers =x
domainlist   a=b
AB=c  d


   # a comment
begin   acl
 a1 :
accept hosts=a:\\
b
message=x
   deny !  hosts   =   c
     warn set   acl_m_x=1
drop
begin routers
r:
driver=accept
      # inside
data="a \\
  b"
.ifdef X
  transport=t
.endif
begin retry
*   *   F,1h,1m
`;
  const after = `qualify_domain = a
hide mysql_servers = x
domainlist a = b
AB = c  d

# a comment
begin acl
a1:
  accept  hosts = a:\\
    b
          message = x
  deny    !hosts = c
  warn    set acl_m_x = 1
  drop
begin routers
r:
  driver = accept
  # inside
  data = "a \\
    b"
.ifdef X
  transport = t
.endif
begin retry
*   *   F,1h,1m
`;
  t.is(format(before), after);
});

test("the octet A0 is no white space: it ends letters in UTF-8", (t) => {
  const text = "smtp_banner = voil\xc3\xa0\nbegin acl\na:\n  deny    message = \xa0 l\xc3\xa0\n";
  t.is(format(text), text);
});

test("a blank line that ends a continued one stays", (t) => {
  t.is(format("a = b \\\n\n\n\nc = d\n"), "a = b \\\n\n\nc = d\n".replace("\n\n\nc", "\n\nc"));
});

/** Logical lines without the white space that no one reads. */
function meaning(text: string): readonly string[] {
  const { main, acls, routers, retry, diagnostics } = load(text);
  return [
    JSON.stringify([main.text("qualify_domain"), main.text("smtp_banner"), main.flag("queue_only")]),
    JSON.stringify(
      [...acls.values()].map(({ name, statements }) => [
        name,
        statements.map(({ verb, items }) => [verb, items.map(({ name, value, negated, variable }) => [name, value, negated, variable])]),
      ]),
    ),
    JSON.stringify(routers.map((router) => [router.name, (router.optionNames ?? []).map((option) => router.show(option))])),
    JSON.stringify(retry.map(({ pattern, error, steps }) => [pattern, error, steps])),
    ...diagnostics.map(({ code }) => code),
  ];
}

const LINES = [
  "qualify_domain=a",
  'smtp_banner =  "x \\',
  '  y"',
  "queue_only",
  "",
  "# comment \\",
  "AB = no \\",
  "AB",
  "XY==3",
  "begin acl",
  "begin routers",
  "begin retry",
  "r1:",
  "  driver=accept",
  "transport= t \\",
  "deny message=a  =  b",
  "  !hosts =c",
  "accept",
  "set acl_m1 =  x",
  "warn set  acl_c_a=",
  "* * F,1h,1m \\",
  "; G,2h,1m,2",
  ".ifdef AB",
  ".else",
  ".endif",
  "a: b: c",
  "accept: hosts = x",
];

test("layout keeps the meaning and is idempotent", (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...LINES), { maxLength: 20 }), (lines) => {
      const text = lines.join("\n");
      const once = format(text);
      fc.pre(true);
      return format(once) === once && JSON.stringify(meaning(once)) === JSON.stringify(meaning(text));
    }),
    { numRuns: 1500, seed: 11 },
  );
  t.pass();
});

test("any text is laid out without an exception", (t) => {
  fc.assert(
    fc.property(fc.string(), (text) => format(format(text)) === format(text)),
    { numRuns: 500, seed: 11 },
  );
  t.pass();
});
