/** Lookup drivers under the real runner, with main options as plain data; answers as short texts. */
import { makeLookupService } from "../../packages/lookups/src/index.ts";
import type { LookupRunner } from "../../packages/lookups/src/index.ts";
import { makeScope, silent } from "../../packages/sdk/src/index.ts";
import type { LookupDriver, Scope, Services } from "../../packages/sdk/src/index.ts";
import type { Teardown } from "./temporary.ts";

export interface LookupBench {
  readonly lookups: LookupRunner;
  readonly scope: Scope;
  /** `= text`, `not found` or `defer: message`. */
  ask(type: string, query: string, from?: { readonly tainted?: boolean; readonly scope?: Scope }): Promise<string>;
  newScope(): Scope;
}

type Host = Parameters<typeof makeLookupService>[0]["host"];

// oxlint-disable-next-line max-params -- what most drivers ask of their host is nothing
export function lookupBench(
  t: Teardown,
  drivers: readonly LookupDriver[],
  settings: Readonly<Record<string, string>>,
  host: Partial<Host> = {},
): LookupBench {
  const lookups = makeLookupService({ drivers, settings: (name) => settings[name], host: host as Host });
  t.teardown(() => lookups.close());
  const newScope = (): Scope => makeScope({ services: { lookups, trace: silent } as unknown as Services, sources: [] });
  const scope = newScope();
  return {
    lookups,
    scope,
    newScope,
    ask: async (type, query, from = {}) => {
      const spec = lookups.parse(type);
      if (typeof spec === "string") return spec;
      const question = { key: { text: query, tainted: from.tainted === true } };
      const result = await lookups.find(spec, question, from.scope ?? scope);
      if (result.kind === "found") return `= ${result.text}`;
      return result.kind === "notFound" ? "not found" : `defer: ${result.message}`;
    },
  };
}
