/**
 * Physical lines to logical lines (manual §"Configuration file format" to §"Conditional skips"): macros, then
 * conditionals, then `.include`, then comments and continuation, in Exim's order. Pull-based, because a macro that a
 * logical line defines counts from the next physical line on. Reads files through the port only; never throws.
 */
import type { Position } from "@mailkit/sdk";
import type { Reporter } from "../reporter.ts";
import { conditionals, directiveOf, type Conditionals } from "./conditionals.ts";
import type { MacroTable, Substituted } from "./macros.ts";
import { sourceMap, type MappedPiece, type SourceMap } from "./source-map.ts";

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

/** For `-bP config`: what was read, in order. */
export type Trail =
  | { readonly kind: "file"; readonly file: string; readonly line: number }
  | { readonly kind: "line"; readonly text: string; readonly at: Position };

export interface Reader {
  next(): LogicalLine | undefined;
  readonly sources: ReadonlyMap<string, readonly string[]>;
  readonly trail: readonly Trail[];
  /** `.ifdef` lines whose truth came from a name inside a longer word; for the linter. */
  readonly partialConditions: readonly { readonly at: Position; readonly macro: string; readonly word: string }[];
}

export const INCLUDE_LIMIT = 64;

interface OpenFile {
  readonly file: string;
  readonly lines: readonly string[];
  next: number;
}

interface State {
  readonly stack: OpenFile[];
  readonly sources: Map<string, readonly string[]>;
  readonly trail: Trail[];
  readonly partialConditions: { at: Position; macro: string; word: string }[];
  readonly blocks: Conditionals;
  readonly macros: MacroTable;
  readonly readFile: ReadFile;
  readonly report: Reporter;
  last: { file: string; line: number };
  ended: boolean;
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
    blocks: conditionals(),
    macros,
    readFile,
    report,
    last: { file, line: 0 },
    ended: false,
  };
  push(state, file, text);
  return {
    next: () => nextLogical(state),
    sources: state.sources,
    trail: state.trail,
    partialConditions: state.partialConditions,
  };
}

function nextLogical(state: State): LogicalLine | undefined {
  let text = "";
  let pieces: MappedPiece[] | undefined;
  for (;;) {
    const physical = nextPhysical(state);
    if (physical === undefined) break;
    const body = physical.text.trim();
    if (body.startsWith("#") || (body === "" && pieces === undefined)) continue;
    pieces ??= [];
    if (body === "") break;
    const continued = body.endsWith("\\");
    addPieces(pieces, physical, text.length);
    text += continued ? body.slice(0, -1) : body;
    if (!continued) break;
  }
  if (pieces === undefined || pieces.length === 0) return undefined;
  text = text.trimEnd();
  const line = { text, map: sourceMap(pieces), end: { ...state.last } };
  state.trail.push({ kind: "line", text, at: line.map.at(0) });
  return line;
}

function addPieces(pieces: MappedPiece[], physical: Physical, at: number): void {
  const lead = physical.text.length - physical.text.trimStart().length;
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
    const start = substituted.text.search(/\S/);
    if (start < 0 || substituted.text[start] !== ".") {
      if (!state.blocks.skipping()) return { ...substituted, file: open.file, line };
      continue;
    }
    if (!isDirective(state, substituted, open, line)) return { ...substituted, file: open.file, line };
  }
}

/** Obeys a line that begins with a dot; false: it is an ordinary line after all. */
function isDirective(state: State, substituted: Substituted, open: OpenFile, line: number): boolean {
  const text = substituted.text.trim();
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
  const include = /^\.include(_if_exists)?(?:\s+(.*))?$/.exec(text);
  if (include === null) return false;
  enterInclude(state, include[1] !== undefined, (include[2] ?? "").trim(), at);
  return true;
}

/** `.ifdef AAX` is true when a macro `AA` exists; remembered for the linter. */
function notePartial(state: State, raw: string, substituted: Substituted, at: Position): void {
  for (const macro of substituted.used) {
    const words = raw.match(/[A-Za-z0-9_]+/g) ?? [];
    const word = words.find((candidate) => candidate.includes(macro.name));
    if (word !== undefined && word !== macro.name) state.partialConditions.push({ at, macro: macro.name, word });
  }
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
  const cyclic = state.stack.some((open) => open.file === path);
  if (cyclic || state.stack.length >= INCLUDE_LIMIT) {
    const message = cyclic ? `${path} includes itself` : `includes are nested more than ${INCLUDE_LIMIT} deep`;
    state.report.add("MK0008", message, { at, eximText: `failed to open included configuration file ${path}` });
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

function push(state: State, file: string, text: string): void {
  let content = text;
  const bom = content.startsWith("\xef\xbb\xbf");
  if (bom) content = content.slice(3);
  const lines = content.split(/\r?\n/);
  if (lines[lines.length - 1] === "") lines.pop();
  state.sources.set(file, lines);
  state.stack.push({ file, lines, next: 0 });
  state.trail.push({ kind: "file", file, line: 1 });
  if (bom) {
    const hint = "save the file without the three octets EF BB BF at its beginning";
    state.report.exim("MK0010", "found unexpected BOM (Byte Order Mark)", { at: { file, line: 1, column: 1 }, hint });
  }
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
