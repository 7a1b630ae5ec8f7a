/**
 * The canonical layout of a configuration (`mailkit fmt`). Works on physical lines, since macros and includes may stand
 * anywhere: only white space that the reader drops anyway is changed, so the meaning stays. Comments stay where they are.
 */
import { trimSpace, trimSpaceEnd } from "@mailkit/sdk";
import { layoutAcl, layoutDriver, layoutMain, layoutRule, type LineLayout } from "./layout.ts";

/** The text in canonical layout; `format(format(x))` is `format(x)`. */
export function format(text: string): string {
  const lines = text.split(/\r?\n/);
  const state: State = { section: "main", depth: 0, base: "", continued: false };
  const out: string[] = [];
  for (const line of lines) {
    const formatted = formatLine(trimSpace(line), state);
    // A blank line ends a continued one, so it must stay.
    const repeats = formatted === "" && (out.length === 0 || out[out.length - 1] === "") && !state.continued;
    if (!repeats || state.endsContinuation) out.push(formatted);
  }
  while (out[out.length - 1] === "") out.pop();
  return out.length === 0 ? "" : `${out.join("\n")}\n`;
}

interface State {
  section: "main" | "acl" | "driver" | "rules" | "other";
  /** Inside an ACL or a driver instance. */
  depth: number;
  /** Indentation of the logical line that is being continued. */
  base: string;
  continued: boolean;
  /** This blank line ends a continued line. */
  endsContinuation?: boolean;
}

function formatLine(body: string, state: State): string {
  state.endsContinuation = false;
  if (body === "") {
    state.endsContinuation = state.continued;
    state.continued = false;
    return "";
  }
  if (body.startsWith("#")) return commentIndent(state) + body;
  if (/^\.[a-z]/.test(body)) return body;
  if (state.continued) {
    state.continued = body.endsWith("\\");
    return `${state.base}  ${body}`;
  }
  const continued = body.endsWith("\\");
  const { indent, text } = layoutOf(body, state);
  state.continued = continued;
  state.base = indent;
  return indent + text;
}

function commentIndent(state: State): string {
  if (state.continued) return `${state.base}  `;
  return state.depth > 0 ? "  " : "";
}

function layoutOf(body: string, state: State): LineLayout {
  const begin = /^begin[ \t]+(\w+)[ \t]*$/.exec(body);
  if (begin !== null) {
    state.section = sectionOf(begin[1] as string);
    state.depth = 0;
    return { indent: "", text: `begin ${begin[1]}` };
  }
  const macro = /^([A-Z][A-Za-z0-9_]*)[ \t]*(==?)[ \t]*(.*)$/s.exec(body);
  if (macro !== null && state.section !== "rules") {
    state.depth = 0;
    return { indent: "", text: trimSpaceEnd(`${macro[1]} ${macro[2]} ${macro[3]}`) };
  }
  const header = /^([A-Za-z][A-Za-z0-9_]*)[ \t]*:(?!:)[ \t]*(.*)$/s.exec(body);
  if (
    header !== null &&
    (state.section === "acl" || state.section === "driver") &&
    !(state.section === "acl" && isVerbWord(header[1] as string))
  ) {
    state.depth = 1;
    return { indent: "", text: `${header[1]}:${header[2] === "" ? "" : ` ${header[2]}`}` };
  }
  switch (state.section) {
    case "main":
      return layoutMain(body);
    case "acl":
      return layoutAcl(body);
    case "driver":
      return layoutDriver(body);
    case "rules":
      return layoutRule(body);
    case "other":
      return { indent: "", text: body };
  }
}

function isVerbWord(word: string): boolean {
  return /^(?:accept|defer|deny|discard|drop|require|warn)$/.test(word);
}

function sectionOf(name: string): State["section"] {
  switch (name.toLowerCase().replace(/s$/, "")) {
    case "acl":
      return "acl";
    case "router":
    case "transport":
    case "authenticator":
      return "driver";
    case "retry":
    case "rewrite":
      return "rules";
    default:
      return "other";
  }
}
