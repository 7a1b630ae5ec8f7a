/**
 * A command as configuration writes it, cut into words BEFORE anything is expanded, so that no value can add an argument
 * (manual §"How the command is run"). Used for `command`, `transport_filter`, LMTP commands. Pure and total.
 */
export type CommandWords = { readonly words: readonly string[] } | { readonly fault: string };

/**
 * Words are separated by white space. Double quotes take backslash escapes; single quotes take nothing. A quote counts
 * only at the start of a word.
 */
export function splitCommand(source: string): CommandWords {
  const words: string[] = [];
  let at = skipSpace(source, 0);
  while (at < source.length) {
    const quote = source[at];
    if (quote === "'") {
      const end = source.indexOf("'", at + 1);
      if (end < 0) return { fault: `no closing quote` };
      words.push(source.slice(at + 1, end));
      at = end + 1;
    } else if (quote === '"') {
      const read = readDoubleQuoted(source, at + 1);
      if (read === undefined) return { fault: `no closing quote` };
      words.push(read.text);
      at = read.end;
    } else {
      let end = at;
      while (end < source.length && !isSpace(source.charCodeAt(end))) end++;
      words.push(source.slice(at, end));
      at = end;
    }
    at = skipSpace(source, at);
  }
  return { words };
}

function readDoubleQuoted(source: string, from: number): { text: string; end: number } | undefined {
  let text = "";
  for (let at = from; at < source.length; at++) {
    const char = source[at] as string;
    if (char === '"') return { text, end: at + 1 };
    if (char !== "\\") {
      text += char;
      continue;
    }
    const escape = readEscape(source, at + 1);
    text += escape.text;
    at = escape.end - 1;
  }
  return undefined;
}

/** Backslash escapes of quoted strings: manual §"Syntax of quoted strings" (`\n`, `\ooo`, `\xhh`, others stand for themselves). */
function readEscape(source: string, at: number): { text: string; end: number } {
  const char = source[at];
  if (char === undefined) return { text: "\\", end: at };
  const octal = /^[0-7]{1,3}/.exec(source.slice(at, at + 3));
  if (octal !== null) return { text: String.fromCharCode(parseInt(octal[0], 8) & 255), end: at + octal[0].length };
  const hex = char === "x" ? /^x([0-9a-fA-F]{1,2})/.exec(source.slice(at, at + 3)) : null;
  if (hex !== null) return { text: String.fromCharCode(parseInt(hex[1] as string, 16)), end: at + hex[0].length };
  const named = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" }[char];
  return { text: named ?? char, end: at + 1 };
}

function skipSpace(source: string, from: number): number {
  let at = from;
  while (at < source.length && isSpace(source.charCodeAt(at))) at++;
  return at;
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}
