/**
 * Diagnostics as people read them: a line, the place, the source with a mark, a hint; a summary at the end. Text goes
 * out as Unicode. No colour is needed to understand it.
 */
import { printable, unicodeOf, type Diagnostic, type Severity, trimSpaceEnd } from "@mailkit/sdk";
import type { Configuration } from "./types.ts";

export interface RenderOptions {
  readonly color?: boolean;
  /** For the summary line: how many lines, routers, transports. */
  readonly configuration?: Configuration;
  /** Columns of the terminal. */
  readonly width?: number;
}

const COLORS: Readonly<Record<Severity, string>> = { error: "31", warning: "33", note: "36" };

/** A file that is no configuration has a fault in every line: nobody reads them all. */
const MAX_SHOWN = 200;
/** A message that quotes what it found. */
const MAX_MESSAGE = 300;

export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, readonly string[]>,
  options: RenderOptions = {},
): string {
  const paint = (text: string, color: string): string => (options.color === true ? `\x1b[${color}m${text}\x1b[0m` : text);
  const blocks = diagnostics.slice(0, MAX_SHOWN).map((diagnostic) => renderOne(diagnostic, sources, { paint, width: options.width ?? 80 }));
  const summary = summaryOf(diagnostics, options.configuration);
  const more = diagnostics.length - blocks.length;
  if (more > 0) blocks.push(`${more} more are not shown; --json has all of them\n`);
  return [...blocks, ...(summary === undefined ? [] : [`${summary}\n`])].join("\n");
}

interface Pen {
  readonly paint: (text: string, color: string) => string;
  readonly width: number;
}

function renderOne(diagnostic: Diagnostic, sources: ReadonlyMap<string, readonly string[]>, pen: Pen): string {
  const { code, severity, message, at, hint } = diagnostic;
  const lines = [`${pen.paint(`${severity}[${code}]`, `1;${COLORS[severity]}`)}: ${shown(message)}`];
  if (at !== undefined) {
    lines.push(`  ${shown(at.file)}:${at.line}:${at.column}`);
    const source = sources.get(at.file)?.[at.line - 1];
    if (source !== undefined) lines.push(...frame(source, diagnostic, pen));
  }
  if (hint !== undefined) lines.push(`  ${pen.paint("hint", "1")}: ${shown(hint)}`);
  return `${lines.join("\n")}\n`;
}

/** A line and the mark under it; a long line is cut around the mark. `column` from 1, in octets. */
export function sourceFrame(
  source: string,
  where: { readonly line: number; readonly column: number; readonly length: number; readonly color?: boolean; readonly width?: number },
): readonly string[] {
  const paint = (text: string): string => (where.color === true ? `\x1b[${COLORS.error}m${text}\x1b[0m` : text);
  return drawFrame(source, where, { paint, width: where.width ?? 80 });
}

function frame(source: string, { at, length = 1, severity }: Diagnostic, { paint, width }: Pen): readonly string[] {
  const where = { line: at?.line ?? 0, column: at?.column ?? 1, length };
  return drawFrame(source, where, { paint: (text) => paint(text, COLORS[severity]), width });
}

function drawFrame(
  source: string,
  { line, column, length }: { readonly line: number; readonly column: number; readonly length: number },
  pen: { readonly paint: (text: string) => string; readonly width: number },
): readonly string[] {
  const number = String(line);
  const gutter = Math.max(5, number.length + 2);
  const room = Math.max(20, pen.width - gutter - 4);
  const from = Math.max(0, column - 1);
  const before = flat(source.slice(0, from));
  const marked = flat(source.slice(from, from + Math.max(1, length)));
  const after = flat(source.slice(from + Math.max(1, length)));
  const mark = Math.min(Math.max(1, marked.length), room - 2);
  let text = before + marked + after;
  let start = before.length;
  if (text.length > room && start + mark > room - 1) {
    const cut = Math.min(start, Math.max(0, start - Math.floor(room / 2)));
    text = `…${text.slice(cut + 1)}`;
    start -= cut;
  }
  if (text.length > room) text = `${text.slice(0, room - 1)}…`;
  const bar = "|";
  return [
    `${number.padStart(gutter)} ${bar} ${trimSpaceEnd(text)}`,
    `${" ".repeat(gutter)} ${bar} ${" ".repeat(start)}${pen.paint("^".repeat(mark))}`,
  ];
}

/** Unicode without control characters, which a terminal would obey; what is long is cut. */
function shown(text: string): string {
  const cut = text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE - 3)}...` : text;
  // oxlint-disable-next-line no-control-regex
  return unicodeOf(cut.replace(/[\x00-\x09\x0b-\x1f\x7f]/g, printable));
}

function flat(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return unicodeOf(text).replace(/[\x00-\x1f\x7f]/g, " ");
}

function summaryOf(diagnostics: readonly Diagnostic[], configuration: Configuration | undefined): string | undefined {
  if (diagnostics.length === 0 && configuration === undefined) return undefined;
  const counts = (["error", "warning", "note"] as const).map((severity) => [severity, count(diagnostics, severity)] as const);
  const said = counts.filter(([, n]) => n > 0).map(([severity, n]) => plural(n, severity));
  const what = said.length === 0 ? "no faults" : said.join(", ");
  const file = configuration?.file ?? diagnostics.find(({ at }) => at !== undefined)?.at?.file;
  if (configuration === undefined) return file === undefined ? what : `${what} in ${unicodeOf(file)}`;
  const lines = [...configuration.sources.values()].reduce((sum, source) => sum + source.length, 0);
  const { routers, transports } = configuration;
  const size = `${plural(lines, "line")}, ${plural(routers.length, "router")}, ${plural(transports.size, "transport")}`;
  return `${what} in ${unicodeOf(configuration.file)} (${size})`;
}

function count(diagnostics: readonly Diagnostic[], severity: Severity): number {
  return diagnostics.reduce((sum, diagnostic) => sum + (diagnostic.severity === severity ? 1 : 0), 0);
}

function plural(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? "" : "s"}`;
}
