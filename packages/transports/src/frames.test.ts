import test from "ava";
import fc from "fast-check";
import { encodeFrame, encodeJson, newFrameReader, type Frame } from "./frames.ts";

const STREAM = Buffer.concat([
  encodeJson("job", 7, { a: "é" }),
  encodeFrame("body", 7, Buffer.from("\xff\x00b", "latin1")),
  encodeFrame("end", 7, Buffer.alloc(0)),
]);

test("frames come out whole, wherever the stream is cut", (t) => {
  for (let cut = 0; cut <= STREAM.length; cut++) {
    const reader = newFrameReader();
    const frames = [STREAM.subarray(0, cut), STREAM.subarray(cut)].flatMap((piece) => reader.push(piece) as readonly Frame[]);
    t.deepEqual(
      frames.map((frame) => [frame.type, frame.id, frame.payload.toString("latin1")]),
      [
        ["job", 7, Buffer.from('{"a":"é"}').toString("latin1")],
        ["body", 7, "\xff\x00b"],
        ["end", 7, ""],
      ],
    );
  }
});

test("what is no stream of frames is refused, never thrown", (t) => {
  t.is(newFrameReader().push(Buffer.from("GET / HTTP/1.1\r\n\r\n")), undefined);
  fc.assert(fc.property(fc.uint8Array(), (octets) => void newFrameReader().push(Buffer.from(octets))));
});
