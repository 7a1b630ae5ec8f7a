/**
 * Perl-compatible regular expressions on octets, run by the RegExp of JavaScript: compiles, caches, bounds.
 * Used by lists, ACLs, filters, rewriting and expansion alike. No dependencies.
 */
import type { OctetSet } from "./regex-octets.ts";
import type { RegexNode, RegexTree } from "./regex-syntax.ts";
import { parseRegex } from "./regex-syntax.ts";

export type CompiledRegex =
  | {
      readonly ok: true;
      /** Groups are numbered as in the source. Not sticky; global only when asked for. */
      readonly regex: RegExp;
      /** A repeat inside a repeat, both without end: can take exponential time on hostile text. For `lint`. */
      readonly risky: boolean;
    }
  | { readonly ok: false; readonly message: string };

export interface RegexOptions {
  readonly caseless?: boolean;
  /** Keeps `lastIndex`, for walking over all matches. */
  readonly global?: boolean;
}

const SOURCE_LIMIT = 32_768;
const CACHE_LIMIT = 512;

/**
 * Octets of a subject that are looked at, at most; what comes after is cut off. PCRE bounds a match by steps
 * (`match_limit`), which RegExp cannot; a bound on the length keeps quadratic patterns within some seconds at worst.
 */
export const REGEX_SUBJECT_LIMIT = 65_536;

export function boundSubject(subject: string): string {
  return subject.length <= REGEX_SUBJECT_LIMIT ? subject : subject.slice(0, REGEX_SUBJECT_LIMIT);
}

const cache = new Map<string, CompiledRegex>();

/** Compiles, or gives the one made before for the same source (the least recently used of 512 is dropped). */
export function compileRegex(source: string, options: RegexOptions = {}): CompiledRegex {
  const key = `${options.caseless ? "i" : "-"}${options.global ? "g" : "-"}${source}`;
  const known = cache.get(key);
  if (known !== undefined) {
    cache.delete(key);
    cache.set(key, known);
    return known;
  }
  const made = translate(source, options);
  cache.set(key, made);
  if (cache.size > CACHE_LIMIT) cache.delete(cache.keys().next().value as string);
  return made;
}

function translate(source: string, options: RegexOptions): CompiledRegex {
  const fault = (message: string, offset: number): CompiledRegex => ({
    ok: false,
    message: `regular expression error in "${source}": ${message} at offset ${offset}`,
  });
  if (source.length > SOURCE_LIMIT) return fault("regular expression is too large", SOURCE_LIMIT);
  const tree = parseRegex(source, options.caseless === true);
  if ("message" in tree) return fault(tree.message, tree.offset);
  const writer = newWriter(tree);
  const js = write(tree.node, writer);
  if (writer.missing !== undefined) return fault("reference to non-existent subpattern", source.length);
  let regex: RegExp;
  try {
    regex = new RegExp(js, options.global ? "g" : "");
  } catch {
    return fault("cannot be translated", 0);
  }
  if (writer.extra) keepOwnGroups(regex, writer.places);
  return { ok: true, regex, risky: isRisky(tree.node) };
}

interface Writer {
  readonly tree: RegexTree;
  /** `places[n]` is the number in the written expression of group n of the source. */
  readonly places: readonly number[];
  extra: boolean;
  missing: string | number | undefined;
  groups: number;
}

function newWriter(tree: RegexTree): Writer {
  const places: number[] = [0];
  let count = 0;
  let extra = false;
  const walk = (node: RegexNode): void => {
    if (node.kind === "sequence") node.items.forEach(walk);
    else if (node.kind === "choice") node.options.forEach(walk);
    else if ("body" in node) {
      if (node.kind === "group") places[node.index] = ++count;
      if (isAtomic(node)) {
        count++;
        extra = true;
      }
      walk(node.body);
    }
  };
  walk(tree.node);
  return { tree, places, extra, missing: undefined, groups: 0 };
}

function isAtomic(node: RegexNode): boolean {
  return node.kind === "atomic" || (node.kind === "repeat" && node.mode === "+");
}

