/**
 * Physical lines to logical lines (manual §"Configuration file format" to §"Conditional skips"): macros, then
 * conditionals, then `.include`, then comments and continuation, in Exim's order. Pull-based, because a macro that a
 * logical line defines counts from the next physical line on. Reads files through the port only; never throws.
 */
import { trimSpace, trimSpaceEnd, trimSpaceStart } from "@mailkit/sdk";
import type { Position } from "@mailkit/sdk";
import type { Reporter } from "../reporter.ts";
import { conditionals, directiveOf, type Conditionals } from "./conditionals.ts";
import { MAX_LINE, type MacroTable, type Substituted } from "./macros.ts";
import { sourceMap, type FileMap, type MappedPiece, type SourceMap } from "./source-map.ts";

/** The port: the text of a file as a byte string, or why not. */
export type ReadFile = (path: string) => string | FileReadFault;
export interface FileReadFault {
  readonly code: string;
  readonly message: string;
}

export interface LogicalLine {
  readonly text: string;
  readonly map: SourceMap;
  /** The physical line that ends it: the one that Exim names in its errors. */
  readonly end: { readonly file: string; readonly line: number };
}

/** For `-bP config`, `check --show` and the linter: what was read, in order. */
export type Trail =
  | { readonly kind: "file"; readonly file: string; readonly line: number }
  | { readonly kind: "line"; readonly text: string; readonly at: Position; readonly map: FileMap; readonly macros: readonly UsedMacro[] };

/** A macro whose text stands in a line, and where that text was written; without a position: -D, or built in. */
export interface UsedMacro {
  readonly name: string;
  readonly at: Position | undefined;
}

export interface Reader {
  next(): LogicalLine | undefined;
  readonly sources: ReadonlyMap<string, readonly string[]>;
  readonly trail: readonly Trail[];
  /** `.ifdef` lines whose truth came from a name inside a longer word; for the linter. */
  readonly partialConditions: readonly Partial[];
  /** Other lines in which a macro was replaced inside a longer name. */
  readonly partialReplacements: readonly Partial[];
}

/** A word of a line that holds the name of a macro, and more. */
export interface Partial {
  readonly at: Position;
  readonly macro: string;
  readonly word: string;
}

/** How deep includes may nest, and how many files and octets a configuration may have in all. */
export const INCLUDE_LIMIT = 64;
const MAX_FILES = 10_000;
const MAX_TEXT = 64 << 20;

interface OpenFile {
  readonly file: string;
  readonly lines: readonly string[];
  next: number;
}

interface State {
  readonly stack: OpenFile[];
  readonly sources: Map<string, readonly string[]>;
  readonly trail: Trail[];
  readonly partialConditions: Partial[];
  readonly partialReplacements: Partial[];
  readonly blocks: Conditionals;
  readonly macros: MacroTable;
  readonly readFile: ReadFile;
  readonly report: Reporter;
  last: { file: string; line: number };
  ended: boolean;
  files: number;
  octets: number;
}

/** A reader over `file`, or the fault of opening it. */
export function openReader(file: string, readFile: ReadFile, macros: MacroTable, report: Reporter): Reader | FileReadFault {
  const text = readFile(file);
  if (typeof text !== "string") return text;
  const state: State = {
    stack: [],
    sources: new Map(),
    trail: [],
    partialConditions: [],
    partialReplacements: [],
    blocks: conditionals(),
    macros,
    readFile,
    report,
    last: { file, line: 0 },
    ended: false,
    files: 0,
    octets: 0,
  };
  push(state, file, text);
  return {
    next: () => nextLogical(state),
    sources: state.sources,
    trail: state.trail,
    partialConditions: state.partialConditions,
    partialReplacements: state.partialReplacements,
  };
}

function nextLogical(state: State): LogicalLine | undefined {
  let text = "";
  let pieces: MappedPiece[] | undefined;
  const macros = new Map<string, UsedMacro>();
  for (;;) {
    const physical = nextPhysical(state);
    if (physical === undefined) break;
    const body = trimSpace(physical.text);
    if (body.startsWith("#") || (body === "" && pieces === undefined)) continue;
    pieces ??= [];
    if (body === "") break;
    const continued = body.endsWith("\\");
    if (text.length <= MAX_LINE) {
      addPieces(pieces, physical, text.length);
      for (const { name, at } of physical.used) macros.set(name, { name, at });
      text += continued ? body.slice(0, -1) : body;
    }
    if (continued) continue;
    if (text.length <= MAX_LINE) break;
    reportLong(state, sourceMap(pieces).at(0));
    text = "";
    pieces = undefined;
    macros.clear();
  }
  if (pieces === undefined || pieces.length === 0) return undefined;
  text = trimSpaceEnd(text);
  const line = { text, map: sourceMap(pieces), end: { ...state.last } };
  state.trail.push({ kind: "line", text, at: line.map.at(0), map: line.map, macros: [...macros.values()] });
  return line;
}

