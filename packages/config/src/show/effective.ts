/** The configuration as it counts: macros and conditionals done, includes in place, comments gone (`-bP config`, `check --show`). */
import type { Configuration } from "../types.ts";

export interface EffectiveOptions {
  readonly bare?: boolean;
  readonly version?: string;
}

const DRIVER_SECTION = /^(?:router|transport|authenticator)s?$/i;
const HEADER = /^[A-Za-z][A-Za-z0-9_]*\s*:(?!:)/;

export function effectiveLines(configuration: Configuration, { bare = false, version }: EffectiveOptions): readonly string[] {
  const shownVersion = version ?? configuration.main.text("exim_version") ?? "";
  const lines = [`# Exim Configuration (${shownVersion})`];
  let indent = "";
  let section = "";
  for (const step of configuration.details?.trail ?? []) {
    if (step.kind === "file") {
      lines.push(`# ${step.line} "${step.file}"`);
      continue;
    }
    const text = step.text.replace(/\s+/g, " ");
    const begin = /^begin\s+(\S+)/.exec(text);
    if (begin !== null) {
      section = begin[1] as string;
      indent = "  ";
      lines.push(...(bare ? [text] : ["", text]));
    } else if (bare) lines.push(text);
    else if (section === "") lines.push(text);
    else if (isHeader(text, section)) {
      lines.push("", `  ${text}`);
      indent = "    ";
    } else lines.push(`${indent}${text}`);
  }
  return lines;
}

function isHeader(text: string, section: string): boolean {
  return (DRIVER_SECTION.test(section) || /^acls?$/i.test(section)) && HEADER.test(text);
}
