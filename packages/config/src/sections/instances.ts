/** Drafts of drivers to the instances that the engine sees: defaults filled in, positions and `-bP` texts at hand. */
import type { OptionSpec, OptionTable } from "@mailkit/sdk";
import { isListType, LIST_KINDS, type Compilers } from "../compilers.ts";
import type { LoadContext } from "../context.ts";
import { showLine, shownFrom, showSetting } from "../show/show-value.ts";
import type { AuthenticatorInstance, RewriteRule, RouterInstance, TransportInstance } from "../types.ts";
import type { Setting } from "../values/settings.ts";
import type { Draft, DriverSet } from "./drivers.ts";
import { parseRewriteRules } from "./rewrite.ts";

export type AnyInstance = RouterInstance | TransportInstance | AuthenticatorInstance;

/** One option that stands for several (manual §"Generic options for routers": `verify`, `fail_verify`). */
const TOGETHER: Readonly<Record<string, readonly string[]>> = {
  verify: ["verify_sender", "verify_recipient"],
  fail_verify: ["fail_verify_sender", "fail_verify_recipient"],
};

/** Names that `-bP` leaves out, because the options they stand for are shown. */
const NOT_SHOWN = new Set(["verify", "fail_verify"]);

export function makeInstances<T extends AnyInstance>(set: DriverSet, drafts: readonly Draft[], context: LoadContext): T[] {
  const defaults = new Map<OptionSpec, unknown>();
  const instances: T[] = [];
  for (const draft of drafts) {
    if (draft.driver === undefined) continue;
    instances.push(makeInstance(set, draft, defaults, context) as unknown as T);
  }
  return instances;
}

function makeInstance(set: DriverSet, draft: Draft, defaults: Map<OptionSpec, unknown>, context: LoadContext): AnyInstance {
  const driver = draft.driver as NonNullable<Draft["driver"]>;
  const settings = spread(draft.settings, set.generic);
  const values = (table: OptionTable): Readonly<Record<string, unknown>> => valuesOf(table, settings, defaults, context.compilers);
  const generic = { ...values(set.generic), driver: driver.name };
  const options = values(driver.options);
  const rewrites = rewritesOf(settings, context);
  const tables = [set.generic, driver.options];
  return {
    name: draft.name,
    // oxlint-disable-next-line typescript/no-explicit-any -- the catalogue's map fixed the kind
    driver: driver as any,
    at: draft.at,
    generic,
    options,
    isSet: (option) => settings.has(option) || option === "driver",
    position: (option) => (option === "driver" ? draft.driverAt : settings.get(option)?.at),
    locate: (option, offset) => settings.get(option)?.located.locate(offset),
    source: (option) => (option === "driver" ? driver.name : settings.get(option)?.located.text),
    parts: (option) => settings.get(option)?.parts ?? [],
    isHidden: (option) => settings.get(option)?.hidden === true,
    optionNames: namesOf(set.generic, driver.options),
    show: (option) => showOption(option, { tables, settings, draft }, context),
    ...(rewrites === undefined ? {} : { rewrites }),
  };
}

/** `no_verify` also settles `verify_sender` and `verify_recipient`, unless they are set themselves. */
function spread(written: ReadonlyMap<string, Setting>, generic: OptionTable): ReadonlyMap<string, Setting> {
  let settings: Map<string, Setting> | undefined;
  for (const [name, members] of Object.entries(TOGETHER)) {
    const setting = written.get(name);
    if (setting === undefined) continue;
    settings ??= new Map(written);
    for (const member of members) {
      const spec = generic[member];
      if (spec !== undefined && !written.has(member)) settings.set(member, { ...setting, name: member, spec });
    }
  }
  return settings ?? written;
}

function valuesOf(
  table: OptionTable,
  settings: ReadonlyMap<string, Setting>,
  defaults: Map<OptionSpec, unknown>,
  compilers: Compilers,
): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(table)) {
    const spec = table[name] as OptionSpec;
    const setting = settings.get(name) ?? (spec.alias === undefined ? undefined : settings.get(spec.alias));
    if (setting !== undefined) {
      values[name] = setting.value;
      continue;
    }
    if (!defaults.has(spec)) defaults.set(spec, defaultOf(spec, compilers));
    values[name] = defaults.get(spec);
  }
  return values;
}

/** A default is text for what is compiled (`sdk/options.ts`), else the value itself. */
function defaultOf(spec: OptionSpec, compilers: Compilers): unknown {
  if (typeof spec.default !== "string") return spec.default;
  if (isListType(spec.type)) return compilers.list(LIST_KINDS[spec.type], spec.default);
  return spec.type === "expanded" || spec.type === "expandedBoolean" || spec.type === "rewrites"
    ? compilers.template(spec.default)
    : spec.default;
}

function rewritesOf(settings: ReadonlyMap<string, Setting>, { compilers, report }: LoadContext): readonly RewriteRule[] | undefined {
  const setting = settings.get("headers_rewrite");
  if (setting === undefined) return undefined;
  const read = parseRewriteRules(setting.located.text, compilers, setting.located);
  for (const diagnostic of read.diagnostics) report.take(diagnostic);
  return read.rules;
}

function namesOf(generic: OptionTable, own: OptionTable): readonly string[] {
  const generics = new Set(["driver", ...Object.keys(generic)]);
  return [
    ...[...generics].filter((name) => isListed(name, generic)).sort(),
    ...Object.keys(own)
      .filter((name) => isListed(name, own))
      .sort(),
  ];
}

function isListed(name: string, table: OptionTable): boolean {
  return !NOT_SHOWN.has(name) && table[name]?.hidden !== true;
}

interface ShowInput {
  readonly tables: readonly OptionTable[];
  readonly settings: ReadonlyMap<string, Setting>;
  readonly draft: Draft;
}

/** The line of `-bP`, without the name for a value: undefined when there is no such option. */
function showOption(option: string, { tables, settings, draft }: ShowInput, { accounts }: LoadContext): string | undefined {
  if (option === "driver") return `driver = ${draft.driverName}`;
  const table = tables.find((candidate) => Object.hasOwn(candidate, option));
  const spec = table?.[option];
  if (spec === undefined) return undefined;
  const setting = settings.get(option) ?? (spec.alias === undefined ? undefined : settings.get(spec.alias));
  if (setting === undefined) {
    const implied = impliedDefault(option, draft, settings);
    if (implied !== undefined) return showLine(option, spec, implied);
  }
  return showLine(option, spec, showSetting(option, spec, setting, { accounts, others: shownFrom(draft.name, settings, accounts) }));
}

/** Switches whose default follows from other options. */
function impliedDefault(option: string, draft: Draft, settings: ReadonlyMap<string, Setting>): boolean | undefined {
  const driver = draft.driver;
  if (option === "log_as_local") return driver?.name === "accept";
  if (option !== "retry_use_local_part") return undefined;
  if (driver?.where !== undefined) return driver.where === "local";
  const local = ["check_local_user", "local_parts", "condition", "local_part_prefix", "local_part_suffix", "senders", "require_files"];
  return local.some((name) => settings.has(name) && settings.get(name)?.value !== false);
}
