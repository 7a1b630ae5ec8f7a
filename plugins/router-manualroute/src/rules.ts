/**
 * Rules of `route_list` and the value of `route_data` as text: pattern, hosts, words (manual §"Routing rules in
 * route_list"). Pure and total; a fault is a value with its offset.
 */
import { listHead, splitItems, trimSpace } from "@mailkit/sdk";

export interface RuleText {
  readonly pattern: string;
  readonly hosts: string;
  /** What stands behind the hosts: a transport and how to look hosts up. */
  readonly words: string;
}

/** Rules are separated by semicolons, or as `<x` says; empty ones do not count. */
export function splitRules(source: string): RuleText[] {
  const head = listHead(source);
  return splitItems(source, head.start, head.separator ?? ";")
    .filter((item) => item !== "")
    .map((item) => {
      const pattern = readWord(item, 0);
      const hosts = readWord(item, pattern.end);
      return { pattern: pattern.text, hosts: hosts.text, words: trimSpace(item.slice(hosts.end)) };
    });
}

/** `route_data` begins with the hosts. */
export function splitData(source: string): Omit<RuleText, "pattern"> {
  const hosts = readWord(source, 0);
  return { hosts: hosts.text, words: trimSpace(source.slice(hosts.end)) };
}

export interface RuleWords {
  readonly randomize?: boolean;
  readonly byName?: boolean;
  readonly byDns?: boolean;
  readonly ipv4Only?: boolean;
  readonly ipv4Prefer?: boolean;
  readonly transport?: string;
}

/** The words of a rule; an unknown one is told with all that follows it, as Exim does. */
export function readWords(words: string, isTransport: (name: string) => boolean): RuleWords | { readonly unknown: string } {
  let known: RuleWords = {};
  for (const match of words.matchAll(/\S+/g)) {
    const word = match[0];
    const meaning = MEANINGS.get(word);
    if (meaning !== undefined) known = { ...known, ...meaning };
    else if (isTransport(word)) known = { ...known, transport: word };
    else return { unknown: words.slice(match.index) };
  }
  return known;
}

const MEANINGS: ReadonlyMap<string, RuleWords> = new Map([
  ["randomize", { randomize: true }],
  ["no_randomize", { randomize: false }],
  ["byname", { byName: true, byDns: false }],
  ["bydns", { byName: false, byDns: true }],
  ["ipv4_only", { ipv4Only: true }],
  ["ipv4_prefer", { ipv4Prefer: true }],
]);

interface Word {
  readonly text: string;
  readonly end: number;
}

/** A word up to white space, or a quoted string with the escapes of the configuration. An open quote reaches to the end. */
function readWord(source: string, from: number): Word {
  let at = from;
  while (isSpace(source, at)) at++;
  if (source[at] !== '"') {
    const start = at;
    while (at < source.length && !isSpace(source, at)) at++;
    return { text: source.slice(start, at), end: at };
  }
  let text = "";
  for (at++; at < source.length && source[at] !== '"'; at++) {
    if (source[at] !== "\\" || at + 1 >= source.length) {
      text += source[at];
      continue;
    }
    const escape = /^\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([\s\S]))/.exec(source.slice(at, at + 4)) as RegExpExecArray;
    const [whole, octal, hex, plain] = escape;
    if (octal !== undefined) text += String.fromCharCode(parseInt(octal, 8) & 255);
    else if (hex !== undefined) text += String.fromCharCode(parseInt(hex, 16));
    else text += NAMED[plain as string] ?? plain;
    at += whole.length - 1;
  }
  return { text, end: Math.min(at + 1, source.length) };
}

const NAMED: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

function isSpace(source: string, at: number): boolean {
  const code = source.charCodeAt(at);
  return code === 32 || (code >= 9 && code <= 13);
}
