/**
 * One option line against tables of options: name, prefix, `hide`, second settings, value. The same code reads the main
 * part and the drivers (manual §"Common option syntax"). Where the value's meaning matters, `value.ts` knows.
 */
import type { OptionSpec, OptionTable, Position } from "@mailkit/sdk";
import { nearest, splitList, trimSpaceEnd } from "@mailkit/sdk";
import type { LogicalLine } from "../source/reader.ts";
import { nameEnd, readString, skipSpace, unlocated, type Located } from "./scan.ts";
import { parseValue, type ValueContext } from "./value.ts";

export interface Setting {
  readonly name: string;
  readonly spec: OptionSpec;
  readonly value: unknown;
  /** The value as text, quotes and escapes processed; several settings of a repeatable option joined. */
  readonly located: Located;
  /** The option's name in the file. */
  readonly at: Position;
  readonly hidden: boolean;
  /** The single settings of a repeatable option. */
  readonly parts: readonly Located[];
}

/** Whose options: words for faults. */
export interface OptionOwner {
  readonly kind: "main" | "router" | "transport" | "authenticator";
  /** Instance, for the kinds that have them. */
  readonly name: string;
  /** No `driver` line was seen yet, so private options cannot be known. */
  readonly driverPending?: boolean;
  /** The driver is unknown: options that are not generic are passed over in silence. */
  readonly driverUnknown?: boolean;
}

export interface OptionLine {
  readonly line: LogicalLine;
  readonly tables: readonly OptionTable[];
  readonly settings: Map<string, Setting>;
  readonly owner: OptionOwner;
}

interface Head {
  readonly name: string;
  readonly negated: boolean;
  readonly hidden: boolean;
  readonly start: number;
  readonly end: number;
}

/** Reads one setting into `settings`. */
export function readOption(option: OptionLine, context: ValueContext): void {
  const head = readHead(option.line);
  if (head === undefined) return reportNoOption(option, context);
  const found = lookUp(option.tables, head.name);
  if (found === undefined) return reportUnknown(option, head, context);
  const [name, spec] = found;
  const at = option.line.map.at(head.start);
  const known = option.settings.get(name);
  if (known !== undefined && spec.repeat === undefined) {
    context.report.add("MK0103", `${ownerText(option.owner)}sets ${name} a second time`, {
      at,
      length: option.line.map.width(head.start, head.end - head.start),
      hint: `the first is at ${known.at.file}:${known.at.line}; keep one of them`,
      eximText: `"${name}" option set for the second time`,
      eximLine: option.line.end,
    });
    return;
  }
  const read = isBoolean(spec) ? readBoolean(option, head, spec, context) : readOther(option, head, spec, context);
  if (read === undefined) return;
  option.settings.set(name, merge(known, { name, spec, at, hidden: head.hidden, ...read, parts: [read.located] }, context));
}

function readHead({ text }: LogicalLine): Head | undefined {
  let start = 0;
  let hidden = false;
  let end = nameEnd(text, 0);
  if (text.slice(0, end) === "hide") {
    hidden = true;
    start = skipSpace(text, end);
    end = nameEnd(text, start);
  }
  if (end === start) return undefined;
  const word = text.slice(start, end);
  const prefix = /^(?:no|not)_(?=.)/.exec(word);
  return { name: prefix === null ? word : word.slice(prefix[0].length), negated: prefix !== null, hidden, start, end };
}

function lookUp(tables: readonly OptionTable[], name: string): readonly [string, OptionSpec] | undefined {
  for (const table of tables) if (Object.hasOwn(table, name)) return [name, table[name] as OptionSpec];
  return undefined;
}

function isBoolean(spec: OptionSpec): boolean {
  return spec.type === "boolean" || spec.type === "expandedBoolean";
}

type Read = { readonly value: unknown; readonly located: Located };

