/** `mailkit fmt` changes nothing that is read: configurations of every shape, laid out, load to the same settings. */
import test from "ava";
import fc from "fast-check";
import { show } from "../show/show.ts";
import { load } from "../testing/load.ts";
import { SAMPLE } from "../testing/sample.ts";
import { format } from "./format.ts";

const FILES = { "/part.conf": "queue_only\n", "/items": "c.example : \\\n" };

/** All that a configuration says, without its places. */
function meaning(text: string): string {
  const configuration = load({ "/t.conf": text, ...FILES });
  const { acls, retry, rewrite, lists, diagnostics } = configuration;
  return JSON.stringify([
    show(configuration, []).lines,
    ["routers", "transports", "authenticators", "macros"].map((word) => show(configuration, [word]).lines),
    [...acls.values()].map(({ name, statements }) => [
      name,
      statements.map(({ verb, items }) => [verb, items.map((item) => [item.name, item.variable, item.negated, item.value])]),
    ]),
    retry.map(({ pattern, error, senders, steps }) => [pattern, error, senders?.source, steps]),
    rewrite.map(({ pattern, replacement }) => [pattern, replacement.source]),
    [...lists].map(([kind, named]) => [
      kind,
      [...named.values()].map(({ name, list, hidden, alwaysCache }) => [name, list.source, hidden, alwaysCache]),
    ]),
    diagnostics.map(({ code, message }) => [code, message]),
  ]);
}

/** White space where the reader takes any, sometimes over lines. */
const space = fc.constantFrom(" ", "", "  ", "\t", " \t ");
const gap = fc.constantFrom(" ", "  ", "\t", " \\\n  ", " \\\n\t# in between\n ", "\\\n");
const value = fc.constantFrom(
  "a", "a  b", "a : b :  c", '"a  b\\tc"', '"a \\\n   b"', "${if eq{a}{b}  {yes}{no}}", "a = b", "x # y", "<;  a ; b", "AB", "AB/AB", "", "voil\xc3\xa0",
  "a \\\n  b", "a : \\\n# comment\n   b", "a : \\\n.include /items\n d", ".5", "#x", "1 2", "no", "\xa0a\xa0", "^\\d+\\s  x$", "a\\\\", '"', "a \\\n\n", ": a",
); // prettier-ignore
const mainName = fc.constantFrom(
  "qualify_domain",
  "smtp_banner",
  "recipients_max",
  "queue_only",
  "host_lookup",
  "acl_smtp_rcpt",
  "foo",
  "AB",
  "no_message_logs",
);
const listWord = fc.constantFrom("domainlist", "hostlist", "addresslist", "localpartlist", "domainlist_cache", "hide  hostlist");
const common = fc.oneof(
  fc.constantFrom(
    "",
    "",
    "# comment",
    "   # comment \\",
    "\t",
    ".ifdef AB",
    ".ifndef  XY",
    " .elifdef XY",
    ".else",
    ".endif",
    ".include /part.conf",
  ),
  fc.constantFrom(
    ".include_if_exists /none",
    "AB = x",
    "AB=  y  z",
    "XY == q",
    "BA ==  AB \\\n  more",
    "AB",
    "CD = accept",
    "\\",
    "\\\\",
    '"',
    "= a",
  ),
  fc.string({ maxLength: 8 }),
);
const setting = (name: fc.Arbitrary<string>) =>
  fc.tuple(space, name, space, fc.constantFrom("=", "=", "==", ""), space, value).map((parts) => parts.join(""));
const mainLine = fc.oneof(
  common,
  setting(mainName),
  fc.tuple(listWord, gap, fc.constantFrom("a", "b"), space, fc.constant("="), space, value).map((parts) => parts.join("")),
);
const aclItem = fc.oneof(
  fc.tuple(fc.constantFrom("", "!", "! "), fc.constantFrom("hosts", "domains", "condition", "message", "nosuch"), space, fc.constant("="), gap, value).map((parts) => parts.join("")),
  fc.tuple(fc.constant("set"), gap, fc.constantFrom("acl_m_x", "acl_c1", "y"), space, fc.constant("="), space, value).map((parts) => parts.join("")),
  fc.constantFrom("endpass", "endpass  ", "hosts", "CD"),
); // prettier-ignore
const verb = fc.constantFrom("accept", "deny", "warn", "require", "  drop", "accept:", "defer ", "discard\t", "CD", "denny");
const aclLine = fc.oneof(
  common,
  fc.constantFrom("one:", " two :", "three: accept", "accept: hosts = a", "four:  "),
  fc.tuple(verb, gap, aclItem).map((parts) => parts.join("")),
  verb,
  fc.tuple(space, aclItem).map((parts) => parts.join("")),
);
const driverLine = fc.oneof(
  common,
  fc.constantFrom(
    "r1:",
    "r2 :",
    " r3:",
    "driver=accept",
    " driver = smtp",
    "driver = redirect",
    "driver \\\n = plaintext",
    "a: b",
    "hide data = x",
  ),
  setting(fc.constantFrom("transport", "condition", "set", "headers_add", "no_more", "hosts", "data", "self", "public_name", "unseen")),
);
const ruleLine = fc.oneof(
  common,
  fc.constantFrom(
    "* * F,1h,1m",
    "*  *   F,1h,1m; \\\n  G,2h,1m,2",
    "a:b * F,1h,1m",
    "*@a  $1@b  Ffr",
    '*@a "$1 x@b" q',
    "AB=c * F,1h,1m",
    "a@b\tc@d",
  ),
);
const section = (name: string, line: fc.Arbitrary<string>) =>
  fc.tuple(space, fc.constantFrom("begin ", "begin  ", "begin\t"), fc.constantFrom(name, name.toUpperCase(), name.replace(/s$/, "")), fc.array(line, { maxLength: 8 })).map(([indent, begin, written, lines]) => [`${indent}${begin}${written}`, ...lines].join("\n")); // prettier-ignore
const configuration = fc
  .tuple(
    fc.array(mainLine, { maxLength: 8 }).map((lines) => lines.join("\n")),
    fc.shuffledSubarray([
      section("acl", aclLine), section("routers", driverLine), section("transports", driverLine), section("authenticators", driverLine),
      section("retry", ruleLine), section("rewrite", ruleLine), section("local_scan", common), section("nosuch", common),
    ]).chain((sections) => fc.tuple(...sections)),
    fc.constantFrom("\n", "\r\n"),
    fc.constantFrom("", "\n", " "),
  )
  .map(([main, sections, end, last]) => [main, ...sections].join("\n").replaceAll("\n", end) + last); // prettier-ignore

test("whatever is written, its layout says the same, and is its own layout", (t) => {
  fc.assert(
    fc.property(configuration, (text) => {
      const laidOut = format(text);
      t.is(format(laidOut), laidOut);
      t.is(meaning(laidOut), meaning(text));
    }),
    { numRuns: 600, seed: 7 },
  );
});

test("an ordinary configuration keeps its meaning", (t) => {
  t.is(meaning(format(SAMPLE)), meaning(SAMPLE));
});