function reportLong(state: State, at: Position): void {
  const hint = "put a long list into a file, and name the file in the list";
  const message = `this line has more than ${MAX_LINE} characters, and is passed over`;
  state.report.add("MK0016", message, { at, length: 1, hint, eximText: message });
}

function addPieces(pieces: MappedPiece[], physical: Physical, at: number): void {
  const lead = physical.text.length - trimSpaceStart(physical.text).length;
  for (let i = 0; i < physical.pieces.length; i++) {
    const piece = physical.pieces[i] as (typeof physical.pieces)[number];
    const next = physical.pieces[i + 1];
    if (next !== undefined && next.start <= lead) continue;
    const cut = Math.max(0, lead - piece.start);
    const column = piece.column + (piece.advances ? cut : 0);
    pieces.push({ ...piece, start: at + piece.start + cut - lead, column, file: physical.file, line: physical.line });
  }
}

interface Physical extends Substituted {
  readonly file: string;
  readonly line: number;
}

/** The next physical line that counts: conditionals and includes done. */
function nextPhysical(state: State): Physical | undefined {
  for (;;) {
    const open = state.stack[state.stack.length - 1];
    if (open === undefined) return endOfInput(state);
    if (open.next >= open.lines.length) {
      leave(state);
      continue;
    }
    const line = ++open.next;
    state.last = { file: open.file, line };
    const substituted = state.macros.substitute(open.lines[line - 1] as string);
    if (substituted.tooLong !== undefined) {
      const message = `macro ${substituted.tooLong.name} makes this line longer than ${MAX_LINE} characters; the line is passed over`;
      const hint = "macros that hold each other several times grow without end";
      state.report.add("MK0016", message, { at: { file: open.file, line, column: 1 }, length: 1, hint, eximText: message });
      continue;
    }
    const start = substituted.text.search(/\S/);
    if (start < 0 || substituted.text[start] !== ".") {
      if (state.blocks.skipping()) continue;
      noteReplacements(state, substituted, open, line);
      return { ...substituted, file: open.file, line };
    }
    if (!isDirective(state, substituted, open, line)) return { ...substituted, file: open.file, line };
  }
}

/** Obeys a line that begins with a dot; false: it is an ordinary line after all. */
function isDirective(state: State, substituted: Substituted, open: OpenFile, line: number): boolean {
  const text = trimSpace(substituted.text);
  const at: Position = { file: open.file, line, column: (open.lines[line - 1] as string).search(/\S/) + 1 };
  const directive = directiveOf(text);
  if (directive !== undefined) {
    if (directive.endsWith("def")) notePartial(state, open.lines[line - 1] as string, substituted, at);
    if (!state.blocks.apply(directive, substituted.used.length > 0, at)) {
      state.report.exim("MK0005", `.${directive} without matching .ifdef`, { at, length: directive.length + 1 });
    }
    return true;
  }
  if (state.blocks.skipping()) return true;
  const include = INCLUDE.exec(text);
  if (include === null) return false;
  enterInclude(state, include[1] !== undefined, trimSpace(include[2] ?? ""), at);
  return true;
}

/** `.ifdef AAX` is true when a macro `AA` exists; remembered for the linter. */
function notePartial(state: State, raw: string, substituted: Substituted, at: Position): void {
  for (const macro of substituted.used) {
    if (macro.origin === "builtin") continue;
    const words = raw.match(/[A-Za-z0-9_]+/g) ?? [];
    const word = words.find((candidate) => candidate.includes(macro.name));
    if (word !== undefined && word !== macro.name) state.partialConditions.push({ at, macro: macro.name, word });
  }
}

/** Capital letters, digits or an underscore beside a macro's name: another name was meant. */
function noteReplacements(state: State, { used }: Substituted, { file, lines }: OpenFile, line: number): void {
  if (used.length === 0) return;
  const raw = lines[line - 1] as string;
  for (const match of /^\s*#/.test(raw) ? [] : raw.matchAll(/[A-Z0-9_]{2,}/g)) {
    const [word] = match;
    const macro = used.find(({ name, origin }) => origin === "file" && word !== name && word.includes(name));
    if (macro === undefined || used.some(({ name }) => name === word)) continue;
    state.partialReplacements.push({ at: { file, line, column: match.index + 1 }, macro: macro.name, word });
  }
}

