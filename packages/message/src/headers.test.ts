import test from "ava";
import * as fc from "fast-check";
import { addHeaders, parsePlacedHeaders, removeHeaders, withoutHeaders } from "./edit-headers.ts";
import { hasName, makeHeader, nameOfHeader, printHeaders, splitHeaderText, valueOfHeader } from "./header-lines.ts";
import { parseHeaders } from "./parse-headers.ts";

function texts(message: string, limits?: Parameters<typeof parseHeaders>[1]): string[] {
  return parseHeaders(message, limits).headers.map((header) => header.text);
}

test("lines, folds, types and the body's place", (t) => {
  const message = "Received: by x\n\tid 1\nFROM: a@b\nResent-To: c@d\nmessage-id: <x>\nX: y\n\nbody\n";
  const parsed = parseHeaders(message);
  t.is(parsed.kind, "ok");
  t.deepEqual(
    parsed.headers.map((h) => h.type),
    ["P", "F", "T", "I", " "],
  );
  t.is(parsed.headers[0]?.text, "Received: by x\n\tid 1\n");
  t.is(parsed.kind === "ok" ? message.slice(parsed.bodyStart) : "", "body\n");
  t.deepEqual(parseHeaders(Buffer.from(message)), parsed);
});

const ENDS: readonly (readonly [string, string, readonly string[], string, boolean])[] = [
  ["no header at all", "just text\nmore\n", [], "just text\nmore\n", false],
  ["a line that is no header line begins the body", "X: y\nbad line\nZ: z\n", ["X: y\n"], "bad line\nZ: z\n", false],
  ["a fold before any line", " x\nX: y\n", [], " x\nX: y\n", false],
  ["white space before the colon", "X : y\n\nb", ["X : y\n"], "b", true],
  ["white space inside the name", "X Y: z\n", [], "X Y: z\n", false],
  ["no name", ": z\n", [], ": z\n", false],
  ["empty line first", "\nX: y\n", [], "X: y\n", true],
  ["no newline at the end", "X: y", ["X: y\n"], "", false],
  ["nothing", "", [], "", false],
  ["octets above 126 in the name", "X\xe9: y\n", [], "X\xe9: y\n", false],
  ["line of white space is a fold", "X: y\n \n\nb", ["X: y\n \n"], "b", true],
];
for (const [what, message, lines, body, separated] of ENDS) {
  test(`end of the headers: ${what}`, (t) => {
    const parsed = parseHeaders(message);
    if (parsed.kind !== "ok") return t.fail();
    t.deepEqual(
      parsed.headers.map((h) => h.text),
      [...lines],
    );
    t.is(message.slice(parsed.bodyStart), body);
    t.is(parsed.separated, separated);
  });
}

test("a bare CR in a header line is a fold, never the end", (t) => {
  t.deepEqual(texts("X: a\rEvil: b\n\n"), ["X: a\n Evil: b\n"]);
  t.deepEqual(texts("X: a\r b\r\n\r\nbody"), ["X: a\n b\n"]);
});

test("limits", (t) => {
  t.like(parseHeaders(`X: ${"y".repeat(50)}\n\n`, { maxSize: 20, maxLine: 0 }), { kind: "tooLong", what: "section", limit: 20 });
  t.like(parseHeaders(Buffer.from(`A: b\nX: ${"y".repeat(50)}\n\n`), { maxSize: 0, maxLine: 20 }), {
    kind: "tooLong",
    message: "overlong message header line received (more than 20 characters)",
  });
  t.is(parseHeaders("X: 567890\n\nbody is long", { maxSize: 10, maxLine: 10 }).kind, "ok");
  t.is(parseHeaders(Buffer.from(`${"X: 567890\n".repeat(4)}\n`), { maxSize: 30, maxLine: 0 }).kind, "tooLong");
});

test("what was read is what is printed", (t) => {
  const name = fc.string({ unit: fc.constantFrom(..."abcX-9"), minLength: 1, maxLength: 8 });
  const value = fc.string({ unit: fc.constantFrom(..."ab :\t\xe9"), maxLength: 20 });
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), fc.string(), (lines, body) => {
      const section = lines.map(([n, v]) => `${n}:${v}\n`).join("");
      const parsed = parseHeaders(`${section}\n${body}`);
      return parsed.kind === "ok" && printHeaders(parsed.headers) === section && parsed.bodyStart === section.length + 1;
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."a:\n\r \t\x00\xff"), maxLength: 40 }), (text) => {
      const parsed = parseHeaders(text, { maxSize: 30, maxLine: 10 });
      return parsed.headers.every((h) => h.text.endsWith("\n"));
    }),
  );
  t.pass();
});

test("names are compared without case, whole, and with white space before the colon", (t) => {
  const header = makeHeader("subJECT : x\n y");
  t.true(hasName(header, "Subject"));
  t.false(hasName(header, "Subj"));
  t.false(hasName(makeHeader("Subject-x: y"), "Subject"));
  t.is(nameOfHeader(header.text), "subJECT");
  t.is(valueOfHeader(header.text), "x\n y");
});

const BASE = splitHeaderText("Received: 1\nReceived: 2\nResent-To: r@x\nTo: a@b\nX-A: 1\nX-A: 2\n");
const joined = (headers: readonly { text: string }[]): string => headers.map((h) => h.text.trim()).join("|");

test("positions of added lines", (t) => {
  t.is(joined(addHeaders(BASE, parsePlacedHeaders("E: 1\n f\nF: 2")).slice(-2)), "E: 1\n f|F: 2");
  t.is(
    joined(addHeaders(BASE, parsePlacedHeaders(":after_received:A: 1"))),
    "Received: 1|Received: 2|A: 1|Resent-To: r@x|To: a@b|X-A: 1|X-A: 2",
  );
  t.is(
    joined(addHeaders(BASE, parsePlacedHeaders(":at_start_rfc:A: 1"))),
    "Received: 1|Received: 2|Resent-To: r@x|A: 1|To: a@b|X-A: 1|X-A: 2",
  );
  const topped = addHeaders(BASE, parsePlacedHeaders(":at_start:T: 0"));
  t.is(
    joined(addHeaders(topped, parsePlacedHeaders(":after_received:A: 1"))).slice(0, 37),
    "T: 0|Received: 1|Received: 2|A: 1|Res",
    "not above",
  );
  t.is(joined(addHeaders(splitHeaderText("To: a@b\n"), parsePlacedHeaders(":after_received:A: 1"))), "A: 1|To: a@b");
  t.is(joined(addHeaders(BASE, parsePlacedHeaders(":at_start:A: 1\n:at_start:B: 2"))).slice(0, 11), "B: 2|A: 1|R");
  t.is(joined(addHeaders(BASE, parsePlacedHeaders("\nwarned\n")).slice(-1)), "X-ACL-Warn: warned");
});

test("removal keeps the line with type *", (t) => {
  const types = (name: string, n?: number): string =>
    removeHeaders(BASE, name, n)
      .map((h) => h.type)
      .join("");
  t.is(types("x-a"), "PPTT**");
  t.is(types("X-A:"), "PPTT**");
  t.is(types("x-a", 2), "PPTT *");
  t.is(types("re*"), "***T  ");
  t.is(types("x"), "PPTT  ");
  t.is(printHeaders(removeHeaders(BASE, "re*")), "To: a@b\nX-A: 1\nX-A: 2\n");
  t.is(joined(withoutHeaders(BASE, ["received", "x-*"])), "Resent-To: r@x|To: a@b");
});
