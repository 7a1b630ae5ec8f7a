/** How one physical line of each section is laid out. Only white space around names and equals signs moves. */
import { trimSpaceEnd } from "@mailkit/sdk";
import { ACL_CONDITIONS, ACL_MODIFIERS, ACL_VERBS } from "../sections/acl.ts";

export interface LineLayout {
  readonly indent: string;
  readonly text: string;
}

const ITEMS = new Set<string>([...ACL_CONDITIONS, ...ACL_MODIFIERS]);
/** Verbs are padded to this width, so that conditions stand in a column. */
const VERB_WIDTH = Math.max(...ACL_VERBS.map((verb) => verb.length));

export function layoutMain(body: string): LineLayout {
  return { indent: "", text: assignment(body) };
}

export function layoutDriver(body: string): LineLayout {
  return { indent: "  ", text: assignment(body) };
}

/** Columns of rules are somebody's own table: left alone. */
export function layoutRule(body: string): LineLayout {
  return { indent: "", text: body };
}

export function layoutAcl(body: string): LineLayout {
  const match = /^([a-z]+)(?:[ \t]+(.*))?$/s.exec(body);
  const word = match?.[1] ?? "";
  if ((ACL_VERBS as readonly string[]).includes(word)) {
    const rest = match?.[2];
    return { indent: "  ", text: rest === undefined ? word : trimSpaceEnd(`${word.padEnd(VERB_WIDTH)} ${aclItem(rest)}`) };
  }
  return { indent: " ".repeat(VERB_WIDTH + 3), text: aclItem(body) };
}

function aclItem(text: string): string {
  const set = /^set[ \t]+([A-Za-z0-9_]+)[ \t]*=[ \t]*(.*)$/s.exec(text);
  if (set !== null) return joined(`set ${set[1]}`, "=", set[2] as string);
  const match = /^(!?)[ \t]*([a-z_]+)[ \t]*=[ \t]*(.*)$/s.exec(text);
  if (match === null || !ITEMS.has(match[2] as string)) return text;
  return joined(`${match[1]}${match[2]}`, "=", match[3] as string);
}

/** `name = value`, `hide name = value`, `domainlist name = items`; anything else as it stands. */
function assignment(body: string): string {
  const match =
    /^((?:hide[ \t]+)?(?:(?:domain|host|address|localpart)list(?:_cache)?[ \t]+)?[a-z][A-Za-z0-9_]*)[ \t]*=(?!=)[ \t]*(.*)$/s.exec(body);
  if (match === null) return body;
  return joined((match[1] as string).replace(/[ \t]+/g, " "), "=", match[2] as string);
}

function joined(name: string, sign: string, value: string): string {
  return value === "" ? `${name} ${sign}` : `${name} ${sign} ${value}`;
}