function readBoolean(option: OptionLine, head: Head, spec: OptionSpec, context: ValueContext): Read | undefined {
  const { line } = option;
  const rest = skipSpace(line.text, head.end);
  const written = line.text.slice(head.start, head.end);
  if (rest >= line.text.length) {
    return { value: !head.negated, located: unlocated(head.negated ? "false" : "true", line.map.at(head.start)) };
  }
  if (head.negated || line.text[rest] !== "=") {
    context.report.add("MK0104", `text follows the switch ${written}`, {
      at: line.map.at(rest),
      length: line.map.width(rest, line.text.length - rest),
      hint: head.negated ? `${head.name} = false, or ${written} alone` : `${head.name} = yes or no`,
      eximText: `extra characters follow boolean option ${written}`,
      eximLine: line.end,
    });
    return undefined;
  }
  const read = readString(line, rest + 1);
  if (read.kind === "fault") return reportString(option, head, read, context);
  const text = read.value.text;
  if (/^(?:true|yes)$/i.test(text)) return { value: true, located: read.value };
  if (/^(?:false|no)$/i.test(text)) return { value: false, located: read.value };
  if (spec.type === "expandedBoolean" && text.includes("$")) {
    return { value: context.compilers.template(text, read.value.at), located: read.value };
  }
  context.report.add("MK0105", `${head.name} is a switch and cannot be "${text}"`, {
    at: read.value.at,
    length: read.value.width(0, Math.max(1, text.length)),
    hint: "true, false, yes or no",
    eximText: `"${text}" is not a valid value for the "${head.name}" option`,
    eximLine: line.end,
  });
  return undefined;
}

function readOther(option: OptionLine, head: Head, spec: OptionSpec, context: ValueContext): Read | undefined {
  const { line } = option;
  const nameAt = { at: line.map.at(head.start), length: line.map.width(head.start, head.end - head.start), eximLine: line.end };
  if (head.negated) {
    const hint = `write ${head.name} = with nothing after it, or leave the line out`;
    const eximText = "negation prefix applied to a non-boolean option";
    context.report.add("MK0106", `${head.name} is not a switch`, { ...nameAt, hint, eximText });
    return undefined;
  }
  const equals = skipSpace(line.text, head.end);
  if (line.text[equals] !== "=") {
    const eximText =
      equals >= line.text.length ? `unexpected end of line (data missing) after ${head.name}` : `missing "=" after ${head.name}`;
    context.report.add("MK0107", `${head.name} has no value`, { ...nameAt, hint: `write ${head.name} = value`, eximText });
    return undefined;
  }
  const read = readString(line, equals + 1);
  if (read.kind === "fault") return reportString(option, head, read, context);
  const owner = option.owner.kind === "main" ? undefined : ` for ${option.owner.name} ${option.owner.kind}`;
  const value = parseValue({ name: head.name, spec, value: read.value, end: line.end, owner }, context);
  return value === undefined ? undefined : { value, located: read.value };
}

function reportString(
  { line }: OptionLine,
  head: Head,
  fault: { readonly why: "unterminated" | "extra"; readonly offset: number },
  { report }: ValueContext,
): undefined {
  const unterminated = fault.why === "unterminated";
  report.add("MK0108", unterminated ? `the quoted value of ${head.name} does not end` : `text follows the quoted value of ${head.name}`, {
    at: line.map.at(fault.offset),
    length: unterminated ? 1 : line.map.width(fault.offset, line.text.length - fault.offset),
    hint: unterminated ? 'add the closing "' : 'quote the whole value, or no part of it (\\" for a quote inside)',
    eximText: unterminated
      ? `missing quote at end of string value for ${head.name}`
      : `extra characters follow string value for ${head.name}`,
    eximLine: line.end,
  });
  return undefined;
}

