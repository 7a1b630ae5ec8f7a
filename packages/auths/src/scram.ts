/** SCRAM's messages and arithmetic (RFC 5802, RFC 7677): parse, print, keys and proofs. Pure but for PBKDF2 in the thread pool. */
import { createHash, createHmac, pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { octetsOf } from "@mailkit/sdk";

export type ScramHash = "sha1" | "sha256";

export const MECHANISMS: ReadonlyMap<string, ScramHash> = new Map([
  ["SCRAM-SHA-1", "sha1"],
  ["SCRAM-SHA-256", "sha256"],
]);

export const DIGEST_LENGTH: Readonly<Record<ScramHash, number>> = { sha1: 20, sha256: 32 };

/** What a hostile peer may ask us to compute. */
export const MAX_ITERATIONS = 1_000_000;

export interface ClientFirst {
  /** `n,,` or `n,a=other,`: comes back, encoded, in the final message. */
  readonly gs2: string;
  readonly authzid: string;
  readonly user: string;
  readonly nonce: string;
  /** The message without `gs2`. */
  readonly bare: string;
}

/** Undefined: malformed, or it insists on channel binding. */
export function parseClientFirst(message: string): ClientFirst | undefined {
  const match = /^((?:n|y),(?:a=([^,]*))?,)(n=([^,]*),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/s.exec(message);
  if (match === null) return undefined;
  const user = unescapeName(match[4] as string);
  const authzid = unescapeName(match[2] ?? "");
  if (user === undefined || authzid === undefined) return undefined;
  return { gs2: match[1] as string, authzid, user, nonce: match[5] as string, bare: match[3] as string };
}

export interface ServerFirst {
  readonly nonce: string;
  readonly salt: Buffer;
  readonly iterations: number;
}

export function parseServerFirst(message: string): ServerFirst | undefined {
  const match = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/=]+),i=(\d{1,9})(?:,.*)?$/s.exec(message);
  if (match === null) return undefined;
  const iterations = Number(match[3]);
  if (iterations < 1 || iterations > MAX_ITERATIONS) return undefined;
  return { nonce: match[1] as string, salt: Buffer.from(match[2] as string, "base64"), iterations };
}

export interface ClientFinal {
  readonly binding: string;
  readonly nonce: string;
  readonly proof: Buffer;
  /** The message without its proof. */
  readonly withoutProof: string;
}

export function parseClientFinal(message: string): ClientFinal | undefined {
  const match = /^(c=([A-Za-z0-9+/=]*),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?),p=([A-Za-z0-9+/=]+)$/s.exec(message);
  if (match === null) return undefined;
  return {
    binding: match[2] as string,
    nonce: match[3] as string,
    proof: Buffer.from(match[4] as string, "base64"),
    withoutProof: match[1] as string,
  };
}

/** `=2C` is a comma, `=3D` an equals sign, and nothing else is allowed. */
function unescapeName(text: string): string | undefined {
  if (/=(?!2C|3D)/.test(text)) return undefined;
  return text.replaceAll("=2C", ",").replaceAll("=3D", "=");
}

export function escapeName(text: string): string {
  return text.replaceAll("=", "=3D").replaceAll(",", "=2C");
}

export interface Keys {
  readonly stored: Buffer;
  readonly server: Buffer;
}

const derive = promisify(pbkdf2);

export function saltedPassword(hash: ScramHash, password: string, salt: Buffer, iterations: number): Promise<Buffer> {
  return derive(octetsOf(password), salt, iterations, DIGEST_LENGTH[hash], hash);
}

export function clientKey(hash: ScramHash, salted: Buffer): Buffer {
  return hmac(hash, salted, "Client Key");
}

export function keysOf(hash: ScramHash, salted: Buffer): Keys {
  return { stored: digest(hash, clientKey(hash, salted)), server: hmac(hash, salted, "Server Key") };
}

export function hmac(hash: ScramHash, key: Buffer, text: string): Buffer {
  return createHmac(hash, key).update(octetsOf(text)).digest();
}

export function digest(hash: ScramHash, octets: Buffer): Buffer {
  return createHash(hash).update(octets).digest();
}

export function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((octet, i) => octet ^ (b[i] ?? 0)));
}
