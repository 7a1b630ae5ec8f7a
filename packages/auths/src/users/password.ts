/** Passwords of mailkit's own users: argon2id in the PHC string form. RFC 9106. */
import { randomBytes } from "node:crypto";
import { argon2Tag } from "@mailkit/sdk";

export { verifyArgon2 as verifyPassword } from "@mailkit/sdk";

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const MEMORY = 19_456;
const PASSES = 2;
const PARALLELISM = 1;
const TAG_LENGTH = 32;

/** `$argon2id$v=19$m=19456,t=2,p=1$salt$tag`. */
export async function hashPassword(password: string, salt: Buffer = randomBytes(16)): Promise<string> {
  const tag = await argon2Tag(password, { salt, memory: MEMORY, passes: PASSES, parallelism: PARALLELISM }, TAG_LENGTH);
  return `$argon2id$v=19$m=${MEMORY},t=${PASSES},p=${PARALLELISM}$${base64(salt)}$${base64(tag)}`;
}

function base64(octets: Buffer): string {
  return octets.toString("base64").replace(/=+$/, "");
}