function write(node: RegexNode, writer: Writer): string {
  switch (node.kind) {
    case "sequence":
      return node.items.map((item) => (item.kind === "choice" ? `(?:${write(item, writer)})` : write(item, writer))).join("");
    case "choice":
      return node.options.map((option) => write(option, writer)).join("|");
    case "set":
      return writeSet(node.set);
    case "assert":
      return node.js;
    case "group":
      writer.groups++;
      return `(${write(node.body, writer)})`;
    case "plain":
      return `(?:${write(node.body, writer)})`;
    case "look":
      return `(${node.opener}${write(node.body, writer)})`;
    case "atomic": {
      const place = ++writer.groups;
      return `(?:(?=(${write(node.body, writer)}))\\${place})`;
    }
    case "repeat":
      return writeRepeat(node, writer);
    case "backreference":
      return writeReference(node, writer);
  }
}

/** A lookahead is never entered again, so `(?=(X))\1` holds on to what X took: that is how possessive ones are made. */
function writeRepeat(node: Extract<RegexNode, { kind: "repeat" }>, writer: Writer): string {
  const place = node.mode === "+" ? ++writer.groups : 0;
  const body = `(?:${write(node.body, writer)})`;
  const unit = node.body.kind === "set" ? body.slice(3, -1) : body;
  const { min, max } = node;
  const count =
    max === Infinity
      ? min === 0
        ? "*"
        : min === 1
          ? "+"
          : `{${min},}`
      : min === 0 && max === 1
        ? "?"
        : min === max
          ? `{${min}}`
          : `{${min},${max}}`;
  return node.mode === "+" ? `(?:(?=(${unit}${count}))\\${place})` : unit + count + node.mode;
}

function writeReference(node: Extract<RegexNode, { kind: "backreference" }>, writer: Writer): string {
  const index = typeof node.to === "string" ? writer.tree.names.get(node.to) : node.to;
  const place = index === undefined || index < 1 ? undefined : writer.places[index];
  if (place === undefined) {
    writer.missing = node.to;
    return "";
  }
  return node.caseless ? `(?i:\\${place})` : `(?:\\${place})`;
}

function writeSet(set: OctetSet): string {
  const ranges: string[] = [];
  let members = 0;
  for (let code = 0; code < 256; code++) {
    if (set[code] !== true) continue;
    let last = code;
    while (last < 255 && set[last + 1] === true) last++;
    members += last - code + 1;
    ranges.push(last === code ? writeOctet(code) : `${writeOctet(code)}-${writeOctet(last)}`);
    code = last;
  }
  if (members === 1) return ranges[0] as string;
  return members === 256 ? "[^]" : `[${ranges.join("")}]`;
}

function writeOctet(code: number): string {
  const c = String.fromCharCode(code);
  return /[A-Za-z0-9_]/.test(c) ? c : `\\x${code.toString(16).padStart(2, "0")}`;
}

/** Hides the groups that stand for atomic parts. `test`, `replace` and `match` all go through `exec`. */
function keepOwnGroups(regex: RegExp, places: readonly number[]): void {
  regex.exec = (subject: string): RegExpExecArray | null => {
    const found = RegExp.prototype.exec.call(regex, subject);
    if (found === null) return null;
    const own = places.map((place) => found[place] as string) as unknown as RegExpExecArray;
    own.index = found.index;
    own.input = found.input;
    return own;
  };
}

function isRisky(node: RegexNode, inside = false): boolean {
  switch (node.kind) {
    case "sequence":
      return node.items.some((item) => isRisky(item, inside));
    case "choice":
      return node.options.some((option) => isRisky(option, inside));
    case "repeat": {
      const endless = node.max === Infinity && node.mode !== "+";
      return (endless && inside) || isRisky(node.body, inside || (endless && node.body.kind !== "set"));
    }
    case "group":
    case "plain":
    case "look":
      return isRisky(node.body, inside);
    default:
      return false;
  }
}
