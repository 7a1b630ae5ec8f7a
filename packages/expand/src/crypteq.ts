/**
 * The `crypteq` condition (manual §"crypteq"): a password against its stored form. Compares in constant time. The form of
 * argon2id is mailkit's own, so that its users' file serves AUTH.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { ARGON2_PREFIX, chain, expansionError, octetsOf, textOf, verifyArgon2 } from "@mailkit/sdk";
import type { Maybe } from "@mailkit/sdk";
import type { Verdict } from "./conditions.ts";
import type { Environment } from "./environment.ts";

export function crypteq(plain: string, stored: string, env: Environment): Maybe<Verdict> {
  if (stored.startsWith(ARGON2_PREFIX)) return verifyArgon2(plain, stored);
  const found = /^\{([A-Za-z0-9]+)\}/.exec(stored);
  if (found === null && stored.startsWith("{")) return expansionError(`unknown encryption mechanism in "${stored}"`);
  const rest = found === null ? stored : stored.slice(found[0].length);
  switch (found?.[1]?.toLowerCase() ?? "crypt") {
    case "md5":
      return digestEquals("md5", plain, rest);
    case "sha1":
      return digestEquals("sha1", plain, rest);
    case "crypt":
      return systemCrypt(plain, rest, env, false);
    case "crypt16":
      return systemCrypt(plain, rest, env, true);
    default:
      return expansionError(`unknown encryption mechanism in "${stored}"`);
  }
}

/** The length of the stored digest tells base64 from hexadecimal. */
function digestEquals(algorithm: "md5" | "sha1", plain: string, stored: string): boolean {
  const digest = createHash(algorithm).update(octetsOf(plain)).digest();
  const size = digest.length;
  if (stored.length === Math.ceil(size / 3) * 4) return same(digest.toString("base64"), stored);
  return stored.length === size * 2 && same(digest.toString("hex"), stored.toLowerCase());
}

function same(a: string, b: string): boolean {
  const [x, y] = [octetsOf(a), octetsOf(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}

/**
 * crypt(3) of the system is reached through Perl, which has it built in. Password and salt go through stdin: arguments
 * of a process can be read by others. `crypt16` hashes the ninth and later characters by themselves.
 */
const PROGRAM = `
  binmode STDIN; binmode STDOUT; local $/;
  my ($double, $salt, $plain) = split /\\0/, scalar(<STDIN>), 3;
  my $first = crypt($double ? substr($plain, 0, 8) : $plain, $salt);
  exit 3 unless defined $first;
  if ($double) {
    $first = substr($first, 0, 13);
    if (length($plain) > 8) {
      my $second = crypt(substr($plain, 8), substr($first, 11, 2));
      $first .= substr($second, 2) if defined $second;
    }
  }
  print $first;`;

// oxlint-disable-next-line max-params
function systemCrypt(plain: string, stored: string, env: Environment, double: boolean): Maybe<Verdict> {
  // Exim refuses these too: crypt() takes its salt from the stored form.
  if (stored.length < 2 || plain.includes("\0") || stored.includes("\0")) return false;
  const stdin = octetsOf(`${double ? 1 : 0}\0${stored}\0${plain}`);
  const request = { argv: ["/usr/bin/perl", "-e", PROGRAM], stdin, timeout: 30_000, maxOutput: 1024 };
  return chain(env.services.processes.run(request), (result): Verdict => {
    if (result.kind === "failed") return expansionError(`crypt() is reached through /usr/bin/perl, which did not run: ${result.message}`);
    if (result.kind !== "exited") return expansionError("crypt() did not finish", true);
    return result.code === 0 && same(textOf(result.output), stored);
  });
}
