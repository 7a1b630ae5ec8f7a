/** Numbers of Exim filters: C's `%i` (decimal, octal, hexadecimal) in 32 bits, as `add`, `above` and `below` read them. */
const NUMBER = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)(.*)$/s;

/** For `add`: nothing may follow. */
export function parseNumber(text: string): number | undefined {
  const found = NUMBER.exec(text);
  return found === null || found[3] !== "" ? undefined : valueOf(found);
}

/** For `above` and `below`: K and M multiply (filter manual §"Numeric testing conditions"). */
export function parseScaled(text: string): number | undefined {
  const found = NUMBER.exec(text);
  if (found === null) return undefined;
  const unit = found[3] as string;
  if (/^\s*$/.test(unit)) return valueOf(found);
  if (/^[kK]\s*$/.test(unit)) return Math.imul(valueOf(found), 1024);
  if (/^[mM]\s*$/.test(unit)) return Math.imul(valueOf(found), 1024 * 1024);
  return undefined;
}

function valueOf([, sign, digits = ""]: RegExpExecArray): number {
  const octal = digits.length > 1 && /^0[0-7]/.test(digits);
  const size = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  return Number(BigInt.asIntN(32, sign === "-" ? -size : size));
}
