/** The textual and numeric hash of Exim (manual §"hash", §"nhash"). Not for secrets: they spread names over folders. */

/** `t` before `s`: names of folders made by Exim depend on it. */
const CODES = "abcdefghijklmnopqrtsuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/** Letters in use when their number is not given. */
const DEFAULT_CODES = 26;

/** `length` characters; undefined = more different characters are asked for than there are. */
export function textHash(text: string, length: number, codes = DEFAULT_CODES): string | undefined {
  if (codes > CODES.length) return undefined;
  if (length >= text.length) return text;
  const octets = Buffer.from(text, "latin1");
  for (let j = length, i = 0; j < octets.length; j++, i = (i + 1) % length) {
    if (length === 0) break;
    const c = octets[j] as number;
    const shift = (c + j) & 7;
    octets[i] = (octets[i] as number) ^ ((c << shift) | (c >> (8 - shift)));
  }
  let hash = "";
  for (let i = 0; i < length; i++) hash += CODES[(octets[i] as number) % codes];
  return hash;
}

const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113];

/** One number below `first`, or with `second` a pair `a/b` below `first` and `second`. */
export function numericHash(text: string, first: number, second: number | undefined): string {
  let total = 0;
  let i = 0;
  for (let at = 0; at < text.length; at++) {
    if (i === 0) i = PRIMES.length - 1;
    total += (PRIMES[i--] as number) * text.charCodeAt(at);
  }
  if (second === undefined) return String(total % first);
  const rest = total % (first * second);
  return `${Math.floor(rest / second)}/${rest % second}`;
}

/** `${substr`: a negative start counts from the right, and without a length it then takes what is left of it. */
export function substring(text: string, start: number, length: number | undefined, negative = start < 0): string {
  const size = text.length;
  if (!negative) return length === undefined ? text.slice(start) : text.slice(start, start + length);
  const from = size + start;
  if (length === undefined) return text.slice(0, Math.max(from, 0));
  return text.slice(Math.max(from, 0), Math.max(from + length, 0));
}
