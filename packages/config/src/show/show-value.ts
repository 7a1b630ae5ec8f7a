/** Values in the form of `exim -bP` (manual §"-bP"): tools parse it, so spaces count. */
import { printable, trimSpaceEnd, type OptionSpec, type ShownFrom } from "@mailkit/sdk";
import { GROUP_LISTS, TIME_LISTS, USER_LISTS } from "../main-options.ts";
import type { ConfigAccounts } from "../values/accounts.ts";
import { parseTime, showOctal, showSize, showTime } from "../values/numbers.ts";
import { splitList } from "../values/scan.ts";
import type { Setting } from "../values/settings.ts";

/** Numbers that Exim shows with K, M and G. */
const SIZES = new Set(["bounce_return_size_limit", "return_size_limit", "check_spool_space", "check_log_space", "max_output"]);

/** The whole line: `name = value`, `name` or `no_name`. `setting` undefined: the default. */
export function showLine(name: string, spec: OptionSpec, value: string | boolean | undefined, bare = false): string {
  if (typeof value === "boolean") return value ? name : `no_${name}`;
  const shown = value ?? "";
  if (bare) return shown;
  return value === undefined && isListOfIds(name, spec) ? `${name} =` : `${name} = ${shown}`;
}

/** Lists of ids and unset fixed-point numbers are shown without a space after the equals sign. */
function isListOfIds(name: string, spec: OptionSpec): boolean {
  return USER_LISTS.has(name) || GROUP_LISTS.has(name) || spec.type === "fixed";
}

export interface ShowSources {
  readonly accounts?: ConfigAccounts | undefined;
  /** The other options of the instance. */
  readonly others?: ShownFrom;
  /** Default that comes from the machine. */
  readonly machine?: string | undefined;
}

/** What the texts of the other settings imply; `user` names an account whose group counts. */
export function shownFrom(instance: string, settings: ReadonlyMap<string, Setting>, accounts: ConfigAccounts | undefined): ShownFrom {
  const text = (option: string): string | undefined => settings.get(option)?.located.text;
  return {
    instance,
    text,
    on: (option) => settings.get(option)?.value === true,
    groupOf: (option) => {
      const gid = accounts?.userByName(text(option) ?? "")?.gid;
      return gid === undefined ? undefined : (accounts?.groupById(gid) ?? String(gid));
    },
  };
}

/** The value as text, a boolean for switches, or undefined for unset. */
export function showSetting(
  name: string,
  spec: OptionSpec,
  setting: Setting | undefined,
  { accounts, others, machine }: ShowSources = {},
): string | boolean | undefined {
  if (setting === undefined) return showDefault(name, spec, { others, machine });
  const text = setting.located.text;
  switch (spec.type) {
    case "boolean":
    case "expandedBoolean":
      return typeof setting.value === "boolean" ? setting.value : printable(text);
    case "integer":
    case "octal":
    case "fixed":
    case "time":
      return showNumber(name, spec, setting.value as number);
    case "user":
      return accountName(text, (id) => accounts?.userById(id));
    case "group":
      return accountName(text, (id) => accounts?.groupById(id));
    case "stringList":
      return showList(name, text, accounts);
    case "variables":
      return setting.parts.flatMap((part) => splitList(`<;${part.text}`).map((item) => item.text)).join(";");
    case "expanded":
      if (spec.repeat === "and" && setting.parts.length > 1) {
        return `\${if and{${setting.parts.map((part) => `{bool_lax{${part.text}}}`).join("")}}}`;
      }
      return printable(spec.repeat === undefined ? text : repeated(setting, spec.repeat));
    default:
      return printable(text);
  }
}

/** Lines without a newline at their end; lists with single colons, whatever their own separator was. */
function repeated({ located, parts }: Setting, repeat: OptionSpec["repeat"]): string {
  if (repeat === "lines") return trimSpaceEnd(located.text);
  const items = parts.flatMap(({ text }) => splitList(text).map((item) => item.text));
  return items
    .filter((item) => item !== "")
    .map((item) => item.replaceAll(":", "::"))
    .join(":");
}

function showList(name: string, text: string, accounts: ConfigAccounts | undefined): string {
  const items = splitList(text).map((item) => item.text);
  if (TIME_LISTS.has(name)) return items.map((item) => showTime(parseTime(item) ?? 0)).join(":");
  if (text.includes("$")) return printable(text);
  if (USER_LISTS.has(name)) return items.map((item) => accountName(item, (id) => accounts?.userById(id))).join(":");
  if (GROUP_LISTS.has(name)) return items.map((item) => accountName(item, (id) => accounts?.groupById(id))).join(":");
  return printable(text);
}

function accountName(written: string, nameOf: (id: number) => string | undefined): string {
  return /^\d+$/.test(written) ? (nameOf(Number(written)) ?? written) : printable(written);
}

function showDefault(name: string, spec: OptionSpec, { others, machine }: ShowSources): string | boolean | undefined {
  const shown = typeof spec.shown !== "function" ? spec.shown : others === undefined ? undefined : spec.shown(others);
  if (shown !== undefined) return shown;
  if (machine !== undefined) return printable(machine);
  const value = spec.default;
  if (typeof value === "boolean") return value;
  if (spec.type === "boolean" || spec.type === "expandedBoolean") return false;
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") return spec.type === "fixed" ? undefined : showNumber(name, spec, value);
  if (typeof value === "string") return printable(value);
  if (!Array.isArray(value) || value.length === 0) return undefined;
  if (TIME_LISTS.has(name)) return value.map((item) => showTime(parseTime(String(item)) ?? 0)).join(":");
  return value.some((item) => String(item).includes(":")) ? `<; ${value.join(" ; ")}` : value.join(":");
}

function showNumber(name: string, spec: OptionSpec, value: number): string {
  if (spec.type === "time") return showTime(value);
  if (spec.type === "octal") return showOctal(value);
  if (spec.type === "fixed") return String(Number(value.toFixed(3)));
  return SIZES.has(name) ? showSize(value) : String(value);
}
