import test from "ava";
import * as fc from "fast-check";
import { createHmac } from "node:crypto";
import { hmac } from "./hmac.ts";

test("as Node makes them, whatever the length of the key", (t) => {
  const text = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 200 });
  fc.assert(
    fc.property(fc.constantFrom("md5" as const, "sha1" as const), text, text, (algorithm, secret, message) => {
      const wanted = createHmac(algorithm, Buffer.from(secret, "latin1")).update(Buffer.from(message, "latin1")).digest("hex");
      t.is(hmac(algorithm, secret, message).toString("hex"), wanted);
    }),
  );
  for (const length of [0, 63, 64, 65]) {
    t.is(hmac("sha1", "k".repeat(length), "x").toString("hex"), createHmac("sha1", "k".repeat(length)).update("x").digest("hex"));
  }
});
