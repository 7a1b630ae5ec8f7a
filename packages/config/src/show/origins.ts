/**
 * `mailkit check --show`: every setting that counts, in the layout of `mailkit fmt`, with the physical lines it comes
 * from. Macros, conditionals and includes have done their work, so their own lines are gone.
 */
import type { Position } from "@mailkit/sdk";
import { layoutAcl, layoutDriver, layoutMain, layoutRule } from "../format/layout.ts";
import type { UsedMacro } from "../source/reader.ts";
import type { Configuration } from "../types.ts";
import { isHeader } from "./effective.ts";

export interface EffectiveLine {
  /** Indented; "" between instances and sections. */
  readonly text: string;
  /** Where the parts of a continued line stand; empty for an empty line. */
  readonly places: readonly Position[];
  /** The macros whose text stands in it. */
  readonly macros: readonly UsedMacro[];
}

const EMPTY: EffectiveLine = { text: "", places: [], macros: [] };
const MACRO = /^[A-Z][A-Za-z0-9_]*[ \t]*=/;

export function effectiveWithOrigins({ details }: Configuration): readonly EffectiveLine[] {
  let section = "";
  return (details?.trail ?? []).flatMap((step): readonly EffectiveLine[] => {
    if (step.kind === "file") return [];
    const { text, map, macros } = step;
    const places = map.lines();
    const begin = /^begin[ \t]+(\w+)/.exec(text);
    if (begin !== null) {
      section = (begin[1] as string).toLowerCase().replace(/s$/, "");
      return [EMPTY, { text: `begin ${begin[1]}`, places, macros }];
    }
    if (section !== "retry" && section !== "rewrite" && MACRO.test(text)) return [];
    if (isHeader(text, section)) return [EMPTY, { text: `  ${text}`, places, macros }];
    return [{ text: laidOut(text, section), places, macros }];
  });
}

function laidOut(text: string, section: string): string {
  if (section === "") return layoutMain(text).text;
  const { indent, text: line } = section === "acl" ? layoutAcl(text) : isRule(section) ? layoutRule(text) : layoutDriver(text);
  return `  ${indent}${line}`;
}

function isRule(section: string): boolean {
  return section === "retry" || section === "rewrite";
}