const INCLUDE = /^\.include(_if_exists)?(?:[ \t]+(.*))?$/;

/** `text`, a physical line without its indentation, names a file to read in its place. */
export function isInclude(text: string): boolean {
  return INCLUDE.test(text);
}

function enterInclude(state: State, ifExists: boolean, written: string, at: Position): void {
  const name = written.startsWith('"') && written.endsWith('"') && written.length > 1 ? written.slice(1, -1) : written;
  if (name === "") {
    state.report.add("MK0006", ".include names no file", { at, length: 8, hint: "write .include /path/of/file" });
    return;
  }
  if (ifExists && !name.startsWith("/")) {
    const message = `.include specifies a non-absolute path "${name}"`;
    state.report.exim("MK0007", message, { at, hint: "only .include takes a path relative to the including file" });
    return;
  }
  const path = name.startsWith("/") ? name : `${directoryOf(at.file)}${name}`;
  const refusal = refusalOf(state, path);
  if (refusal !== undefined) {
    state.report.add("MK0008", refusal, { at, length: 8, eximText: `failed to open included configuration file ${path}` });
    return;
  }
  const text = state.readFile(path);
  if (typeof text === "string") {
    state.trail.push({ kind: "file", file: at.file, line: at.line });
    push(state, path, text);
  } else if (!ifExists || (text.code !== "ENOENT" && text.code !== "ENOTDIR")) {
    const eximText = `failed to open included configuration file ${path}`;
    state.report.add("MK0009", `cannot read included file ${path}: ${text.message}`, { at, eximText });
  }
}

/** Why a file is not read, in spite of its `.include`. */
function refusalOf({ stack, files, octets }: State, path: string): string | undefined {
  if (stack.some((open) => open.file === path)) return `${path} includes itself`;
  if (stack.length >= INCLUDE_LIMIT) return `includes are nested more than ${INCLUDE_LIMIT} deep`;
  if (files >= MAX_FILES) return `more than ${MAX_FILES} files are included`;
  return octets > MAX_TEXT ? `the included files have more than ${MAX_TEXT >> 20} MiB in all` : undefined;
}

function push(state: State, file: string, text: string): void {
  state.files++;
  state.octets += text.length;
  const lines = linesOf(state, file, text);
  state.sources.set(file, lines);
  state.stack.push({ file, lines, next: 0 });
  state.trail.push({ kind: "file", file, line: 1 });
}

/** Physical lines without their ends; what cannot be text is reported, once a file. */
function linesOf(state: State, file: string, text: string): readonly string[] {
  const at = { file, line: 1, column: 1 };
  if (/^(?:\xff\xfe|\xfe\xff)/.test(text)) {
    const eximText = `option setting expected: ${text.split("\0", 1)[0]}`;
    const hint = "save the file as UTF-8 without a byte order mark";
    state.report.add("MK0010", "the file is written in UTF-16, and none of it is read", { at, length: 1, hint, eximText });
    return [];
  }
  const bom = text.startsWith("\xef\xbb\xbf");
  if (bom) {
    const hint = "save the file without the three octets EF BB BF at its beginning";
    state.report.exim("MK0010", "found unexpected BOM (Byte Order Mark)", { at, hint });
  }
  const lines = (bom ? text.slice(3) : text).split(/\r?\n/);
  if (lines[lines.length - 1] === "") lines.pop();
  const damaged = text.includes("\0") ? lines.findIndex((line) => line.includes("\0")) : -1;
  if (damaged < 0) return lines;
  const column = (lines[damaged] as string).indexOf("\0") + 1;
  state.report.add("MK0015", "the line holds a NUL octet, and what follows it is lost", {
    at: { file, line: damaged + 1, column },
    length: 1,
    hint: "the file is damaged, or is no text",
  });
  return lines.map((line) => line.split("\0", 1)[0] as string);
}

function leave(state: State): void {
  state.stack.pop();
  const outer = state.stack[state.stack.length - 1];
  if (outer === undefined) return;
  state.last = { file: outer.file, line: outer.next };
  state.trail.push({ kind: "file", file: outer.file, line: outer.next });
}

function endOfInput(state: State): undefined {
  if (state.ended) return undefined;
  state.ended = true;
  for (const at of state.blocks.open()) {
    state.report.add("MK0004", "this .ifdef has no .endif", {
      at,
      hint: "add .endif where the block ends",
      eximText: "Unexpected end of configuration file: .endif missing",
      eximLine: state.last,
    });
  }
  return undefined;
}

function directoryOf(file: string): string {
  return file.slice(0, file.lastIndexOf("/") + 1);
}
