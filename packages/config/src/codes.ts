/** The catalogue of diagnostic codes; `docs/diagnostics.md` is made from it. */
import type { Severity } from "@mailkit/sdk";
import type { CodeEntry } from "./codes/entry.ts";
import { commandCodes } from "./codes/commands.ts";
import { driverCodes } from "./codes/drivers.ts";
import { lintCodes } from "./codes/lint.ts";
import { nameCodes } from "./codes/names.ts";
import { optionCodes } from "./codes/options.ts";
import { readingCodes } from "./codes/reading.ts";
import { ruleCodes } from "./codes/rules.ts";

const ALL = { ...readingCodes, ...optionCodes, ...nameCodes, ...ruleCodes, ...driverCodes, ...commandCodes, ...lintCodes };

export type Code = keyof typeof ALL;
export const CODES: Readonly<Record<Code, CodeEntry>> = ALL;

export function severityOf(code: Code): Severity {
  return CODES[code].severity;
}
