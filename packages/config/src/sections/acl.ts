/**
 * The syntax of ACLs (manual §"Format of an ACL"): names, verbs, conditions and modifiers. The same reader serves the
 * `acl` section, ACL files and inline ACLs. What is legal where, and what a value means, is `@mailkit/acl`'s business.
 */
import { nearest } from "@mailkit/sdk";
import { defineMacro, isMacroLine, type LoadContext } from "../context.ts";
import { reporter, type Reporter } from "../reporter.ts";
import { macroTable } from "../source/macros.ts";
import { openReader, type LogicalLine } from "../source/reader.ts";
import type { AclItemSource, AclSource, AclStatementSource } from "../types.ts";
import { skipSpace, slice, type Located } from "../values/scan.ts";

export const ACL_VERBS = ["accept", "defer", "deny", "discard", "drop", "require", "warn"] as const;
export type AclVerb = (typeof ACL_VERBS)[number];

export const ACL_CONDITIONS: readonly string[] =
  `acl atrn_domains authenticated condition dcc decode dkim_signers dkim_status dmarc_status dnslists domains encrypted hosts
  local_parts malware mime_regex ratelimit recipients regex seen sender_domains senders spam spf spf_guess verify`.split(/\s+/);
export const ACL_MODIFIERS: readonly string[] =
  `add_header continue control delay endpass log_message log_reject_target logwrite message queue remove_header set udpsend`.split(/\s+/);

const MODIFIERS = new Set(ACL_MODIFIERS);
const ITEMS = new Set([...ACL_CONDITIONS, ...ACL_MODIFIERS]);

/** Items of a statement while it is being read. */
interface OpenStatement extends AclStatementSource {
  readonly items: AclItemSource[];
}

/** The `acl` section. */
export function readAcls(acls: Map<string, AclSource>, context: LoadContext): void {
  let statements: OpenStatement[] | undefined;
  for (let line = context.next(); line !== undefined; line = context.next()) {
    if (isMacroLine(line)) {
      defineMacro(line, context);
      statements = undefined;
      continue;
    }
    const head = /^([A-Za-z][A-Za-z0-9_]*)\s*:(?!:)/.exec(line.text);
    if (head !== null && !isVerb(head[1] as string)) statements = openAcl(line, head, acls, context);
    else if (statements === undefined) reportNoName(line, context.report);
    else readAclLine(line, statements, context.report);
  }
}

/** Lines of an ACL that has no name, for a caller who has logical lines already. Faults go to `report`. */
export function readAclStatements(lines: Iterable<LogicalLine>, report: Reporter): readonly AclStatementSource[] {
  const statements: OpenStatement[] = [];
  for (const line of lines) readAclLine(line, statements, report);
  return statements;
}

export interface AclRead {
  readonly statements: readonly AclStatementSource[];
  readonly diagnostics: Reporter["diagnostics"];
}

/** An ACL without a name: the text of an ACL file or an inline ACL (manual §"Finding an ACL to use"). `file` is for positions. */
export function parseAcl(text: string, file: string): AclRead {
  const report = reporter();
  const statements: OpenStatement[] = [];
  const readFile = (path: string) => (path === file ? text : { code: "EACCES", message: "no includes here" });
  const reader = openReader(file, readFile, macroTable([]), report);
  if (!("next" in reader)) return { statements, diagnostics: report.diagnostics };
  for (let line = reader.next(); line !== undefined; line = reader.next()) readAclLine(line, statements, report);
  return { statements, diagnostics: report.diagnostics };
}

function openAcl(line: LogicalLine, head: RegExpExecArray, acls: Map<string, AclSource>, { report }: LoadContext): OpenStatement[] {
  const name = head[1] as string;
  const at = line.map.at(0);
  const statements: OpenStatement[] = [];
  const first = acls.get(name);
  if (first !== undefined) {
    report.add("MK0502", `there are two ACLs called "${name}"`, {
      at,
      length: line.map.width(0, name.length),
      hint: `the first is at ${first.at.file}:${first.at.line}`,
      eximText: `there are two ACLs called "${name}"`,
      eximLine: line.end,
    });
    return statements;
  }
  acls.set(name, { name, at, statements });
  const rest = skipSpace(line.text, head[0].length);
  if (rest < line.text.length) {
    const length = line.map.width(rest, line.text.length - rest);
    report.add("MK0508", `text after the name of ACL "${name}" is ignored`, {
      at: line.map.at(rest),
      length,
      hint: "put it on a line of its own",
    });
  }
  return statements;
}

/** One logical line: a verb with or without an item, or a further item of the statement before. */
function readAclLine(line: LogicalLine, statements: OpenStatement[], report: Reporter): void {
  const word = /^[A-Za-z_]+/.exec(line.text)?.[0];
  if (word !== undefined && isVerb(word)) {
    const statement: OpenStatement = { verb: word, at: line.map.at(0), items: [] };
    statements.push(statement);
    let rest = skipSpace(line.text, word.length);
    if (line.text[rest] === ":") rest = skipSpace(line.text, rest + 1);
    if (rest < line.text.length) readItem(line, rest, statement, report);
    return;
  }
  const statement = statements[statements.length - 1];
  const isItem = word === undefined ? line.text.startsWith("!") : ITEMS.has(word);
  if (statement === undefined || !isItem) reportVerb(line, word, statement !== undefined, report);
  else readItem(line, 0, statement, report);
}

