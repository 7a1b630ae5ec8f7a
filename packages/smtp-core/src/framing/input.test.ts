import test from "ava";
import { Input } from "../index.ts";

test("lines at every cut; CRLF and LF end them, a lone CR does not", (t) => {
  const whole = Buffer.from("EHLO a\r\nNOOP\nX\rY\r\n\r\n");
  for (let at = 0; at <= whole.length; at++) {
    const input = new Input();
    const lines: string[] = [];
    for (const piece of [whole.subarray(0, at), whole.subarray(at)]) {
      input.push(piece);
      for (let read = input.line(100); read.kind !== "more"; read = input.line(100)) lines.push(read.kind === "line" ? read.text : "!");
    }
    t.deepEqual(lines, ["EHLO a", "NOOP", "X\rY", ""]);
  }
});

test("a long line is one event, takes no memory, and the next line is sound", (t) => {
  const input = new Input();
  for (let i = 0; i < 1000; i++) {
    input.push(Buffer.alloc(1000, 65));
    t.is(input.line(512).kind, "more");
    t.true(input.length <= 1000);
  }
  input.push(Buffer.from("end\r\nNOOP\r\n"));
  t.is(input.line(512).kind, "tooLong");
  t.deepEqual(input.line(512), { kind: "line", text: "NOOP", nul: false });
});

test("NUL is told", (t) => {
  const input = new Input();
  input.push(Buffer.from("NO\0OP\r\n"));
  t.like(input.line(100), { kind: "line", nul: true });
});
