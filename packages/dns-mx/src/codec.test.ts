import test from "ava";
import fc from "fast-check";
import { encode } from "dns-packet";
import { decodeReply } from "./codec.ts";

const reply = encode({
  type: "response",
  id: 7,
  flags: 0x180,
  questions: [{ name: "x.test", type: "MX", class: "IN" }],
  answers: [
    { type: "MX", name: "x.test", ttl: 0xffffffff, class: "IN", data: { preference: 5, exchange: "Mx.x.test" } },
    { type: "MX", name: "x.test", ttl: 9, class: "CH", data: { preference: 1, exchange: "chaos.test" } },
  ],
});

test("records of other classes do not count, nor a TTL with the top bit", (t) => {
  t.deepEqual(decodeReply(reply)?.answers, [{ name: "x.test", type: "MX", ttl: 0, data: "Mx.x.test", preference: 5 }]);
});

test("cut at every octet: never throws, never gives half a record", (t) => {
  for (let length = 0; length < reply.length; length++) t.is(decodeReply(reply.subarray(0, length)), undefined, `${length}`);
  t.not(decodeReply(reply), undefined);
});

test("a pointer to itself does not hang", (t) => {
  const evil = Buffer.from("000781800001000000000000c00c00010001", "hex");
  t.is(decodeReply(evil), undefined);
});

test("any octets: never throws", (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => (decodeReply(Buffer.from(octets)), true)));
  fc.assert(
    fc.property(fc.nat(reply.length - 1), fc.nat(255), (at, octet) => {
      const changed = Buffer.from(reply);
      changed[at] = octet;
      decodeReply(changed);
      return true;
    }),
  );
  t.pass();
});
