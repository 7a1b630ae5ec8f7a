/** `exim -bP` (manual §"-bP"): options, drivers, macros, named lists, the effective configuration. Text for stdout, no I/O. */
import type { ListKind } from "@mailkit/sdk";
import { MAIN_OPTIONS } from "../main-options.ts";
import type { AnyInstance } from "../sections/instances.ts";
import type { Configuration } from "../types.ts";
import { effectiveLines } from "./effective.ts";
import { showLine } from "./show-value.ts";

export interface ShowOptions {
  /** Values set with `hide` are for admin users, as are macros. */
  readonly admin?: boolean;
  /** `-n`: values without their names. */
  readonly bare?: boolean;
  /** For `-bP environment`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly version?: string;
}

export interface Shown {
  readonly lines: readonly string[];
  /** False: something that was asked for does not exist, which is the exit code. */
  readonly ok: boolean;
}

const DRIVERS = ["router", "transport", "authenticator"] as const;
type DriverWord = (typeof DRIVERS)[number];
const NOT_DISPLAYABLE = "<value not displayable>";

/** What `-bP WORDS...` prints; without words, all main options. */
export function show(configuration: Configuration, words: readonly string[], options: ShowOptions = {}): Shown {
  if (words.length === 0) {
    const names = Object.keys(MAIN_OPTIONS).filter((name) => MAIN_OPTIONS[name]?.alias === undefined);
    return { lines: names.map((name) => mainLine(configuration, name, options)), ok: true };
  }
  const lines: string[] = [];
  let ok = true;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const next = words[i + 1];
    const takesName = isDriverWord(word) || word === "macro";
    if (takesName && next !== undefined) i++;
    const shown = takesName && next !== undefined ? showNamed(configuration, word, next, options) : showWord(configuration, word, options);
    lines.push(...shown.lines);
    ok &&= shown.ok;
  }
  return { lines, ok };
}

function isDriverWord(word: string): word is DriverWord {
  return (DRIVERS as readonly string[]).includes(word);
}

function showWord(configuration: Configuration, word: string, options: ShowOptions): Shown {
  if (word.startsWith("+")) return showNamedList(configuration, word.slice(1), options);
  const driver = DRIVERS.find((kind) => word === `${kind}s` || word === `${kind}_list`);
  if (driver !== undefined) {
    const instances = instancesOf(configuration, driver);
    if (word.endsWith("_list")) return good(instances.map((instance) => instance.name));
    return good(instances.flatMap((instance) => ["", `${instance.name} ${driver}:`, ...instanceLines(instance, options)]));
  }
  switch (word) {
    case "config":
      return good(effectiveLines(configuration, options));
    case "config_file":
    case "configure_file":
      return good([configuration.file]);
    case "macros":
      return good(configuration.macros.map((macro) => `${macro.name}=${macro.value}`));
    case "macro_list":
      return good(configuration.macros.map((macro) => macro.name));
    case "environment":
      return good(environmentLines(options));
    case "local_scan":
      return good(["local_scan() options are not supported"]);
  }
  if (!Object.hasOwn(MAIN_OPTIONS, word)) return { lines: [`${word} is not a known option`], ok: false };
  return good([mainLine(configuration, word, options)]);
}

function good(lines: readonly string[]): Shown {
  return { lines, ok: true };
}

function mainLine({ main, details }: Configuration, name: string, { admin = true, bare = false }: ShowOptions): string {
  const spec = MAIN_OPTIONS[name];
  if (spec === undefined) return "";
  if (!admin && details?.hidden.has(name) === true) return bare ? NOT_DISPLAYABLE : `${name} = ${NOT_DISPLAYABLE}`;
  if (spec.type === "boolean") return showLine(name, spec, main.flag(name));
  return showLine(name, spec, main.show(name), bare);
}

function instancesOf(configuration: Configuration, kind: DriverWord): readonly AnyInstance[] {
  switch (kind) {
    case "router":
      return configuration.routers;
    case "transport":
      return [...configuration.transports.values()];
    case "authenticator":
      return configuration.authenticators;
  }
}

function instanceLines(instance: AnyInstance, { bare = false, admin = true }: ShowOptions): readonly string[] {
  return (instance.optionNames ?? []).map((option) => {
    const line = instance.show(option) ?? "";
    const value = !admin && instance.isHidden?.(option) === true ? `${option} = ${NOT_DISPLAYABLE}` : line;
    return bare ? value.replace(/^[a-z_0-9]+ = ?/, "") : value;
  });
}

function showNamed(configuration: Configuration, word: string, name: string, options: ShowOptions): Shown {
  if (isDriverWord(word)) {
    const instance = instancesOf(configuration, word).find((candidate) => candidate.name === name);
    return instance === undefined ? { lines: [`${word} ${name} not found`], ok: false } : good(instanceLines(instance, options));
  }
  const macro = configuration.macros.find((candidate) => candidate.name === name);
  if (macro === undefined) return { lines: [`${word} ${name} not found`], ok: false };
  return good([options.bare === true ? macro.value : `${macro.name}=${macro.value}`]);
}

function showNamedList({ lists }: Configuration, name: string, { admin = true, bare = false }: ShowOptions): Shown {
  for (const kind of ["address", "domain", "host", "localpart"] as const satisfies readonly ListKind[]) {
    const named = lists.get(kind)?.get(name);
    if (named === undefined) continue;
    const value = named.hidden && !admin ? NOT_DISPLAYABLE : named.list.source;
    return good([bare ? value : `${kind}list ${name} = ${value}`]);
  }
  return { lines: [`no address, domain, host, or local part list called "${name}" exists`], ok: false };
}

function environmentLines({ environment = {}, bare = false }: ShowOptions): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [bare ? name : `${name}=${value}`]));
}
