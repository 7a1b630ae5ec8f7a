/** Lookups as items of lists: the type is parsed once, the search goes through the port. */
import { chain, clean, trimSpaceStart, type LookupSpec, type Maybe, type Scope, type Text } from "@mailkit/sdk";
import type { ListEnvironment } from "./environment.ts";
import type { Hit, Trouble } from "./walk.ts";

export interface LookupItem {
  readonly type: string;
  readonly argument: string;
  /** The list came from an expansion of tainted text. */
  readonly tainted: boolean;
}

export interface LookupFinder {
  /** The type cut up, or what is wrong with it in Exim's words. */
  spec(scope: Scope): LookupSpec | string;
  /** `key` counts for single-key types only; others have their query. */
  find(key: string, scope: Scope): Maybe<Hit | Trouble | undefined>;
  /** A fault that is known without a scope. */
  readonly fault: string | undefined;
}

export function lookupFinder(
  item: LookupItem,
  environment: ListEnvironment,
  adjust: (spec: LookupSpec) => LookupSpec = (spec) => spec,
): LookupFinder {
  let known = environment.parseLookup?.(item.type);
  const fault = typeof known === "string" ? known : undefined;
  if (known !== undefined && typeof known !== "string") known = adjust(known);
  const argument: Text = { text: trimSpaceStart(item.argument), tainted: item.tainted };
  const spec = (scope: Scope): LookupSpec | string => {
    if (known === undefined) {
      const parsed = scope.services.lookups.parse(item.type);
      known = typeof parsed === "string" ? parsed : adjust(parsed);
    }
    return known;
  };
  return { spec, fault, find: (key, scope) => search(spec(scope), argument, key, scope) };
}

function search(spec: LookupSpec | string, argument: Text, key: string, scope: Scope): Maybe<Hit | Trouble | undefined> {
  if (typeof spec === "string") return { kind: "error", message: spec };
  const isSingleKey = spec.style === "single-key";
  const question = isSingleKey ? { file: argument, key: { text: key, tainted: true } } : { key: argument, typeTainted: argument.tainted };
  return chain(scope.services.lookups.find(spec, question, scope), (result): Hit | Trouble | undefined => {
    if (result.kind === "notFound") return undefined;
    if (result.kind === "defer") return result;
    const captures = result.captures === undefined ? undefined : [key, ...result.captures];
    return captures === undefined ? { kind: "hit", data: clean(result.text) } : { kind: "hit", data: clean(result.text), captures };
  });
}
