/** The configuration as it counts: macros and conditionals done, includes in place, comments gone (`-bP config`). */
import type { Position } from "@mailkit/sdk";
import type { Configuration } from "../types.ts";

export const NOT_DISPLAYABLE = "<value not displayable>";

export interface EffectiveOptions {
  /** False: no values of macros and of settings with `hide`. */
  readonly admin?: boolean;
  readonly bare?: boolean;
  readonly version?: string;
}

const DRIVER_SECTION = /^(?:router|transport|authenticator)s?$/i;
const HEADER = /^[A-Za-z][A-Za-z0-9_]*\s*:(?!:)/;

/** `-bP config`. */
export function effectiveLines(configuration: Configuration, { admin = true, bare = false, version }: EffectiveOptions): readonly string[] {
  const shownVersion = version ?? configuration.main.text("exim_version") ?? "";
  const lines = [`# Exim Configuration (${shownVersion})`];
  for (const step of layOut(configuration)) {
    if (step.kind === "file") lines.push(`# ${step.line} "${step.file}"`);
    else {
      const text = admin ? step.text : withoutSecret(step.text);
      lines.push(...(step.opens && !bare ? [""] : []), bare ? text : step.indent + text);
    }
  }
  return lines;
}

const MACRO = /^[A-Z][A-Za-z0-9_]*\s*=/;

/** A macro may hold a password, too. */
function withoutSecret(text: string): string {
  if (!/^hide\b/.test(text) && !MACRO.test(text)) return text;
  const equals = text.indexOf("=");
  return equals < 0 ? NOT_DISPLAYABLE : `${text.slice(0, equals + 1)} ${NOT_DISPLAYABLE}`;
}

type LaidOut =
  | { readonly kind: "file"; readonly file: string; readonly line: number }
  /** `opens`: an empty line goes before it. */
  | { readonly kind: "line"; readonly text: string; readonly indent: string; readonly opens: boolean; readonly at: Position };

function layOut(configuration: Configuration): readonly LaidOut[] {
  let indent = "";
  let section = "";
  return (configuration.details?.trail ?? []).map((step): LaidOut => {
    if (step.kind === "file") return step;
    const text = step.text.replace(/[ \t\v\f\r]+/g, " ");
    const line = { kind: "line" as const, text, at: step.at };
    const begin = /^begin\s+(\S+)/.exec(text);
    if (begin !== null) {
      section = begin[1] as string;
      indent = "  ";
      return { ...line, indent: "", opens: true };
    }
    if (section === "" || !isHeader(text, section)) return { ...line, indent: section === "" ? "" : indent, opens: false };
    indent = "    ";
    return { ...line, indent: "  ", opens: true };
  });
}

export function isHeader(text: string, section: string): boolean {
  return (DRIVER_SECTION.test(section) || /^acls?$/i.test(section)) && HEADER.test(text);
}
