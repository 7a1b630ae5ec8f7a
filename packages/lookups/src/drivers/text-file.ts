/**
 * The text format that lsearch and its relatives share: `key: data`, `"quoted key" data`, continued by lines that begin
 * with space (manual §"Single-key lookup types", lsearch). One pass over the file; nothing is looked up here.
 */
import { isFault, lower, type FileFault, type LookupHost, type LookupResult, type Maybe, chain, trimSpace } from "@mailkit/sdk";

export interface TextEntry {
  readonly key: string;
  /** What follows the key, as it stands: separator and data. */
  readonly rest: string;
  readonly data: string;
}

/**
 * The entries of a file in order. An empty line or a comment ends an entry, as in Exim 4.96 (the manual says that
 * such lines are skipped inside an entry).
 */
export function* textEntries(content: string): Generator<TextEntry> {
  let at = 0;
  while (at < content.length) {
    const end = endOfLine(content, at);
    const first = content.charCodeAt(at);
    if (end === at || first === 35 || isSpace(first)) {
      at = end + 1;
      continue;
    }
    const head = readKey(content, at, end);
    let rest = cutEnd(content, head.restStart, end);
    const firstLine = rest.length;
    at = end + 1;
    while (at < content.length && isSpace(content.charCodeAt(at)) && content.charCodeAt(at) !== 10) {
      const lineEnd = endOfLine(content, at);
      const more = trimSpace(content.slice(at, lineEnd));
      if (more !== "") rest += ` ${more}`;
      at = lineEnd + 1;
    }
    yield { key: head.key, rest, data: rest.slice(dataStart(rest, firstLine)) };
  }
}

interface Key {
  readonly key: string;
  readonly restStart: number;
}

function readKey(content: string, at: number, end: number): Key {
  return content[at] === '"' ? readQuoted(content, at + 1, end) : readPlain(content, at, end);
}

function readPlain(content: string, at: number, end: number): Key {
  let stop = at;
  while (stop < end && content.charCodeAt(stop) !== 58 && !isSpace(content.charCodeAt(stop))) stop++;
  return { key: content.slice(at, stop), restStart: stop };
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", v: "\v" };

/** Up to the closing quote or the end of the line, with the escapes of quoted strings (manual §"String values"). */
function readQuoted(content: string, at: number, end: number): Key {
  let key = "";
  let i = at;
  while (i < end && content[i] !== '"') {
    if (content[i] !== "\\" || i + 1 >= end) {
      key += content[i++];
      continue;
    }
    const code = /^(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2}))/.exec(content.slice(i + 1, i + 4));
    if (code === null) {
      const letter = content[i + 1] as string;
      key += ESCAPES[letter] ?? letter;
      i += 2;
    } else {
      key += String.fromCharCode((code[1] === undefined ? Number.parseInt(code[2] as string, 16) : Number.parseInt(code[1], 8)) & 0xff);
      i += 1 + code[0].length;
    }
  }
  return { key, restStart: Math.min(i + 1, end) };
}

/** Past space, one colon, and space again, as far as the first line goes: data that only begin on the next line keep a space. */
function dataStart(rest: string, limit: number): number {
  let at = 0;
  while (at < limit && isSpace(rest.charCodeAt(at))) at++;
  if (at < limit && rest.charCodeAt(at) === 58) at++;
  while (at < limit && isSpace(rest.charCodeAt(at))) at++;
  return at;
}

function endOfLine(content: string, at: number): number {
  const end = content.indexOf("\n", at);
  return end < 0 ? content.length : end;
}

function cutEnd(content: string, from: number, to: number): string {
  let end = to;
  while (end > from && isSpace(content.charCodeAt(end - 1))) end--;
  return content.slice(from, end);
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Key in lower case to data, or to the whole entry for `ret=full`; the first of equal keys counts. */
export function indexText(content: string, whole: boolean): ReadonlyMap<string, string> {
  const index = new Map<string, string>();
  for (const entry of textEntries(content)) {
    const key = lower(entry.key);
    if (!index.has(key)) index.set(key, whole ? entry.key + entry.rest : entry.data);
  }
  return index;
}

/** Reads a file through `derive` and looks into the result; a file that cannot be read is a deferral, in Exim's words. */
export function searchFile<T>(
  file: string,
  what: string,
  host: LookupHost,
  steps: { readonly derive: (content: string) => T; readonly search: (value: T) => Maybe<LookupResult> },
): Maybe<LookupResult> {
  return chain(host.files.derived(file, what, steps.derive), (read) =>
    isFault(read) ? { kind: "defer", message: openFault(file, what, read) } : steps.search(read.value),
  );
}

function openFault(file: string, what: string, fault: FileFault): string {
  if (fault.code === "EISDIR") return `${file} is not a regular file (${what.split(" ", 1)[0]} lookup)`;
  return `failed to open ${file} for linear search: ${fault.message}`;
}
