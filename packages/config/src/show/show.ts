/** `exim -bP` (manual §"-bP"): options, drivers, macros, named lists, the effective configuration. Text for stdout, no I/O. */
import type { ListKind } from "@mailkit/sdk";
import { MAIN_OPTIONS } from "../main-options.ts";
import type { AnyInstance } from "../sections/instances.ts";
import type { Configuration } from "../types.ts";
import { effectiveLines, NOT_DISPLAYABLE } from "./effective.ts";
import { showLine } from "./show-value.ts";

export interface ShowOptions {
  /** Values set with `hide` are for admin users, as are macros. */
  readonly admin?: boolean;
  /** `-n`: values without their names. */
  readonly bare?: boolean;
  /** For `-bP environment`: what `keep_environment` leaves. */
  readonly environment?: ReadonlyMap<string, string>;
  readonly version?: string;
}

export interface Shown {
  readonly lines: readonly string[];
  /** False: what was asked for last does not exist or may not be seen, which is the exit code. */
  readonly ok: boolean;
  /** Something was asked for that is for admin users only. */
  readonly denied?: boolean;
}

const DRIVERS = ["router", "transport", "authenticator"] as const;
type DriverWord = (typeof DRIVERS)[number];

/** What `-bP WORDS...` prints; without words, all main options. */
export function show(configuration: Configuration, words: readonly string[], options: ShowOptions = {}): Shown {
  if (words.length === 0) return allMainLines(configuration, options);
  const lines: string[] = [];
  let ok = true;
  let denied = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const next = words[i + 1];
    const takesName = isDriverWord(word) || word === "macro";
    if (takesName && next !== undefined) i++;
    const shown = takesName && next !== undefined ? showNamed(configuration, word, next, options) : showWord(configuration, word, options);
    lines.push(...shown.lines);
    ok = shown.ok;
    denied ||= shown.denied === true;
  }
  return { lines, ok, denied };
}

function allMainLines(configuration: Configuration, options: ShowOptions): Shown {
  const names = Object.keys(MAIN_OPTIONS).filter((name) => MAIN_OPTIONS[name]?.alias === undefined);
  return good(names.map((name) => mainLine(configuration, name, options)));
}

function isDriverWord(word: string): word is DriverWord {
  return (DRIVERS as readonly string[]).includes(word);
}

const DENIED: Shown = { lines: [], ok: false, denied: true };

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
    case "all":
      return allMainLines(configuration, options);
    case "macros":
      if (options.admin === false) return DENIED;
      return good(configuration.macros.map((macro) => `${macro.name}=${macro.value}`));
    case "macro_list":
      if (options.admin === false) return DENIED;
      return good(configuration.macros.map((macro) => macro.name));
    case "environment":
      return good(environmentLines(options));
    case "local_scan":
      return { lines: ["local_scan() options are not supported"], ok: false };
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
    return bare ? value.replace(/^[a-z_0-9]+ =(?: |$)/, "") : value;
  });
}

function showNamed(configuration: Configuration, word: string, name: string, options: ShowOptions): Shown {
  if (isDriverWord(word)) {
    const instance = instancesOf(configuration, word).find((candidate) => candidate.name === name);
    return instance === undefined ? { lines: [`${word} ${name} not found`], ok: false } : good(instanceLines(instance, options));
  }
  if (options.admin === false) return DENIED;
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

function environmentLines({ environment = new Map(), bare = false }: ShowOptions): readonly string[] {
  return [...environment].sort().map(([name, value]) => (bare ? name : `${name}=${value}`));
}
