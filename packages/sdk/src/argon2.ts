/** argon2id in the PHC string form, `$argon2id$v=19$m=19456,t=2,p=1$salt$tag` (RFC 9106): computing and checking, no randomness. */
import { argon2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { octetsOf } from "./text.ts";

export interface Argon2Parameters {
  readonly salt: Buffer;
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

export const ARGON2_PREFIX = "$argon2id$";

const derive = promisify(argon2);

export async function argon2Tag(password: string, parameters: Argon2Parameters, length: number): Promise<Buffer> {
  const { salt, memory, passes, parallelism } = parameters;
  return derive("argon2id", { message: octetsOf(password), nonce: salt, memory, passes, parallelism, tagLength: length });
}

/** False for a wrong password, and for a hash of another kind or with parameters that are out of all reason. */
export async function verifyArgon2(password: string, hash: string): Promise<boolean> {
  const parts = parseHash(hash);
  if (parts === undefined) return false;
  return timingSafeEqual(await argon2Tag(password, parts, parts.tag.length), parts.tag);
}

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;
/** 1 GiB. */
const MAX_MEMORY = 1_048_576;

function parseHash(hash: string): (Argon2Parameters & { readonly tag: Buffer }) | undefined {
  const match = PHC.exec(hash);
  if (match === null) return undefined;
  const [memory = 0, passes = 0, parallelism = 0] = match.slice(1, 4).map(Number);
  if (passes < 1 || parallelism < 1 || memory < 8 * parallelism || memory > MAX_MEMORY) return undefined;
  return { memory, passes, parallelism, salt: Buffer.from(match[4] as string, "base64"), tag: Buffer.from(match[5] as string, "base64") };
}