/** A repeatable option set again (manual §"Generic options for routers": `headers_add`, `headers_remove`, `condition`, `set`). */
function merge(known: Setting | undefined, added: Setting, { compilers }: ValueContext): Setting {
  const repeat = added.spec.repeat;
  const listed = Array.isArray(added.value) ? added.value : [added.value];
  const several = repeat === "and" || added.spec.type === "variables";
  if (known === undefined) return several ? { ...added, value: listed } : added;
  const parts = [...known.parts, added.located];
  if (several) return { ...known, parts, value: [...(known.value as unknown[]), ...listed], hidden: known.hidden || added.hidden };
  const located = repeat === "lines" ? joinedLines(parts) : joined(parts, parts.map(listItems).join(":"));
  const { text } = located;
  const value = added.spec.type === "stringList" ? [...(known.value as string[]), ...listed] : compilers.template(text, known.located.at);
  return { ...known, parts, located, value, hidden: known.hidden || added.hidden };
}

/** A setting may end with a newline of its own, or be empty. */
function joinedLines(parts: readonly Located[]): Located {
  const trimmed = parts.map((part) => ({ ...part, text: trimSpaceEnd(part.text) }));
  const written = trimmed.filter(({ text }) => text !== "");
  return joined(written.length === 0 ? trimmed.slice(0, 1) : written, written.map(({ text }) => text).join("\n"));
}

/** Each setting is a list of its own, with a separator of its own and perhaps one at its end. */
function listItems({ text }: Located): string {
  const trimmed = trimSpaceEnd(text);
  if (!trimmed.startsWith("<") && !trimmed.endsWith(":")) return text;
  const items = splitList(text, ":").items.filter((item) => item !== "");
  return items.map((item) => item.replaceAll(":", "::")).join(":");
}

function joined(parts: readonly Located[], text: string): Located {
  const find = (offset: number): readonly [Located, number] => {
    let rest = offset;
    for (const part of parts) {
      if (rest <= part.text.length) return [part, rest];
      rest -= part.text.length + 1;
    }
    const last = parts[parts.length - 1] as Located;
    return [last, last.text.length];
  };
  return {
    text,
    at: (parts[0] as Located).at,
    locate: (offset) => {
      const [part, rest] = find(offset);
      return part.locate(rest);
    },
    width: (offset, length) => {
      const [part, rest] = find(offset);
      return part.width(rest, length);
    },
  };
}

function reportNoOption({ line, owner }: OptionLine, { report }: ValueContext): void {
  const eximText = /^hide\s*$/.test(line.text) ? 'main option "" unknown' : `option setting expected: ${line.text}`;
  const what = owner.kind === "main" ? "an option setting" : `an option of ${owner.kind} "${owner.name}"`;
  report.add("MK0101", `${what} was expected here`, {
    at: line.map.at(0),
    length: line.map.width(0, line.text.length),
    hint: "a setting begins with the option's name, in lower case",
    eximText,
    eximLine: line.end,
  });
}

function reportUnknown({ line, tables, owner }: OptionLine, head: Head, { report }: ValueContext): void {
  if (owner.driverUnknown === true) return;
  const written = line.text.slice(head.start, head.end);
  const near = nearest(
    head.name,
    tables.flatMap((table) => Object.keys(table)),
  );
  const pending = owner.driverPending === true;
  const message =
    owner.kind === "main" ? `there is no main option "${head.name}"` : `${owner.kind} "${owner.name}" has no option "${head.name}"`;
  report.add("MK0102", message, {
    at: line.map.at(head.start),
    length: line.map.width(head.start, head.end - head.start),
    hint: pending ? "put the driver line first" : near === undefined ? undefined : `did you mean "${near}"?`,
    eximText:
      owner.kind === "main"
        ? `main option "${written}" unknown`
        : `option "${written}" unknown${pending ? ' ("driver" must be specified before any private options)' : ""}`,
    eximLine: line.end,
  });
}

function ownerText(owner: OptionOwner): string {
  return owner.kind === "main" ? "the main part " : `${owner.kind} "${owner.name}" `;
}
