/** Main options after defaults: the `MainSettings` of a configuration. Defaults are compiled when they are first asked for. */
import type { CompiledList, OptionSpec, Template } from "@mailkit/sdk";
import { isListType, LIST_KINDS, type Compilers } from "./compilers.ts";
import { MAIN_OPTIONS } from "./main-options.ts";
import { showLine, shownFrom, showSetting } from "./show/show-value.ts";
import type { MainSettings } from "./types.ts";
import type { ConfigAccounts } from "./values/accounts.ts";
import { parseInteger, parseTime } from "./values/numbers.ts";
import { splitList } from "./values/scan.ts";
import type { Setting } from "./values/settings.ts";

/** Values that come from the machine when the configuration sets none: primary_hostname, spool_directory, ... */
export type MachineDefaults = Readonly<Record<string, string | undefined>>;

export interface MainInput {
  readonly settings: ReadonlyMap<string, Setting>;
  readonly compilers: Compilers;
  readonly machine: MachineDefaults;
  readonly accounts?: ConfigAccounts | undefined;
}

export function mainSettings({ settings: written, compilers, machine, accounts }: MainInput): MainSettings {
  const settings = withAliases(written);
  // Sessions ask for the same few again and again.
  const texts = new Map<string, string | undefined>();
  const numbers = new Map<string, number>();
  const flags = new Map<string, boolean>();
  const templates = new Map<string, Template | undefined>();
  const lists = new Map<string, CompiledList | undefined>();
  const others = shownFrom("", settings, accounts);
  const fallback = (name: string): string | undefined => machineDefault(name, settings, machine);
  const text = (name: string): string | undefined => {
    const spec = specOf(name);
    const setting = settings.get(name);
    if (setting !== undefined) return setting.located.text;
    const shown = fallback(name) ?? (typeof spec.default === "string" ? spec.default : showSetting(name, spec, undefined));
    return typeof shown === "boolean" ? String(shown) : shown;
  };
  return {
    text: (name) => cached(texts, name, () => text(name)),
    template: (name) => cached(templates, name, () => templateOf(settings.get(name), text(name), compilers)),
    list: (name) => cached(lists, name, () => listOf(name, settings.get(name), compilers)),
    number: (name) => cached(numbers, name, () => numberOf(specOf(name), settings.get(name), text(name))),
    flag: (name) => cached(flags, name, () => flagOf(specOf(name), settings.get(name))),
    items: (name) => itemsOf(specOf(name), settings.get(name), fallback(name)),
    position: (name) => (specOf(name), settings.get(name)?.at),
    locate: (name, offset) => settings.get(name)?.located.locate(offset),
    isSet: (name) => (specOf(name), settings.has(name)),
    show: (asked) => {
      const name = specOf(asked).alias ?? asked;
      const spec = specOf(name);
      const setting = settings.get(name);
      const shown = showSetting(name, spec, setting, { accounts, others, machine: fallback(name) });
      return shown === undefined ? undefined : showLine(name, spec, shown, true);
    },
  };
}

/** The row of `name`; asking for a name that is not in the table is a bug of the caller. */
function specOf(name: string): OptionSpec {
  const spec = Object.hasOwn(MAIN_OPTIONS, name) ? MAIN_OPTIONS[name] : undefined;
  if (spec === undefined) throw new Error(`there is no main option "${name}"`);
  return spec;
}

/** `return_size_limit` and its like set the option whose older name they are. */
function withAliases(written: ReadonlyMap<string, Setting>): ReadonlyMap<string, Setting> {
  const settings = new Map(written);
  for (const [name, setting] of written) {
    const alias = setting.spec.alias;
    if (alias !== undefined && !(written.has(alias) && later(written, alias, name))) settings.set(alias, setting);
  }
  for (const [name, spec] of Object.entries(MAIN_OPTIONS)) {
    const canonical = spec.alias === undefined ? undefined : settings.get(spec.alias);
    if (canonical !== undefined) settings.set(name, canonical);
  }
  return settings;
}

function later(settings: ReadonlyMap<string, Setting>, a: string, b: string): boolean {
  const names = [...settings.keys()];
  return names.indexOf(a) > names.indexOf(b);
}

function machineDefault(name: string, settings: ReadonlyMap<string, Setting>, machine: MachineDefaults): string | undefined {
  const own = (option: string): string | undefined => settings.get(option)?.located.text ?? machineDefault(option, settings, machine);
  if (name === "qualify_domain") return own("primary_hostname");
  if (name === "qualify_recipient") return own("qualify_domain");
  if (name === "process_log_path") return `${own("spool_directory")}/exim-process.info`;
  return machine[name];
}

function cached<T>(map: Map<string, T>, name: string, make: () => T): T {
  const known = map.get(name);
  if (known !== undefined || map.has(name)) return known as T;
  const made = make();
  map.set(name, made);
  return made;
}

function templateOf(setting: Setting | undefined, text: string | undefined, compilers: Compilers): Template | undefined {
  if (setting !== undefined && typeof setting.value === "object" && setting.value !== null && "evaluate" in setting.value) {
    return setting.value as Template;
  }
  return text === undefined ? undefined : compilers.template(text, setting?.located.at);
}

function listOf(name: string, setting: Setting | undefined, compilers: Compilers): CompiledList | undefined {
  const spec = specOf(name);
  if (!isListType(spec.type)) throw new Error(`main option "${name}" is no list that is matched`);
  if (setting !== undefined) return setting.value as CompiledList;
  return typeof spec.default === "string" ? compilers.list(LIST_KINDS[spec.type], spec.default) : undefined;
}

/** Numbers and times; options that are expanded count when their text is a plain number or time. */
function numberOf(spec: OptionSpec, setting: Setting | undefined, text: string | undefined): number {
  if (setting !== undefined && typeof setting.value === "number") return setting.value;
  if (setting === undefined && typeof spec.default === "number") return spec.default;
  const read = text === undefined ? undefined : parseInteger(text, true);
  if (read?.kind === "value") return read.value;
  return (text === undefined ? undefined : parseTime(text)) ?? 0;
}

function flagOf(spec: OptionSpec, setting: Setting | undefined): boolean {
  return setting === undefined ? spec.default === true : setting.value === true;
}

function itemsOf(spec: OptionSpec, setting: Setting | undefined, machine: string | undefined): readonly string[] {
  if (setting === undefined && machine === undefined) {
    if (Array.isArray(spec.default)) return spec.default as readonly string[];
    return typeof spec.default === "string" ? splitList(spec.default).map((item) => item.text) : [];
  }
  if (Array.isArray(setting?.value)) return setting.value as readonly string[];
  return splitList(setting?.located.text ?? machine ?? "").map((item) => item.text);
}
