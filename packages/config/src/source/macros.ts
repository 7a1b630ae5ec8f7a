/**
 * The macro table and substitution in physical lines (manual §"Macro substitution"): names match anywhere in a line,
 * even inside longer words; macros are tried in the order of their definition; a text is not searched again for its
 * own macro, but for later ones. Keeps no text of its own beyond the table.
 */
import type { Position } from "@mailkit/sdk";
import { splice, type Piece } from "./source-map.ts";

export interface Macro {
  readonly name: string;
  value: string;
  /** Where its present value was written. */
  at?: Position;
  /** "command": `-D`, which beats the file. "builtin": `_HAVE_...` and its like. */
  readonly origin: "file" | "command" | "builtin";
  /** How often it was substituted; for the linter. */
  uses: number;
}

export type DefineResult = { readonly kind: "ok" } | { readonly kind: "fault"; readonly fault: MacroFault };

export type MacroFault =
  | { readonly why: "duplicate" }
  | { readonly why: "undefined" }
  | { readonly why: "contains"; readonly earlier: string };

export interface MacroTable {
  all(): readonly Macro[];
  find(name: string): Macro | undefined;
  define(name: string, value: string, redefine: boolean, at: Position | undefined): DefineResult;
  substitute(line: string): Substituted;
}

/** Characters of a line, once its macros are replaced (room for a list of 200,000 domains): a few macros that double each other would fill the memory. */
export const MAX_LINE = 4 << 20;

export interface Substituted {
  readonly text: string;
  readonly pieces: readonly Piece[];
  /** The macros that were put in, in order. */
  readonly used: readonly Macro[];
  /** The macro that makes the line longer than `MAX_LINE`; it is left as it stands, as are those after it. */
  readonly tooLong?: Macro;
}

/** Letters that a name needs; a line that lacks one of them cannot hold the name. */
interface Entry {
  readonly macro: Macro;
  readonly letters: number;
}

const UNDERSCORE = 1 << 26;
const DIGIT = 1 << 27;
const NONE: readonly Macro[] = [];
export const PLAIN: readonly Piece[] = [{ start: 0, column: 1, advances: true, width: 0 }];

/** `initial` in order: first those of the command line, then the predefined ones. */
export function macroTable(initial: readonly Macro[]): MacroTable {
  const entries: Entry[] = initial.map((macro) => ({ macro, letters: lettersOf(macro.name) }));
  const byName = new Map(entries.map((entry) => [entry.macro.name, entry.macro]));
  return {
    all: () => entries.map((entry) => entry.macro),
    find: (name) => byName.get(name),
    define: (name, value, redefine, at) => {
      const known = byName.get(name);
      if (known?.origin === "command") return { kind: "ok" };
      if (known !== undefined && !redefine) return { kind: "fault", fault: { why: "duplicate" } };
      if (known !== undefined) {
        known.value = value;
        if (at !== undefined) known.at = at;
        return { kind: "ok" };
      }
      if (redefine) return { kind: "fault", fault: { why: "undefined" } };
      const earlier = entries.find((entry) => name.includes(entry.macro.name));
      if (earlier !== undefined) return { kind: "fault", fault: { why: "contains", earlier: earlier.macro.name } };
      const macro: Macro = { name, value, origin: "file", uses: 0, ...(at === undefined ? {} : { at }) };
      entries.push({ macro, letters: lettersOf(name) });
      byName.set(name, macro);
      return { kind: "ok" };
    },
    substitute: (line) => substitute(line, entries),
  };
}

function substitute(line: string, entries: readonly Entry[]): Substituted {
  let letters = lettersOf(line);
  let text = line;
  let pieces = PLAIN;
  let used: Macro[] | undefined;
  if ((letters & (UNDERSCORE - 1)) === 0) return { text, pieces, used: NONE };
  let from = definitionStart(line);
  for (const { macro, letters: needed } of entries) {
    if ((letters & needed) !== needed) continue;
    const found = occurrences(text, macro.name, from);
    if (found.length === 0) continue;
    (used ??= []).push(macro);
    macro.uses++;
    if (text.length + found.length * (macro.value.length - macro.name.length) > MAX_LINE) return { text, pieces, used, tooLong: macro };
    pieces = splice(pieces, found, macro.name.length, macro.value.length);
    text = text.slice(0, from) + text.slice(from).replaceAll(macro.name, () => macro.value);
    letters = lettersOf(text);
    from = Math.min(from, text.length);
  }
  return { text, pieces, used: used ?? NONE };
}

function occurrences(text: string, name: string, from: number): readonly number[] {
  const offsets: number[] = [];
  for (let at = text.indexOf(name, from); at >= 0; at = text.indexOf(name, at + name.length)) offsets.push(at);
  return offsets;
}

/** In a macro definition the name itself is left alone, so that `AB == AB and more` works. */
function definitionStart(line: string): number {
  const match = /^\s*[A-Z][A-Za-z0-9_]*\s*=/.exec(line);
  return match === null ? 0 : match[0].length;
}

/** A set of the capital letters, the underscore and "some digit" in `text`, as bits. */
function lettersOf(text: string): number {
  let set = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 65 && code <= 90) set |= 1 << (code - 65);
    else if (code === 95) set |= UNDERSCORE;
    else if (code >= 48 && code <= 57) set |= DIGIT;
  }
  return set;
}
