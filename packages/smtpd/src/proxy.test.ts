import test from "ava";
import fc from "fast-check";
import { readProxy } from "./proxy.ts";

const V2 = Buffer.from("0d0a0d0a000d0a515549540a", "hex");

test("version 1 and 2, at every cut", (t) => {
  const v1 = Buffer.from("PROXY TCP4 1.2.3.4 5.6.7.8 11 22\r\nEHLO");
  const v2 = Buffer.concat([V2, Buffer.from("2111000c01020304050607080b0c0016", "hex"), Buffer.from("EHLO")]);
  const six = Buffer.concat([
    V2,
    Buffer.from("21210024", "hex"),
    Buffer.from(`${"00".repeat(15)}01${"00".repeat(15)}02`, "hex"),
    Buffer.from("00010002", "hex"),
  ]);
  for (const [octets, source] of [
    [v1, { address: "1.2.3.4", port: 11 }],
    [v2, { address: "1.2.3.4", port: 0x0b0c }],
    [six, { address: "::1", port: 1 }],
  ] as const) {
    const whole = readProxy(octets);
    t.like(whole, { kind: "ok", source });
    const used = whole.kind === "ok" ? whole.used : 0;
    for (let at = 0; at < used; at++) t.is(readProxy(octets.subarray(0, at)).kind, "more", `cut at ${at}`);
  }
});

test("refused: no header, bad addresses, wrong family, too long", (t) => {
  for (const text of [
    "EHLO x\r\n",
    "PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n",
    "PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 99999\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n",
    "PROXY X\r\n",
    "PROXY " + "a".repeat(200),
  ]) {
    t.is(readProxy(Buffer.from(text)).kind, "bad", text);
  }
  t.like(readProxy(Buffer.from("PROXY UNKNOWN\r\n")), { kind: "ok", used: 15 });
  t.like(readProxy(Buffer.concat([V2, Buffer.from("20000000", "hex")])), { kind: "ok", used: 16 });
});

test("property: total, and never uses more than there is", (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (octets, signed) => {
      const input = signed ? Buffer.concat([V2, octets]) : Buffer.from(octets);
      const read = readProxy(input);
      return read.kind !== "ok" || read.used <= input.length;
    }),
  );
  t.pass();
});
