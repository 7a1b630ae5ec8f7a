/** What a rule sees, and walks that several rules share. */
import type { Position } from "@mailkit/sdk";
import type { Compilers } from "../compilers.ts";
import type { Reporter } from "../reporter.ts";
import type { AnyInstance } from "../sections/instances.ts";
import type { Draft, DriverKind } from "../sections/drivers.ts";
import type { Configuration } from "../types.ts";
import type { ConfigAccounts } from "../values/accounts.ts";
import type { Located } from "../values/scan.ts";
import type { Setting } from "../values/settings.ts";

export interface RuleInput {
  readonly configuration: Configuration;
  readonly settings: ReadonlyMap<string, Setting>;
  readonly drafts: Readonly<Record<DriverKind, readonly Draft[]>>;
  readonly compilers: Compilers;
  readonly accounts: ConfigAccounts | undefined;
  readonly report: Reporter;
  /** Names of the lookup types that there are. */
  readonly lookups: ReadonlySet<string>;
}

export type Rule = (input: RuleInput) => void;

/** A written setting and who owns it. */
export interface OwnedSetting {
  readonly setting: Setting;
  /** "main options" or `router "x"`. */
  readonly owner: string;
  readonly kind: DriverKind | "main";
}

export function* writtenSettings({ settings, drafts }: RuleInput): Generator<OwnedSetting> {
  for (const setting of settings.values()) yield { setting, owner: "the main part", kind: "main" };
  for (const kind of ["router", "transport", "authenticator"] as const) {
    for (const draft of drafts[kind]) {
      for (const setting of draft.settings.values()) yield { setting, owner: `${kind} "${draft.name}"`, kind };
    }
  }
}

export function place(located: Located, offset: number, length: number): { readonly at: Position; readonly length: number } {
  return { at: located.locate(offset), length: located.width(offset, Math.max(1, length)) };
}

export function settingPlace(setting: Setting): { readonly at: Position; readonly length: number } {
  return { at: setting.located.at, length: Math.max(1, setting.located.width(0, Math.max(1, setting.located.text.length))) };
}

export function instancesOf({ configuration }: RuleInput): readonly (readonly [DriverKind, AnyInstance])[] {
  return [
    ...configuration.routers.map((instance) => ["router", instance] as const),
    ...[...configuration.transports.values()].map((instance) => ["transport", instance] as const),
    ...configuration.authenticators.map((instance) => ["authenticator", instance] as const),
  ];
}
