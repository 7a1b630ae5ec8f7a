/** Passwords of mailkit's own users: argon2id in the PHC string form. RFC 9106. */
import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { octetsOf } from "@mailkit/sdk";

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const MEMORY = 19_456;
const PASSES = 2;
const PARALLELISM = 1;
const TAG_LENGTH = 32;

const derive = promisify(argon2);

/** `$argon2id$v=19$m=19456,t=2,p=1$salt$tag`. */
export async function hashPassword(password: string, salt: Buffer = randomBytes(16)): Promise<string> {
  const tag = await tagOf(password, { salt, memory: MEMORY, passes: PASSES, parallelism: PARALLELISM, length: TAG_LENGTH });
  return `$argon2id$v=19$m=${MEMORY},t=${PASSES},p=${PARALLELISM}$${base64(salt)}$${base64(tag)}`;
}

/** False for a wrong password, and for a hash of another kind or with parameters that are out of all reason. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const parts = parseHash(hash);
  if (parts === undefined) return false;
  const tag = await tagOf(password, { ...parts, length: parts.tag.length });
  return timingSafeEqual(tag, parts.tag);
}

interface Parameters {
  readonly salt: Buffer;
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

async function tagOf(password: string, { salt, memory, passes, parallelism, length }: Parameters & { length: number }): Promise<Buffer> {
  return derive("argon2id", { message: octetsOf(password), nonce: salt, memory, passes, parallelism, tagLength: length });
}

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

function parseHash(hash: string): (Parameters & { readonly tag: Buffer }) | undefined {
  const match = PHC.exec(hash);
  if (match === null) return undefined;
  const [memory = 0, passes = 0, parallelism = 0] = match.slice(1, 4).map(Number);
  if (passes < 1 || parallelism < 1 || memory < 8 * parallelism || memory > 1_048_576) return undefined;
  return { memory, passes, parallelism, salt: Buffer.from(match[4] as string, "base64"), tag: Buffer.from(match[5] as string, "base64") };
}

function base64(octets: Buffer): string {
  return octets.toString("base64").replace(/=+$/, "");
}
