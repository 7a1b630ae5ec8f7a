/**
 * Gathers faults while a configuration is read. One place builds every diagnostic, so that severity and code always
 * come from the catalogue. Order of arrival is Exim's order of discovery: the first with `eximText` is the one at which
 * Exim would have stopped.
 */
import type { Diagnostic, Position } from "@mailkit/sdk";
import { severityOf, type Code } from "./codes.ts";

export interface Details {
  readonly at?: Position | undefined;
  readonly length?: number | undefined;
  readonly hint?: string | undefined;
  readonly eximText?: string | undefined;
  /** The line that Exim names, when it is not that of `at` (it names the last line of a continued one). */
  readonly eximLine?: { readonly file: string; readonly line: number } | undefined;
  /** "" for faults that Exim prints without a line, " for r1 router" for those of a driver. */
  readonly eximWhere?: string | undefined;
}

export interface Reporter {
  readonly diagnostics: readonly Diagnostic[];
  add(code: Code, message: string, details?: Details): void;
  /** A fault that Exim words as `message` itself. */
  exim(code: Code, message: string, details?: Details): void;
  /** Takes over a finished one (from a driver's `check`). */
  take(diagnostic: Diagnostic): void;
}

export function reporter(): Reporter {
  const diagnostics: Diagnostic[] = [];
  const add = (code: Code, message: string, details: Details = {}): void => {
    const { at, length, hint, eximText } = details;
    diagnostics.push({
      code,
      severity: severityOf(code),
      message,
      ...(at === undefined ? {} : { at }),
      ...(length === undefined ? {} : { length }),
      ...(hint === undefined ? {} : { hint }),
      ...(eximText === undefined ? {} : { eximText, eximWhere: whereOf(details) }),
    });
  };
  return {
    diagnostics,
    add,
    exim: (code, message, details) => add(code, message, { ...details, eximText: details?.eximText ?? message }),
    take: (diagnostic) => void diagnostics.push(diagnostic),
  };
}

function whereOf({ at, eximLine, eximWhere }: Details): string {
  if (eximWhere !== undefined) return eximWhere;
  const line = eximLine ?? at;
  return line === undefined ? "" : ` in line ${line.line} of ${line.file}`;
}

/** What Exim prints (and logs to the paniclog) for a configuration with these faults; undefined: it accepts it. */
export function eximReport(diagnostics: readonly Diagnostic[]): string | undefined {
  const first = diagnostics.find((diagnostic) => diagnostic.severity === "error" && diagnostic.eximText !== undefined);
  if (first === undefined) return undefined;
  const where = first.eximWhere ?? (first.at === undefined ? "" : ` in line ${first.at.line} of ${first.at.file}`);
  return `Exim configuration error${where}:\n  ${first.eximText}`;
}

/** Does this fault stop a start? The exim face stops only where Exim does; mailkit's own commands stop at every error. */
export function isFatal(diagnostic: Diagnostic, face: "exim" | "mailkit"): boolean {
  return diagnostic.severity === "error" && (face === "mailkit" || diagnostic.eximText !== undefined);
}
