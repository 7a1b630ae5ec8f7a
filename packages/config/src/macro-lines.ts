/** Macros in lines that somebody types (`exim -be`): definitions are taken, names are replaced. Keeps its own table. */
import type { Configuration } from "./types.ts";
import { defineMacro, isMacroLine } from "./context.ts";
import { reporter } from "./reporter.ts";
import { macroTable } from "./source/macros.ts";
import { nameEnd } from "./values/scan.ts";

export type MacroLine =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "defined"; readonly name: string }
  | { readonly kind: "fault"; readonly message: string };

/** `known` are those that the configuration ends with; without `all` only those that no file holds (they may be secrets). */
export function macroLines(known: Configuration["macros"], { all }: { readonly all: boolean }): (line: string) => MacroLine {
  const shown = known.filter(({ at }) => all || at === undefined);
  const macros = macroTable(shown.map(({ name, value }) => ({ name, value, origin: "file", uses: 0 })));
  const at = { file: "", line: 0, column: 0 };
  return (source) => {
    const { text } = macros.substitute(source);
    const line = { text, map: { at: () => at, width: (_: number, length: number) => length }, end: at };
    if (!isMacroLine(line)) return { kind: "text", text };
    const report = reporter();
    defineMacro(line, { macros, report });
    const fault = report.diagnostics[0];
    if (fault !== undefined) return { kind: "fault", message: fault.eximText ?? fault.message };
    return { kind: "defined", name: text.slice(0, nameEnd(text, 0)) };
  };
}
