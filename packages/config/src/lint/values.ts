/** Traps of how values are written (manual §"Configuration file format", §"String values"). */
import type { Trap } from "./trap.ts";

/** Options whose values are texts for people, where a # is a # . */
const TEXTS = /message|text|banner|header|log|print|subject|^from$|greeting|signature|^data$/;
const SETTING = /^(?:hide\s+)?(?:(?:domain|host|address|localpart)list(?:_cache)?\s+)?(?:[a-z]+\s+)?(?:!\s*)?([a-z][a-z0-9_]*)\s*=/;

/** `#` begins a comment at the start of a line only. */
export const commentsBehindValues: Trap = ({ details }, report) => {
  for (const step of details?.trail ?? []) {
    if (step.kind === "file") continue;
    const name = SETTING.exec(step.text);
    const found = name === null || TEXTS.test(name[1] as string) ? -1 : commentStart(step.text, name[0].length);
    if (found < 0) continue;
    report.add("MK0708", `what follows # belongs to the value of ${name?.[1]}`, {
      at: step.map.at(found),
      length: step.text.length - found,
      hint: "put the comment on a line of its own",
    });
  }
};

/** A # after white space, with white space or a letter behind it, outside of braces, quotes and regular expressions. */
function commentStart(text: string, from: number): number {
  let depth = 0;
  if (/^\s*["^]/.test(text.slice(from))) return -1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "{") depth++;
    else if (text[i] === "}") depth--;
    else if (text[i] === "#" && depth === 0 && /\s/.test(text[i - 1] ?? "") && /[\sA-Za-z]/.test(text[i + 1] ?? " ")) return i;
  }
  return -1;
}

const QUOTED = /^(?:hide\s+)?[a-z][a-z0-9_]*\s*=\s*"/;
const SECTION = /^begin\s+(\w+)/;

/** In quotes a backslash is read once with the file; where it names no character it is dropped. */
export const lostBackslashes: Trap = ({ details }, report) => {
  let reads = true;
  for (const step of details?.trail ?? []) {
    if (step.kind === "file") continue;
    const section = SECTION.exec(step.text)?.[1];
    if (section !== undefined) reads = /^(?:router|transport|authenticator)/i.test(section);
    const head = reads ? QUOTED.exec(step.text) : null;
    if (head === null) continue;
    const lost = /\\(?:[^nrt0-7x"\\]|x(?![0-9A-Fa-f]))/.exec(withoutPairs(step.text, head[0].length));
    if (lost === null) continue;
    report.add("MK0709", `the backslash of ${lost[0]} is lost: the value is in quotes`, {
      at: step.map.at(lost.index),
      length: 2,
      hint: `double it, as in \\${lost[0]}, or leave the quotes out`,
    });
  }
};

/** Pairs of backslashes and what stands before `from` blanked out, so that offsets stay. */
function withoutPairs(text: string, from: number): string {
  return " ".repeat(from) + text.slice(from).replace(/\\\\/g, "  ");
}
