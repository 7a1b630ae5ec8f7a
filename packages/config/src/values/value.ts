/**
 * The text of an option to its typed value: one parser for main, generic and driver options. Every fault goes to the
 * reporter with Exim's own words beside ours; the value is then undefined and the option keeps its default.
 */
import type { IdentityOption, OptionSpec, Template, VariableAssignment } from "@mailkit/sdk";
import { equalCaseless, nearest, trimSpaceEnd } from "@mailkit/sdk";
import { isListType, LIST_KINDS, type Compilers } from "../compilers.ts";
import type { Reporter } from "../reporter.ts";
import type { LogicalLine } from "../source/reader.ts";
import type { ConfigAccounts } from "./accounts.ts";
import { parseFixed, parseInteger, parseSpace, parseOctal, parseTime, type NumberRead } from "./numbers.ts";
import { splitList, type Located } from "./scan.ts";

export interface ValueContext {
  readonly report: Reporter;
  readonly compilers: Compilers;
  readonly accounts?: ConfigAccounts | undefined;
}

export interface ValueSite {
  readonly name: string;
  readonly spec: OptionSpec;
  readonly value: Located;
  readonly end: LogicalLine["end"];
  /** " for r1 router" in faults that Exim finds when the driver starts. */
  readonly owner: string | undefined;
}

/** 64-bit numbers of Exim. */
const WIDE = new Set(["check_spool_space", "check_log_space"]);

/** The typed value, or undefined after a fault was reported. */
export function parseValue(site: ValueSite, context: ValueContext): unknown {
  const { spec, value } = site;
  const { template, list } = context.compilers;
  if (isListType(spec.type)) return list(LIST_KINDS[spec.type], value.text, value.at);
  switch (spec.type) {
    case "string":
      return value.text;
    case "expanded":
    case "rewrites":
      return template(value.text, value.at);
    case "integer":
      return numberValue(site, (WIDE.has(site.name) ? parseSpace : parseInteger)(trimSpaceEnd(value.text)), "integer", context);
    case "octal":
      return numberValue(site, parseOctal(trimSpaceEnd(value.text)), "octal integer", context);
    case "fixed":
      return numberValue(site, parseFixed(trimSpaceEnd(value.text)), "fixed-point", context);
    case "time":
      return timeValue(site, context);
    case "stringList":
      return splitList(value.text).map((item) => item.text);
    case "user":
    case "group":
      return identityValue(site, context);
    case "oneOf":
      return choiceValue(site, context);
    case "variables":
      return assignments(site, context);
    default:
      return value.text;
  }
}

function numberValue(site: ValueSite, read: NumberRead, what: string, context: ValueContext): number | undefined {
  if (read.kind === "value") return read.value;
  const { name, value, end } = site;
  const number = what === "fixed-point" ? `${what} number` : what;
  const absolute = what === "fixed-point" ? "integer" : "absolute value of integer";
  const eximText =
    read.why === "none"
      ? `${number} expected for ${name}`
      : read.why === "extra"
        ? `extra characters follow ${what} value for ${name}`
        : `${absolute} "${value.text}" is too large (overflow)`;
  const message =
    read.why === "overflow" ? `${value.text} is too large for ${name}` : `${name} needs ${aNumber(what)}, not "${value.text}"`;
  const length = value.width(read.offset, Math.max(1, value.text.length - read.offset));
  context.report.add("MK0110", message, { at: value.locate(read.offset), length, hint: NUMBER_HINT[what], eximText, eximLine: end });
  return undefined;
}

function aNumber(what: string): string {
  return what === "fixed-point" ? "a number" : what === "integer" ? "a whole number" : "an octal number";
}

const NUMBER_HINT: Readonly<Record<string, string>> = {
  integer: "digits, then K, M or G if wanted, as in 50M",
  "octal integer": "digits 0 to 7, as in 0660",
  "fixed-point": "a number with up to three decimals, as in 7.5",
};

