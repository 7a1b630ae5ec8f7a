/** What every part of the reader shares while one configuration is loaded. */
import type { Position } from "@mailkit/sdk";
import type { DriverCatalogue } from "./types.ts";
import type { MacroFault, MacroTable } from "./source/macros.ts";
import type { LogicalLine } from "./source/reader.ts";
import { nameEnd, skipSpace } from "./values/scan.ts";
import type { ValueContext } from "./values/value.ts";

export interface LoadContext extends ValueContext {
  readonly catalogue: DriverCatalogue;
  readonly macros: MacroTable;
  /** The next line of the section; undefined at its end (`begin` or the end of the file). */
  readonly next: () => LogicalLine | undefined;
}

/** In sections: a line that begins with a capital letter and has `=` after the word defines a macro. */
export function isMacroLine(line: LogicalLine): boolean {
  return /^[A-Z][A-Za-z0-9_]*\s*=/.test(line.text);
}

/** Obeys `NAME = text` and `NAME == text` (manual §"Macros in the configuration file"). */
export function defineMacro(line: LogicalLine, { macros, report }: Pick<LoadContext, "macros" | "report">): void {
  const end = nameEnd(line.text, 0);
  const name = line.text.slice(0, end);
  const equals = skipSpace(line.text, end);
  const at = line.map.at(0);
  if (line.text[equals] !== "=") {
    const hint = /^[A-Z][a-z_]+\b/.test(line.text) ? "names of options are in lower case" : "write NAME = text";
    report.exim("MK0001", "malformed macro definition", { at, length: line.map.width(0, Math.max(1, end)), hint, eximLine: line.end });
    return;
  }
  const redefine = line.text[equals + 1] === "=";
  const value = line.text.slice(skipSpace(line.text, equals + (redefine ? 2 : 1)));
  const result = macros.define(name, value, redefine, at);
  if (result.kind === "fault") reportMacro(name, result.fault, { at, length: line.map.width(0, end) }, report);
}

function reportMacro(
  name: string,
  fault: MacroFault,
  place: { readonly at: Position; readonly length: number },
  report: LoadContext["report"],
): void {
  const eximWhere = "";
  switch (fault.why) {
    case "duplicate": {
      const eximText = `macro "${name}" is already defined (use "==" if you want to redefine it)`;
      report.add("MK0002", `macro ${name} is already defined`, {
        ...place,
        hint: `write ${name} == ... to change it`,
        eximText,
        eximWhere,
      });
      return;
    }
    case "undefined": {
      const eximText = `can't redefine an undefined macro "${name}"`;
      report.add("MK0002", `macro ${name} is not defined yet`, { ...place, hint: `write ${name} = ...`, eximText, eximWhere });
      return;
    }
    case "contains": {
      const eximText = `"${name}" cannot be defined as a macro because previously defined macro "${fault.earlier}" is a substring`;
      const hint = `define ${name} before ${fault.earlier}, or choose another name`;
      const message = `macro ${name} holds the name of macro ${fault.earlier}, which would be replaced in it`;
      report.add("MK0003", message, { ...place, hint, eximText, eximWhere });
    }
  }
}
