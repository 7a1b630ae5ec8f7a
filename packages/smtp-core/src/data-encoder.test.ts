import test from "ava";
import fc from "fast-check";
import { BodyReader, decodeXtext, encodeEnd, encodeLines, encodeXtext, type LinePlace } from "./index.ts";

function encode(pieces: readonly string[], stuff: boolean): string {
  let at: LinePlace = "start";
  let out = "";
  for (const piece of pieces) {
    const encoded = encodeLines(Buffer.from(piece, "latin1"), at, stuff);
    out += encoded.octets.toString("latin1");
    at = encoded.at;
  }
  return out + encodeEnd(at, stuff).toString("latin1");
}

test("line ends and dots, at every cut", (t) => {
  for (const [text, wire] of [
    ["", ".\r\n"],
    ["a\n", "a\r\n.\r\n"],
    ["a", "a\r\n.\r\n"],
    [".\n..x\na.b\n.", "..\r\n...x\r\na.b\r\n..\r\n.\r\n"],
    ["a\r\nb\rc\n", "a\r\nb\rc\r\n.\r\n"],
    ["a\r", "a\r\n.\r\n"],
    ["\n\n", "\r\n\r\n.\r\n"],
  ] as const) {
    for (let at = 0; at <= text.length; at++) t.is(encode([text.slice(0, at), text.slice(at)], true), wire, JSON.stringify([text, at]));
  }
  t.is(encode([".a\nb"], false), ".a\r\nb\r\n");
});

test("property: what is sent is what a server reads", (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", ".", "\n", "longer text of a line, so that the plain way is taken as well\n"), { maxLength: 40 }),
      fc.nat(),
      (parts, cut) => {
        const text = parts.join("");
        const at = cut % (text.length + 1);
        const wire = Buffer.from(`h: x\r\n\r\n${encode([text.slice(0, at), text.slice(at)], true)}`, "latin1");
        const reader = new BodyReader({ dots: "stuffed", limit: 1e9 });
        const { octets, used } = reader.feed(wire.subarray(0, 20));
        const rest = reader.ended ? Buffer.alloc(0) : reader.feed(wire.subarray(20)).octets;
        const expected = `h: x\n\n${text}${text === "" || text.endsWith("\n") ? "" : "\n"}`;
        return used <= 20 && reader.ended && Buffer.concat([octets, rest]).toString("latin1") === expected;
      },
    ),
  );
  t.pass();
});

test("long pieces: lines, dots and cuts at every place of a window, in room that is used again", (t) => {
  const line = ".line that ends at other places of each window\n";
  const text = line.repeat(1500) + "\n".repeat(20) + ".".repeat(9);
  const expected = encode([...text], true);
  const room = Buffer.alloc(80 * 1024);
  for (let shift = 0; shift < line.length; shift++) {
    const octets = Buffer.from(text.slice(shift), "latin1");
    const want = shift === 0 ? expected : encode(Array.from(text.slice(shift)), true);
    const got = encodeLines(octets, "start", true, room);
    t.is(got.octets.toString("latin1") + encodeEnd(got.at, true).toString("latin1"), want, `shift ${shift}`);
  }
});

test("octets that grow more than was foreseen", (t) => {
  for (const text of ["\n".repeat(40_000), ".\n".repeat(20_000)]) {
    const wire = text.replaceAll("\n", "\r\n").replaceAll(".", "..");
    t.is(encodeLines(Buffer.from(text), "start", true, Buffer.alloc(100)).octets.toString(), wire);
  }
});

test("xtext there and back; what is not xtext is refused", (t) => {
  t.is(encodeXtext("a+b=c d\xff"), "a+2Bb+3Dc+20d+FF");
  t.is(decodeXtext("a+2Bb+3Dc+20d+FF"), "a+b=c d\xff");
  for (const bad of ["a+2", "a b", "a=b", "+zz"]) t.is(decodeXtext(bad), undefined);
});
