import type { Maybe } from "./maybe.ts";
import type { Text } from "./text.ts";
import type { Services } from "./services.ts";
import type { ExpansionFailure } from "./expansion.ts";

/** `$h_x:` is decoded, `$rh_x:` raw, `$bh_x:` unfolded without charset conversion, `$lh_x:` a list with doubled colons. */
export type HeaderForm = "h" | "rh" | "bh" | "lh";

/**
 * Gives variables their values: `undefined` = not one of mine, ask the next source; a failure = the value needed work
 * (`$sender_host_name` asks DNS) and that work failed.
 */
export type VariableSource = (name: string) => Maybe<Text | ExpansionFailure | undefined>;

/** Numeric variables and the variables of the innermost item; expansions save and restore it. */
export interface Frame {
  /** `$0`, `$1`, ... of the latest match; `match` in a `condition` leaves them for what follows. */
  numeric: readonly Text[];
  /** `$value`, `$item`, `$runrc`, `$acl_arg1`, `$prvscheck_address`, ... set by items while they run. */
  readonly items: Map<string, Text>;
}

/** Everything that an expansion, a list or a condition may look at while it is evaluated. */
export interface Scope {
  readonly services: Services;
  readonly frame: Frame;
  /** Results of named lists that may be kept (manual §"Named list caching"); one map a message or connection. */
  readonly listCache: Map<string, unknown>;
  /** Asks the sources in order, innermost first. `undefined` = no such variable. */
  variable(name: string): Maybe<Text | ExpansionFailure | undefined>;
  header(form: HeaderForm, name: string): Text | undefined;
  /** `$acl_c_x`, `$acl_m_x` and the like; sources that own a name accept it. False = nobody owns it. */
  assign(name: string, value: Text): boolean;
}

export interface ScopeParts {
  readonly services: Services;
  readonly sources: readonly VariableSource[];
  readonly header?: (form: HeaderForm, name: string) => Text | undefined;
  readonly assign?: (name: string, value: Text) => boolean;
  readonly listCache?: Map<string, unknown>;
}

export function newFrame(): Frame {
  return { numeric: [], items: new Map() };
}

export function makeScope(parts: ScopeParts): Scope {
  return scopeOver(parts, newFrame());
}

/** A scope that asks `sources` before its parent; it has the parent's frame unless `ownFrame`. */
export function childScope(parent: Scope, sources: readonly VariableSource[], ownFrame = false): Scope {
  return {
    services: parent.services,
    frame: ownFrame ? newFrame() : parent.frame,
    listCache: parent.listCache,
    variable: (name) => askInTurn(sources, name, 0, parent),
    header: (form, name) => parent.header(form, name),
    assign: (name, value) => parent.assign(name, value),
  };
}

function scopeOver(parts: ScopeParts, frame: Frame): Scope {
  return {
    services: parts.services,
    frame,
    listCache: parts.listCache ?? new Map(),
    variable: (name) => askInTurn(parts.sources, name, 0, undefined),
    header: (form, name) => parts.header?.(form, name),
    assign: (name, value) => parts.assign?.(name, value) ?? false,
  };
}

function askInTurn(
  sources: readonly VariableSource[],
  name: string,
  from: number,
  parent: Scope | undefined,
): Maybe<Text | ExpansionFailure | undefined> {
  for (let i = from; i < sources.length; i++) {
    const answer = (sources[i] as VariableSource)(name);
    if (answer !== undefined) return answer;
  }
  return parent?.variable(name);
}
