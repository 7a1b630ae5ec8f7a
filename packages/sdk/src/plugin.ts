import type { AuthenticatorDriver } from "./authenticator.ts";
import type { LookupDriver } from "./lookups.ts";
import type { RouterDriver } from "./router.ts";
import type { TransportDriver } from "./transport.ts";

/** The contract's version; a plugin of another major version is refused at load. */
export const API_VERSION = 1;

export type PluginKind = "router" | "transport" | "lookup" | "authenticator" | "condition";

/** The `mailkit` key of a driver's package.json. Nothing that is not named in `permissions` is allowed. */
export interface PluginManifest {
  readonly api: number;
  readonly kind: PluginKind;
  readonly name: string;
  readonly permissions: {
    /** `host:port` that it may connect to. */
    readonly net?: readonly string[];
    readonly read?: readonly string[];
    readonly write?: readonly string[];
    readonly run?: readonly string[];
    readonly env?: readonly string[];
  };
}

/** A condition for ACLs and `${if`, from a plugin: `condition_name = text`. */
export interface ConditionDriver {
  readonly kind: "condition";
  readonly name: string;
  readonly test: (text: string) => boolean | Promise<boolean>;
}

export function defineCondition(driver: Omit<ConditionDriver, "kind">): ConditionDriver {
  return { kind: "condition", ...driver };
}

/** What the entry of a driver's package exports: `driver`, or `drivers` when one package makes several lookup types. */
export interface PluginModule {
  // oxlint-disable-next-line typescript/no-explicit-any -- drivers of every options table meet here
  readonly driver?: RouterDriver<any> | TransportDriver<any> | LookupDriver | AuthenticatorDriver<any> | ConditionDriver;
  /** Lookup types that share their connections; the manifest carries the name of the first. */
  readonly drivers?: readonly LookupDriver[];
}
