import test from "ava";
import fc from "fast-check";
import { BodyReader, type Dots } from "../index.ts";

function read(pieces: readonly Buffer[], dots: Dots = "stuffed", limit = 1e9) {
  const reader = new BodyReader({ dots, limit });
  let out = "";
  let left = "";
  for (const piece of pieces) {
    if (reader.ended) {
      left += piece.toString("latin1");
      continue;
    }
    const { used, octets } = reader.feed(piece);
    out += octets.toString("latin1");
    left += piece.toString("latin1", used);
  }
  if (!reader.ended && dots !== "stuffed") out += reader.finish().toString("latin1");
  return { out, left, ended: reader.ended, counts: reader.counts(), reader };
}

const HEAD = "a: b\r\n\r\n";
const decoded = (text: string) => `a: b\n\n${text}`;

// [wire after the header, text, what is left behind the end; undefined = not ended]
const STRICT: readonly (readonly [string, string, string, string | undefined])[] = [
  ["plain", "x\r\n.\r\nQUIT\r\n", "x\n", "QUIT\r\n"],
  ["empty body", ".\r\n", "", ""],
  ["stuffed dots", "..\r\n...x\r\n.y\r\n.\r\n", ".\n..x\ny\n", ""],
  ["LF.LF", "x\n.\nMAIL\r\n.\r\n", "x . MAIL\n", ""],
  ["LF.CRLF", "x\n.\r\nMAIL\r\n.\r\n", "x .\nMAIL\n", ""],
  ["CRLF.LF", "x\r\n.\nMAIL\r\n.\r\n", "x\n. MAIL\n", ""],
  ["CR.CR", "x\r.\rMAIL\r\n.\r\n", "x\n.\nMAIL\n", ""],
  ["CRLF.CR", "x\r\n.\rMAIL\r\n.\r\n", "x\n.\nMAIL\n", ""],
  ["CR.CRLF", "x\r.\r\nMAIL\r\n.\r\n", "x\n.\nMAIL\n", ""],
  ["CRCRLF.CRCRLF", "x\r\r\n.\r\r\ny\r\n.\r\n", "x\n\n.\n\ny\n", ""],
  ["dot at the very end of input", "x\r\n.", "x\n", undefined],
  ["NUL is data", "a\0b\r\n.\r\n", "a\0b\n", ""],
];

for (const [name, wire, text, left] of STRICT) {
  test(`strict, every cut: ${name}`, (t) => {
    const whole = Buffer.from(HEAD + wire, "latin1");
    for (let at = 0; at <= whole.length; at++) {
      const result = read([whole.subarray(0, at), whole.subarray(at)]);
      t.is(result.out, decoded(text), `cut at ${at}`);
      t.is(result.ended, left !== undefined);
      if (left !== undefined) t.is(result.left, left);
    }
    const single = read([...whole].map((octet) => Buffer.from([octet])));
    t.is(single.out, decoded(text));
  });
}

test("bare LF and CR in a strict header become folds", (t) => {
  t.is(read([Buffer.from("a: b\r\nc: d\nBcc: x\r\ne: f\rg\r\n\r\nx\r\n.\r\n")]).out, "a: b\nc: d\n Bcc: x\ne: f\n g\n\nx\n");
});

test("after a first line with LF, LF is a line end and LF.LF ends", (t) => {
  for (const wire of ["a: b\n\nx\n..y\n.\n", "a: b\n\nx\n..y\n.\r\n", "a: b\n\nx\r\n..y\r\n.\r\n"]) {
    const result = read([Buffer.from(wire)]);
    t.is(result.out, "a: b\n\nx\n.y\n");
    t.true(result.ended);
  }
});

test("local messages: a dot alone ends, other dots are text; plain: dots mean nothing", (t) => {
  t.is(read([Buffer.from("a: b\n\n.x\n..\n.\nmore\n")], "end").out, "a: b\n\n.x\n..\n");
  t.is(read([Buffer.from("a: b\n\n.x\n.\nmore")], "plain").out, "a: b\n\n.x\n.\nmore\n");
  t.is(read([Buffer.from("a: b\r\n\r\n.x\r\n.\r\nmore\r")], "plain").out, "a: b\n\n.x\n.\nmore\n");
});

test("counts: size, lines, longest line, zeros", (t) => {
  t.deepEqual(read([Buffer.from("a: b\r\n\r\n12\0\r\nlonger\r\n\r\n.\r\n")]).counts, { size: 18, lines: 5, maxLine: 6, zeros: 1 });
});

test("beyond the limit nothing is kept, and the end is still found", (t) => {
  const result = read([Buffer.from("a: b\r\n\r\n"), Buffer.from("0123456789\r\n"), Buffer.from("more\r\n.\r\nQUIT\r\n")], "stuffed", 12);
  t.true(result.reader.overflowed);
  t.is(result.left, "QUIT\r\n");
  t.is(result.counts.size, 22);
});

test("property: what is encoded comes back, and any cut gives the same", (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("x".repeat(70) + "\r\n", "a", ".", "..", "\r\n", "\r", "\n", "\0", "long line "), { maxLength: 30 }),
      fc.nat(),
      (parts, cut) => {
        const whole = Buffer.from(HEAD + parts.join("") + "\r\n.\r\n", "latin1");
        const at = cut % (whole.length + 1);
        const one = read([whole]);
        const two = read([whole.subarray(0, at), whole.subarray(at)]);
        t.is(two.out, one.out);
        t.is(two.left, one.left);
        t.deepEqual(two.counts, one.counts);
        t.false(one.out.includes("\r"));
        t.true(one.ended);
      },
    ),
  );
});

test("pieces longer than a window: the same as in small ones, with what is not plain at any place", (t) => {
  const plain = "a line of a long message, ending at other places of each window\r\n".repeat(800);
  for (const odd of ["..dots\r\n", "a\0b\r\n", "bare\rCR\r\n", "bare\nLF\r\n", "x".repeat(40_000) + "\r\n", ""]) {
    const wire = Buffer.from(`${HEAD}${plain}${odd}${plain}.\r\nQUIT\r\n`, "latin1");
    const small: Buffer[] = [];
    for (let at = 0; at < wire.length; at += 40) small.push(wire.subarray(at, at + 40));
    const [one, many] = [read([wire]), read(small)];
    t.is(one.out, many.out, JSON.stringify(odd.slice(0, 10)));
    t.is(one.left, "QUIT\r\n");
    t.deepEqual(one.counts, many.counts);
  }
});
