/**
 * `${name:string}` (manual §"Expansion operators"): which there are, and how a name is taken apart. Each is a function
 * from text to text; what they do stands in the files that they come from.
 */
import { expansionError, lower, splitList, upper, value } from "@mailkit/sdk";
import type { Expansion, Maybe } from "@mailkit/sdk";
import { addressOperator, addressesOperator, quoteLocalPart, quoteText } from "./operators-address.ts";
import {
  base32,
  base32d,
  base62,
  base62d,
  base64d,
  digest,
  escape8bit,
  escapeText,
  fromUtf8,
  headerwrap,
  hex2b64,
  hexquote,
  rxquote,
  utf8clean,
  xtextd,
} from "./operators-text.ts";
import { certificateDigest, derOf } from "./certificate.ts";
import type { Environment, Value } from "./environment.ts";
import { hashOperator, lengthOperator, nhashOperator, substrOperator } from "./operators-cut.ts";
import { ipv6denorm, ipv6norm, mask, reverseIp } from "./operators-ip.ts";
import { evaluateArithmetic } from "./numbers.ts";
import { expandAgain, listnamed, quoteForLookup, randint, stat } from "./operators-services.ts";
import { domainFromAlabel, domainToAlabel, localPartFromAlabel, localPartToAlabel } from "./punycode.ts";
import { decodeRfc2047, encodeRfc2047 } from "./rfc2047.ts";
import { formatInterval, parseInterval } from "./intervals.ts";

export interface OperatorCall {
  /** As written: `substr_1_2`. */
  readonly name: string;
  /** What stands behind the first underscore. */
  readonly suffix: string | undefined;
}

export interface Operator {
  run(text: Value, call: OperatorCall, env: Environment): Maybe<Expansion>;
  /** For `${md5:$tls_in_peercert}`: works on the certificate itself. */
  readonly ofCertificate?: (certificate: string) => Expansion;
}

/** Gives text that keeps the taint of its source. */
const keeping = (change: (text: string, call: OperatorCall, env: Environment) => string): Operator => ({
  run: (text, call, env) => value(change(text.text, call, env), text.tainted),
});
/** Gives text that says nothing of its source: numbers, digests. */
const cleaning = (change: (text: string) => string): Operator => ({ run: (text) => value(change(text.text)) });
/** May refuse; what it gives has been checked to the last character (addresses made of digits). */
const checkingClean = (change: (text: string, call: OperatorCall) => string | Expansion): Operator => ({
  run: (text, call) => {
    const result = change(text.text, call);
    return typeof result === "string" ? value(result) : result;
  },
});
/** May refuse: an Expansion is passed through, a text keeps taint. */
const checking = (change: (text: string, call: OperatorCall, env: Environment) => string | Expansion): Operator => ({
  run: (text, call, env) => {
    const result = change(text.text, call, env);
    return typeof result === "string" ? value(result, text.tainted) : result;
  },
});

const arithmetic = (decimal: boolean): Operator => ({
  run: (text) => {
    const result = evaluateArithmetic(text.text, decimal);
    return "fault" in result ? expansionError(result.fault) : value(String(result.number));
  },
});

const hashing = (algorithm: string): Operator => ({
  run: (text) => value(digest(algorithm, text.text)),
  ofCertificate: (certificate) => certificateDigest(algorithm, certificate),
});

const base64: Operator = {
  run: (text) => value(Buffer.from(text.text, "latin1").toString("base64"), text.tainted),
  ofCertificate: (certificate) => value(derOf(certificate)?.toString("base64") ?? ""),
};

const family = (name: "sha2" | "sha3", sizes: readonly string[]): Operator => ({
  run: (text, { suffix = "256" }) => {
    if (!sizes.includes(suffix)) return expansionError(`unrecognised ${name} variant`);
    return value(digest(name === "sha2" ? `sha${suffix}` : `sha3-${suffix}`, text.text));
  },
});
const sha2 = family("sha2", ["256", "384", "512"]);

/** Whole names with an underscore in them; they take no suffix. */
const WHOLE: ReadonlyMap<string, Operator> = new Map([
  ["from_utf8", keeping(fromUtf8)],
  ["local_part", addressOperator("localPart")],
  ["quote_local_part", keeping(quoteLocalPart)],
  ["reverse_ip", checkingClean(reverseIp)],
  ["time_eval", { run: (text) => timeEval(text.text) }],
  ["time_interval", { run: (text) => timeInterval(text.text) }],
  ["utf8_domain_from_alabel", checking(domainFromAlabel)],
  ["utf8_domain_to_alabel", checking(domainToAlabel)],
  ["utf8_localpart_from_alabel", checking(localPartFromAlabel)],
  ["utf8_localpart_to_alabel", checking(localPartToAlabel)],
]);