function timeValue({ name, value, end }: ValueSite, { report }: ValueContext): number | undefined {
  const time = parseTime(trimSpaceEnd(value.text));
  if (time !== undefined) return time;
  const hint = /^\d+$/.test(value.text)
    ? `a unit is needed: ${value.text}s, ${value.text}m, ${value.text}h`
    : "as in 1h30m; units are w d h m s";
  report.add("MK0111", `${name} needs a time, not "${value.text}"`, {
    at: value.at,
    length: value.width(0, Math.max(1, value.text.length)),
    hint,
    eximText: `invalid time value for ${name}`,
    eximLine: end,
  });
  return undefined;
}

/** A number, a name, or a string that is expanded when it is wanted (manual §"User and group names"). */
function identityValue(site: ValueSite, context: ValueContext): IdentityOption | undefined {
  const { value, spec, name, end } = site;
  const text = value.text;
  if (text.includes("$")) return { kind: "template", template: context.compilers.template(text, value.at) };
  if (/^\d+$/.test(text)) return { kind: "number", id: Number(text) };
  const kind = spec.type === "group" ? "group" : "user";
  if (identityExists(kind, text, context.accounts)) return { kind: "name", name: text };
  reportIdentity({ kind, written: text, option: name }, { at: value.at, length: value.width(0, text.length), end }, context.report);
  return undefined;
}

export function identityExists(kind: "user" | "group", name: string, accounts: ConfigAccounts | undefined): boolean {
  if (/^\d+$/.test(name) || accounts === undefined) return true;
  return (kind === "user" ? accounts.userByName(name) : accounts.groupByName(name)) !== undefined;
}

export function reportIdentity(
  { kind, written, option }: { readonly kind: "user" | "group"; readonly written: string; readonly option: string },
  where: { readonly at: Located["at"]; readonly length: number; readonly end: LogicalLine["end"] },
  report: Reporter,
): void {
  report.add("MK0112", `${option} names the ${kind} "${written}", which this machine does not know`, {
    at: where.at,
    length: where.length,
    hint: `create it, or give the number of the ${kind}`,
    eximText: `${kind} ${written} was not found`,
    eximLine: where.end,
  });
}

function choiceValue({ name, spec, value, owner, end }: ValueSite, { report }: ValueContext): string | undefined {
  const values = spec.values ?? [];
  const chosen = values.find((candidate) => equalCaseless(candidate, value.text));
  if (chosen !== undefined) return chosen;
  const near = nearest(value.text, values);
  report.add("MK0113", `${name} cannot be "${value.text}"`, {
    at: value.at,
    length: value.width(0, Math.max(1, value.text.length)),
    hint: near === undefined ? `one of ${values.join(", ")}` : `did you mean "${near}"? (one of ${values.join(", ")})`,
    eximText: choiceText(name, value.text),
    ...(owner === undefined ? { eximLine: end } : { eximWhere: owner }),
  });
  return undefined;
}

/** Exim looks at most such words only when it needs them, and then says nothing at start. */
function choiceText(name: string, written: string): string | undefined {
  if (name === "self") return `${written} is not valid for the self option`;
  return name === "host_find_failed" || name === "host_all_ignored" ? `unrecognized setting for ${name} option` : undefined;
}

/** Router `set`: `name = expansion`, several separated by semicolons. */
function assignments({ value }: ValueSite, { compilers, report }: ValueContext): readonly VariableAssignment[] {
  const result: VariableAssignment[] = [];
  const source = /^\s*</.test(value.text) ? value.text : `<;${value.text}`;
  const shift = source.length - value.text.length;
  for (const item of splitList(source)) {
    const offset = Math.max(0, item.offset - shift);
    const match = /^(r_[A-Za-z0-9_]+)\s*=\s*/.exec(item.text);
    if (match === null) {
      report.add("MK0114", `"${item.text}" sets no router variable`, {
        at: value.locate(offset),
        length: value.width(offset, Math.max(1, item.text.length)),
        hint: "write set = r_name = value",
      });
      continue;
    }
    const template: Template = compilers.template(item.text.slice(match[0].length), value.locate(offset + match[0].length));
    result.push({ name: match[1] as string, template });
  }
  return result;
}
