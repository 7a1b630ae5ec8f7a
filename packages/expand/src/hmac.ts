/** Keyed digests (RFC 2104 §2). Node's own `createHmac` makes a key object first, which costs six times the digest. */
import { hash } from "node:crypto";
import { octetsOf } from "@mailkit/sdk";

/** Of MD5 and SHA-1, and all digests that work on blocks like theirs. */
const BLOCK = 64;

/** `secret` and `text` are byte strings. */
export function hmac(algorithm: "md5" | "sha1", secret: string, text: string): Buffer {
  const key = secret.length > BLOCK ? hash(algorithm, octetsOf(secret), "buffer") : octetsOf(secret);
  const inner = hash(algorithm, Buffer.concat([padded(key, 0x36), octetsOf(text)]), "buffer");
  return hash(algorithm, Buffer.concat([padded(key, 0x5c), inner]), "buffer");
}

function padded(key: Buffer, filler: number): Buffer {
  const block = Buffer.alloc(BLOCK, filler);
  for (let i = 0; i < key.length; i++) block[i] = (block[i] as number) ^ (key[i] as number);
  return block;
}