const MAIN: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ["address", addressOperator("address")],
  ["addresses", addressesOperator],
  ["base32", checkingClean(base32)],
  ["base32d", checkingClean(base32d)],
  ["base62", checkingClean(base62)],
  ["base62d", checkingClean(base62d)],
  ["base64", base64],
  ["base64d", checking(base64d)],
  ["domain", addressOperator("domain")],
  ["escape", keeping((text, _, env) => escapeText(text, env.settings.printTopbitchars === true))],
  ["escape8bit", keeping(escape8bit)],
  ["eval", arithmetic(false)],
  ["eval10", arithmetic(true)],
  ["expand", { run: (text, _, env) => expandAgain(text, env) }],
  ["h", hashOperator],
  ["hash", hashOperator],
  ["headerwrap", checking((text, call) => headerwrap(text, call.suffix))],
  ["hex2b64", checking(hex2b64)],
  ["hexquote", keeping(hexquote)],
  ["ipv6denorm", checkingClean(ipv6denorm)],
  ["ipv6norm", checkingClean(ipv6norm)],
  ["l", lengthOperator],
  ["lc", keeping(lower)],
  ["length", lengthOperator],
  ["listcount", cleaning((text) => String(splitList(text).items.length))],
  ["listnamed", { run: (text, call, env) => listnamed(text.text, call.suffix, env) }],
  ["mask", checkingClean((text, call) => mask(text, call.suffix === "n"))],
  ["md5", { run: (text) => value(digest("md5", text.text).toLowerCase()), ofCertificate: (text) => certificateDigest("md5", text) }],
  ["nh", nhashOperator],
  ["nhash", nhashOperator],
  [
    "quote",
    {
      run: (text, call, env) =>
        call.suffix === undefined ? value(quoteText(text.text), text.tainted) : quoteForLookup(text, call.suffix, env),
    },
  ],
  ["randint", { run: (text, _, env) => randint(text.text, env) }],
  ["rfc2047", keeping((text, _, env) => encodeRfc2047(text, env.settings.headersCharset ?? "UTF-8"))],
  ["rfc2047d", keeping((text, _, env) => decodeRfc2047(text, decoding(env)))],
  ["rxquote", keeping(rxquote)],
  ["s", substrOperator],
  ["sha1", hashing("sha1")],
  ["sha2", sha2],
  ["sha256", { ...hashing("sha256"), run: sha2.run }],
  ["sha3", family("sha3", ["224", "256", "384", "512"])],
  ["stat", { run: (text, _, env) => stat(text.text, env) }],
  ["str2b64", base64],
  ["strlen", cleaning((text) => String(text.length))],
  ["substr", substrOperator],
  ["uc", keeping(upper)],
  ["utf8clean", keeping(utf8clean)],
  ["xtextd", keeping(xtextd)],
]);

export const operatorNames: readonly string[] = [...WHOLE.keys(), ...MAIN.keys()].sort();

/** Whole names first, then what stands before the first underscore. */
export function findOperator(name: string): { readonly operator: Operator; readonly suffix: string | undefined } | undefined {
  const whole = WHOLE.get(name);
  if (whole !== undefined) return { operator: whole, suffix: undefined };
  const cut = name.indexOf("_");
  const operator = MAIN.get(cut < 0 ? name : name.slice(0, cut));
  return operator === undefined ? undefined : { operator, suffix: cut < 0 ? undefined : name.slice(cut + 1) };
}

function decoding(env: Environment): { charset: string; checkLength: boolean } {
  return { charset: env.settings.headersCharset ?? "UTF-8", checkLength: env.settings.checkRfc2047Length !== false };
}

function timeEval(text: string): Expansion {
  const seconds = parseInterval(text);
  return seconds === undefined
    ? expansionError(`string "${text}" is not an Exim time interval in "time_eval" operator`)
    : value(String(seconds));
}

function timeInterval(text: string): Expansion {
  if (!/^[0-9]*$/.test(text)) return expansionError(`string "${text}" is not a positive number in "time_interval" operator`);
  return value(formatInterval(Number(text)));
}
