/** Variables set by hand: `--set NAME=VALUE`, and `set NAME = VALUE` in the dialogue. They hide those of the engine. */
import { isKnownVariable, knownVariables } from "@mailkit/expand";
import type { Scope, Text } from "@mailkit/sdk";
import { clean, EMPTY, nearest } from "@mailkit/sdk";

export interface HandVariables {
  /** Undefined, or why not, with a hint. */
  set(name: string, text: string): NameFault | undefined;
  unset(name: string): NameFault | undefined;
  /** Names and values in the order in which they were set. */
  list(): readonly (readonly [string, string])[];
}

export interface NameFault {
  readonly message: string;
  readonly hint: string;
}

/** `overrides` is asked by `scope` before all else. */
export function handVariables(scope: Scope, overrides: Map<string, Text>): HandVariables {
  const known = new Map<string, string>();
  const give = (name: string, text: Text | undefined): void => {
    if (/^\d+$/.test(name)) scope.frame.numeric = withNumber(scope.frame.numeric, Number(name), text ?? EMPTY);
    // As `set` of an ACL does it, so that an ACL sees and changes the same variable.
    else if (/^acl_[cm]/.test(name)) scope.assign(name, text ?? EMPTY);
    else if (text === undefined) overrides.delete(name);
    else overrides.set(name, text);
  };
  return {
    set: (written, text) => {
      const name = bare(written);
      const fault = faultOf(name, written);
      if (fault !== undefined) return fault;
      give(name, clean(text));
      known.delete(name);
      known.set(name, text);
      return undefined;
    },
    unset: (written) => {
      const name = bare(written);
      if (!known.delete(name)) return { message: `$${name} was not set by hand`, hint: "set lists what was" };
      give(name, undefined);
      return undefined;
    },
    list: () => [...known],
  };
}

/** `name`, `$name` and `${name}` are the same. */
function bare(written: string): string {
  return /^\$?\{?([^{}$]*)\}?$/.exec(written)?.[1] ?? written;
}

function faultOf(name: string, written: string): NameFault | undefined {
  if (/^\d{1,2}$/.test(name) || isKnownVariable(name)) return undefined;
  const near = nearest(name, knownVariables.keys());
  const hint = near === undefined ? "any variable of the language, acl_c..., acl_m..., 1 to 99" : `did you mean ${near}?`;
  return { message: `there is no variable "${written}"`, hint };
}

function withNumber(numeric: readonly Text[], index: number, text: Text): Text[] {
  return Array.from({ length: Math.max(numeric.length, index + 1) }, (_, i) => (i === index ? text : (numeric[i] ?? EMPTY)));
}
