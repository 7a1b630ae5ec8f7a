/** Text in a charset to UTF-8 and back, on byte strings. Undefined = unknown charset, or text that does not fit it. */

export function isUtf8(charset: string): boolean {
  return /^(?:utf-?8|us-ascii|ascii)$/i.test(charset);
}

/** Octets in `charset` to UTF-16, the string type of JavaScript. */
export function decodeCharset(octets: string, charset: string): string | undefined {
  try {
    // The Encoding Standard reads latin1 as windows-1252: 0x80 to 0x9F would change their meaning.
    if (/^(?:iso-?8859-?1|latin-?1)$/i.test(charset)) return octets;
    return decoderOf(isUtf8(charset) ? "utf-8" : charset.toLowerCase()).decode(Buffer.from(octets, "latin1"));
  } catch {
    return undefined;
  }
}

type Decoder = InstanceType<typeof TextDecoder>;
const decoders = new Map<string, Decoder>();

/** Making one costs more than what it decodes. */
function decoderOf(charset: string): Decoder {
  let decoder = decoders.get(charset);
  if (decoder !== undefined) return decoder;
  decoder = new TextDecoder(charset, { fatal: true });
  if (decoders.size < 64) decoders.set(charset, decoder);
  return decoder;
}

const reverse = new Map<string, ReadonlyMap<string, number> | undefined>();

/** UTF-16 to octets in `charset`: UTF-8, or any charset of one octet a character. */
export function encodeCharset(text: string, charset: string): string | undefined {
  if (isUtf8(charset)) return Buffer.from(text, "utf8").toString("latin1");
  const table = tableOf(charset);
  if (table === undefined) return undefined;
  let result = "";
  for (const character of text) {
    const code = table.get(character);
    if (code === undefined) return undefined;
    result += String.fromCharCode(code);
  }
  return result;
}

function tableOf(charset: string): ReadonlyMap<string, number> | undefined {
  const key = charset.toLowerCase();
  if (reverse.has(key)) return reverse.get(key);
  const table = new Map<string, number>();
  for (let code = 0; code < 256; code++) {
    const character = decodeCharset(String.fromCharCode(code), charset);
    if (character !== undefined && !table.has(character)) table.set(character, code);
  }
  const usable = table.size >= 128 ? table : undefined;
  if (reverse.size < 64) reverse.set(key, usable);
  return usable;
}

/** Octets of one charset as octets of another. */
export function translate(octets: string, from: string, to: string): string | undefined {
  if (from.toLowerCase() === to.toLowerCase() || (isUtf8(from) && isUtf8(to))) return octets;
  const text = decodeCharset(octets, from);
  return text === undefined ? undefined : encodeCharset(text, to);
}
