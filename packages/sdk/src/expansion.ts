import type { Maybe } from "./maybe.ts";
import type { Position } from "./diagnostics.ts";
import type { Scope } from "./scope.ts";

/**
 * What an expansion gives. The three outcomes are never mixed (manual §"Forced expansion failure"): each option says
 * what a forced failure means for it, and an error with `defer` is a lookup that could not be answered for now.
 */
export type Expansion =
  | { readonly kind: "value"; readonly text: string; readonly tainted: boolean }
  | { readonly kind: "forcedFailure"; readonly message: string }
  | { readonly kind: "error"; readonly message: string; readonly defer: boolean };

export type ExpansionFailure = Exclude<Expansion, { kind: "value" }>;

export function value(text: string, tainted = false): Expansion {
  return { kind: "value", text, tainted };
}

export function expansionError(message: string, defer = false): ExpansionFailure {
  return { kind: "error", message, defer };
}

export function forcedFailure(message = "forced failure"): ExpansionFailure {
  return { kind: "forcedFailure", message };
}

/** A string of the configuration, parsed once at load. `@mailkit/expand` makes them. */
export interface Template {
  /** The string as written (after the configuration reader: macros done, quotes processed). */
  readonly source: string;
  readonly at?: Position;
  /** The value, when it depends on nothing. */
  readonly constant: string | undefined;
  /** A fault of syntax found at load; evaluating such a template gives it as an error, as Exim does. */
  readonly fault?: { readonly message: string; readonly offset: number; readonly hint?: string };
  /** Names of the variables (without `$`) and header fields that it mentions, to know what a batch depends on. */
  readonly mentions: ReadonlySet<string>;
  evaluate(scope: Scope): Maybe<Expansion>;
}