function readItem(line: LogicalLine, start: number, statement: OpenStatement, report: Reporter): void {
  const text = line.text;
  const negated = text[start] === "!";
  const from = negated ? skipSpace(text, start + 1) : start;
  const name = /^[a-z_]+/.exec(text.slice(from))?.[0] ?? "";
  const place = { at: line.map.at(from), length: line.map.width(from, Math.max(1, name.length)), eximLine: line.end };
  if (!ITEMS.has(name)) {
    const near = nearest(name, ITEMS);
    const hint = near === undefined ? undefined : `did you mean "${near}"?`;
    const eximText = `error in ACL: unknown ACL condition/modifier in "${text}"`;
    report.add("MK0504", `there is no ACL condition or modifier "${name || text.slice(from)}"`, { ...place, hint, eximText });
    return;
  }
  if (negated && MODIFIERS.has(name)) {
    const eximText = `error in ACL: ACL error: negation is not allowed with "${name}"`;
    report.add("MK0505", `${name} is a modifier and cannot be negated`, { ...place, hint: "leave the ! out", eximText });
    return;
  }
  if (name === "endpass") return addEndpass(statement, place, report);
  readItemValue({ line, name, negated, from, place }, statement, report);
}

interface ItemHead {
  readonly line: LogicalLine;
  readonly name: string;
  readonly negated: boolean;
  readonly from: number;
  readonly place: { readonly at: AclItemSource["at"]; readonly length: number; readonly eximLine: LogicalLine["end"] };
}

function readItemValue({ line, name, negated, from, place }: ItemHead, statement: OpenStatement, report: Reporter): void {
  let i = skipSpace(line.text, from + name.length);
  let variable: string | undefined;
  if (name === "set") {
    variable = readVariable(line, i, report);
    if (variable === undefined) return;
    i = skipSpace(line.text, i + variable.length);
  }
  if (line.text[i] !== "=") {
    const kind = MODIFIERS.has(name) ? "modifier" : "condition";
    const eximText = `error in ACL: "=" missing after ACL "${name}" ${kind}`;
    report.add("MK0506", `"=" is missing after ${name}`, { ...place, hint: `write ${name} = value`, eximText });
    return;
  }
  const value = valueOf(line, i + 1);
  statement.items.push({
    name,
    negated,
    value: value.text,
    at: place.at,
    locate: value.locate,
    ...(variable === undefined ? {} : { variable }),
  });
}

/** The rest of the line as it stands: quotes have no meaning in ACLs. */
function valueOf(line: LogicalLine, from: number): Located {
  return slice(line, skipSpace(line.text, from), line.text.length);
}

function readVariable(line: LogicalLine, from: number, report: Reporter): string | undefined {
  const name = /^[A-Za-z0-9_]*/.exec(line.text.slice(from))?.[0] ?? "";
  if (/^acl_[cm](?:\d|_)/.test(name)) return name;
  const why = /^acl_[cm]/.test(name) ? "digit or underscore must follow acl_c or acl_m" : 'must start "acl_c" or "acl_m"';
  const item = line.text.slice(line.text.lastIndexOf("set", from));
  report.add("MK0507", `set cannot set "${name}"`, {
    at: line.map.at(from),
    length: line.map.width(from, Math.max(1, name.length)),
    hint: "names begin with acl_c (connection) or acl_m (message), then a digit or _: acl_m_name",
    eximText: `error in ACL: invalid variable name after "set" in ACL modifier "${item}" (${why})`,
    eximLine: line.end,
  });
  return undefined;
}

function addEndpass(statement: OpenStatement, place: ItemHead["place"], report: Reporter): void {
  if (statement.verb === "accept" || statement.verb === "discard") {
    statement.items.push({ name: "endpass", negated: false, value: "", at: place.at });
    return;
  }
  const eximText = `error in ACL: ACL error: "endpass" is not allowed with "${statement.verb}"`;
  report.add("MK0505", `endpass has no meaning in ${statement.verb}`, { ...place, hint: "it belongs into accept and discard", eximText });
}

function isVerb(word: string): word is AclVerb {
  return (ACL_VERBS as readonly string[]).includes(word);
}

function reportNoName(line: LogicalLine, report: Reporter): void {
  const hint = "an ACL begins with its name (letters, digits, underscores) and a colon";
  report.exim("MK0501", "missing or malformed ACL name", {
    at: line.map.at(0),
    length: line.map.width(0, line.text.length),
    hint,
    eximLine: line.end,
  });
}

function reportVerb(line: LogicalLine, word: string | undefined, inStatement: boolean, report: Reporter): void {
  const near = word === undefined ? undefined : nearest(word, inStatement ? [...ACL_VERBS, ...ITEMS] : ACL_VERBS);
  const message =
    word === undefined ? "an ACL verb was expected here" : `there is no ACL verb${inStatement ? " or condition" : ""} "${word}"`;
  report.add("MK0503", message, {
    at: line.map.at(0),
    length: line.map.width(0, Math.max(1, word?.length ?? line.text.length)),
    hint: near === undefined ? `verbs are ${ACL_VERBS.join(", ")}` : `did you mean "${near}"?`,
    eximText:
      word === undefined ? `error in ACL: malformed ACL line "${line.text}"` : `error in ACL: unknown ACL verb "${word}" in "${line.text}"`,
    eximLine: line.end,
  });
}
