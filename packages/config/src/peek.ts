/**
 * A look at a few options of the main part, for commands that need to know where the spool is and nothing else: macros,
 * includes and conditions are obeyed, nothing is compiled, the sections are not read. No answer when anything is
 * uncertain: then the configuration is to be loaded as a whole, which tells faults.
 */
import { defineMacro } from "./context.ts";
import { MAIN_OPTIONS } from "./main-options.ts";
import { reporter } from "./reporter.ts";
import { isNamedList } from "./sections/named-lists.ts";
import { macroTable, type Macro } from "./source/macros.ts";
import { openReader, type ReadFile } from "./source/reader.ts";

export interface PeekRequest {
  readonly file: string;
  readonly readFile: ReadFile;
  readonly defines: readonly (readonly [name: string, value: string])[];
  readonly names: readonly string[];
}

const OPTION = /^(?:hide\s+)?([a-z][a-z0-9_]*)\s*(?:=\s*(.*))?$/s;
/** Predefined macros come from the drivers, which are not there. */
const PREDEFINED = /_(?:HAVE|DRIVER|OPT|LOOKUP|ACL|LOG|EXP|EVENT)_?[A-Z]/;

/** The texts of those of `names` that are set plainly; undefined = it cannot be told so simply. */
export function peekMain({ file, readFile, defines, names }: PeekRequest): ReadonlyMap<string, string> | undefined {
  const report = reporter();
  const macros = macroTable(defines.map(([name, value]): Macro => ({ name, value, origin: "command", uses: 0 })));
  let uncertain = false;
  const reader = openReader(
    file,
    (path) => {
      const text = readFile(path);
      uncertain ||= typeof text !== "string" || PREDEFINED.test(text);
      return text;
    },
    macros,
    report,
  );
  if (!("next" in reader)) return undefined;
  const found = new Map<string, string>();
  for (let line = reader.next(); line !== undefined && !/^begin\s/.test(line.text); line = reader.next()) {
    if (/^[A-Z]/.test(line.text)) defineMacro(line, { macros, report });
    else if (!isNamedList(line)) uncertain ||= !takeOption(line.text, names, found);
    if (uncertain) return undefined;
  }
  return uncertain || report.diagnostics.length > 0 ? undefined : found;
}

/** False: a line that the whole reader has to judge. */
function takeOption(text: string, names: readonly string[], found: Map<string, string>): boolean {
  const [, name = "", value] = OPTION.exec(text) ?? [];
  const [, positive] = /^(?:no|not)_(.+)$/.exec(name) ?? [];
  if (Object.hasOwn(MAIN_OPTIONS, name)) {
    if (!names.includes(name)) return true;
    if (found.has(name) || /[$"\\]/.test(value ?? "")) return false;
    found.set(name, value?.trim() ?? "true");
    return true;
  }
  if (positive === undefined || value !== undefined || !Object.hasOwn(MAIN_OPTIONS, positive)) return false;
  if (names.includes(positive)) found.set(positive, "false");
  return true;
}
