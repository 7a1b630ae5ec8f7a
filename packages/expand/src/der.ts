/** Just enough DER (ITU-T X.690) to find what `node:crypto` does not tell of a certificate. Total: a fault is undefined. */

export interface Der {
  readonly tag: number;
  readonly content: Buffer;
}

/** The element at `from`, with the offset behind it. */
function readAt(octets: Buffer, from: number): { readonly element: Der; readonly end: number } | undefined {
  const tag = octets[from];
  let length = octets[from + 1];
  if (tag === undefined || length === undefined || (tag & 0x1f) === 0x1f) return undefined;
  let start = from + 2;
  if (length >= 0x80) {
    const count = length - 0x80;
    if (count < 1 || count > 4 || start + count > octets.length) return undefined;
    length = octets.readUIntBE(start, count);
    start += count;
  }
  const end = start + length;
  return end > octets.length ? undefined : { element: { tag, content: octets.subarray(start, end) }, end };
}

export function readDer(octets: Buffer): Der | undefined {
  return readAt(octets, 0)?.element;
}

/** Elements inside a constructed one. */
export function partsOf(element: Der | undefined): Der[] {
  const parts: Der[] = [];
  if (element === undefined || (element.tag & 0x20) === 0) return parts;
  for (let at = 0; at < element.content.length;) {
    const next = readAt(element.content, at);
    if (next === undefined) break;
    parts.push(next.element);
    at = next.end;
  }
  return parts;
}

export function integerOf(element: Der | undefined): number {
  return element === undefined || element.content.length === 0 || element.content.length > 4
    ? 0
    : element.content.readUIntBE(0, element.content.length);
}

export function oidOf(element: Der | undefined): string | undefined {
  if (element?.tag !== 0x06) return undefined;
  const numbers: number[] = [];
  let number = 0;
  for (const octet of element.content) {
    number = number * 128 + (octet & 0x7f);
    if (octet < 0x80) {
      numbers.push(number);
      number = 0;
    }
  }
  const [head = 0, ...rest] = numbers;
  const first = Math.min(Math.floor(head / 40), 2);
  return [first, head - first * 40, ...rest].join(".");
}

export function bitString(element: Der | undefined): Buffer | undefined {
  return element?.tag === 0x03 ? element.content.subarray(1) : undefined;
}

/** Content of an extension of a certificate (RFC 5280 §4.1), by its OID. */
export function findExtension(certificate: Der | undefined, oid: string): Der | undefined {
  const extensions = partsOf(partsOf(certificate)[0]).find((part) => part.tag === 0xa3);
  for (const extension of partsOf(partsOf(extensions)[0])) {
    const parts = partsOf(extension);
    if (oidOf(parts[0]) === oid) return readDer((parts.at(-1) as Der).content);
  }
  return undefined;
}

/** All URIs inside, in order: GeneralName [6] (RFC 5280 §4.2.1.6). */
export function urisIn(element: Der | undefined): string[] {
  if (element === undefined) return [];
  if (element.tag === 0x86) return [element.content.toString("latin1")];
  return partsOf(element).flatMap(urisIn);
}
