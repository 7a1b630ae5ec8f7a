/** A-labels and U-labels (RFC 5890), with the encoding of RFC 3492, on byte strings in UTF-8. */
import { expansionError, lower, printable } from "@mailkit/sdk";
import type { Expansion } from "@mailkit/sdk";

const [BASE, TMIN, TMAX, SKEW, DAMP, FIRST_BIAS, FIRST_CODE] = [36, 1, 26, 38, 700, 72, 128];
const PREFIX = "xn--";
/** No octet. */
const DOUBLED = "\u0100";
const LABEL_LIMIT = 1000;

export function domainToAlabel(text: string): string | Expansion {
  const folded = /[\x80-\xff]/.test(text) ? lower(text) : text;
  return eachLabel(
    folded,
    (label) => toAlabel(label, foldedForm),
    (label) => faultOf("utf8", label, "alabel: string encoding error"),
  );
}

/** The labels are read as a list: no space around them, two dots are no border, nothing stands before the first filled one. */
export function domainFromAlabel(text: string): string | Expansion {
  const labels = text
    .replaceAll("..", DOUBLED)
    .split(".")
    .map((label) => label.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, ""));
  if (labels.at(-1) === "") labels.pop();
  const filled = labels.findIndex((label) => label !== "");
  return eachLabel(filled < 0 ? "" : labels.slice(filled).join(".").replaceAll(DOUBLED, ".."), labelBack, () =>
    faultOf("alabel", text, "utf8: invalid punycode"),
  );
}

function labelBack(label: string): string | undefined {
  return isAlabel(label) ? fromAlabel(label) : label;
}

export function localPartToAlabel(text: string): string | Expansion {
  const made = toAlabel(text, (unicode) => unicode);
  return made ?? expansionError(faultOf("utf8", text, "alabel: l_u2a: bad UTF-8 input"));
}

export function localPartFromAlabel(text: string): string | Expansion {
  if (!isAlabel(text)) return expansionError(faultOf("alabel", text, "utf8: bad alabel prefix"));
  return fromAlabel(text) ?? expansionError(faultOf("alabel", text, "utf8: invalid punycode"));
}

/** Tabs are shown as they are. */
function faultOf(from: string, text: string, rest: string): string {
  return `error converting ${from} (${text.split("\t").map(printable).join("\t")}) to ${rest}`;
}

function eachLabel(text: string, convert: (label: string) => string | undefined, fault: (label: string) => string): string | Expansion {
  const labels: string[] = [];
  for (const label of text.split(".")) {
    const converted = convert(label);
    if (converted === undefined) return expansionError(fault(text));
    labels.push(converted);
  }
  return labels.join(".");
}

function isAlabel(label: string): boolean {
  return label.startsWith(PREFIX);
}

/** RFC 5895 §2. Local parts stay as they were written. */
function foldedForm(unicode: string): string {
  return unicode.toLowerCase().normalize("NFC");
}

/** ASCII stays as it is. */
function toAlabel(label: string, prepare: (unicode: string) => string): string | undefined {
  if (!/[\x80-\xff]/.test(label)) return label;
  if (label.length > LABEL_LIMIT) return undefined;
  const unicode = Buffer.from(label, "latin1").toString("utf8");
  if (unicode.includes("\ufffd")) return undefined;
  return PREFIX + encode(Array.from(prepare(unicode), (c) => c.codePointAt(0) as number));
}

function fromAlabel(label: string): string | undefined {
  const points = label.length > LABEL_LIMIT ? undefined : decode(label.slice(PREFIX.length).toLowerCase());
  return points === undefined ? undefined : Buffer.from(String.fromCodePoint(...points), "utf8").toString("latin1");
}

const digit = (value: number): string => String.fromCharCode(value < 26 ? value + 97 : value + 22);

function valueOf(c: string): number {
  const code = c.charCodeAt(0);
  return code >= 97 && code <= 122 ? code - 97 : code >= 48 && code <= 57 ? code - 22 : BASE;
}

function adapt(delta: number, points: number, first: boolean): number {
  let rest = first ? Math.floor(delta / DAMP) : delta >> 1;
  rest += Math.floor(rest / points);
  let k = 0;
  for (; rest > ((BASE - TMIN) * TMAX) >> 1; k += BASE) rest = Math.floor(rest / (BASE - TMIN));
  return k + Math.floor(((BASE - TMIN + 1) * rest) / (rest + SKEW));
}

const threshold = (k: number, bias: number): number => Math.min(Math.max(k - bias, TMIN), TMAX);

function encode(points: readonly number[]): string {
  let output = String.fromCharCode(...points.filter((point) => point < FIRST_CODE));
  let handled = output.length;
  const basic = handled;
  if (basic > 0) output += "-";
  let [code, delta, bias] = [FIRST_CODE, 0, FIRST_BIAS];
  while (handled < points.length) {
    const next = Math.min(...points.filter((point) => point >= code));
    delta += (next - code) * (handled + 1);
    code = next;
    for (const point of points) {
      if (point < code) delta++;
      if (point !== code) continue;
      let rest = delta;
      for (let k = BASE; ; k += BASE) {
        const t = threshold(k, bias);
        if (rest < t) break;
        output += digit(t + ((rest - t) % (BASE - t)));
        rest = Math.floor((rest - t) / (BASE - t));
      }
      output += digit(rest);
      bias = adapt(delta, handled + 1, handled === basic);
      delta = 0;
      handled++;
    }
    delta++;
    code++;
  }
  return output;
}

function decode(text: string): number[] | undefined {
  const cut = Math.max(text.lastIndexOf("-"), 0);
  const points = Array.from(text.slice(0, cut), (c) => c.charCodeAt(0));
  if (points.some((point) => point >= FIRST_CODE)) return undefined;
  let [code, i, bias] = [FIRST_CODE, 0, FIRST_BIAS];
  for (let at = cut > 0 ? cut + 1 : 0; at < text.length;) {
    const before = i;
    for (let [weight, k] = [1, BASE]; ; k += BASE) {
      const value = at < text.length ? valueOf(text[at++] as string) : BASE;
      if (value >= BASE) return undefined;
      i += value * weight;
      const t = threshold(k, bias);
      if (value < t) break;
      weight *= BASE - t;
      if (i > 0x7fffffff || weight > 0x7fffffff) return undefined;
    }
    bias = adapt(i - before, points.length + 1, before === 0);
    code += Math.floor(i / (points.length + 1));
    i %= points.length + 1;
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
    points.splice(i++, 0, code);
  }
  return points;
}
