/**
 * The canonical layout of a configuration (`mailkit fmt`). Works on physical lines, since macros and includes may stand
 * anywhere: only white space that the reader drops anyway is changed, so the meaning stays. Comments stay where they are.
 */
import { trimSpace, trimSpaceEnd } from "@mailkit/sdk";
import { directiveOf } from "../source/conditionals.ts";
import { isInclude } from "../source/reader.ts";
import { layoutAcl, layoutDriver, layoutMain, layoutRule, type LineLayout } from "./layout.ts";
import { branches, type Branches, type State } from "./state.ts";

/** The text in canonical layout; `format(format(x))` is `format(x)`. */
export function format(text: string): string {
  const state: State = { section: "main", depth: 0, base: "", continued: false, unsure: false, bare: false };
  const blocks = branches();
  const out: string[] = [];
  // A blank line ends a continued one, so it must stay.
  let keep = 0;
  for (const line of linesOf(text)) {
    const body = trimSpace(line);
    const ends = body === "" && state.continued;
    if (body === "" && !ends && (out.length === keep || out[out.length - 1] === "")) continue;
    out.push(formatLine(body, state, blocks));
    if (ends) keep = out.length;
  }
  while (out.length > keep && out[out.length - 1] === "") out.pop();
  return out.length === 0 ? "" : `${out.join("\n")}\n`;
}

function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

function formatLine(body: string, state: State, blocks: Branches): string {
  if (body === "") {
    state.continued = false;
    state.unsure = false;
    return "";
  }
  if (body.startsWith("#")) return commentIndent(state) + body;
  const directive = directiveOf(body);
  if (directive !== undefined) {
    blocks.apply(directive, state);
    return body;
  }
  if (isInclude(body)) {
    // The included lines may end the line that goes on here.
    state.unsure ||= state.continued;
    state.bare &&= !state.unsure;
    return body;
  }
  const continued = body.endsWith("\\");
  if (state.continued && !state.bare) {
    if (state.unsure && BEGIN.test(body)) state.section = "other";
    state.unsure = false;
    state.continued = continued;
    return `${state.base}  ${body}`;
  }
  state.bare = body === "\\";
  const { indent, text } = state.bare ? { indent: "", text: body } : layoutOf(body, state);
  state.continued = continued;
  state.base = indent;
  return indent + text;
}

function commentIndent(state: State): string {
  if (state.continued) return `${state.base}  `;
  return state.depth > 0 ? "  " : "";
}

const BEGIN = /^begin[ \t]+(\w+)[ \t]*$/;

function layoutOf(body: string, state: State): LineLayout {
  const begin = BEGIN.exec(body);
  if (begin !== null) {
    state.section = sectionOf(begin[1] as string);
    state.depth = 0;
    return { indent: "", text: `begin ${begin[1]}` };
  }
  const macro = /^([A-Z][A-Za-z0-9_]*)[ \t]*(==?)[ \t]*(.*)$/s.exec(body);
  if (macro !== null && state.section !== "rules" && state.section !== "other") {
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
