/**
 * What a filter's strings may look at: the variables of the message, `$n0` to `$n9`, `$thisaddress`, a frame of numeric
 * variables of its own, and settings with what the router forbids.
 */
import { chain, childScope, isPromise } from "@mailkit/sdk";
import type { Expansion, ExpansionSettings, FilterForbidden, Maybe, Scope, Template, Text } from "@mailkit/sdk";

export interface FilterScope {
  readonly scope: Scope;
  readonly numbers: number[];
  thisAddress: Text;
  /** `headers charset`. */
  setCharset(name: string): void;
}

const NOTHING: Text = { text: "", tainted: false };

/** Hidden from users (manual §"Additional variable for system filters"). */
const FOR_SYSTEM: ReadonlySet<string> = new Set(["recipients", "recipients_list"]);

export function makeFilterScope(parent: Scope, forbid: ReadonlySet<FilterForbidden>, system: boolean): FilterScope {
  const numbers = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const child = childScope(
    parent,
    [
      (name) => {
        if (name === "thisaddress") return made.thisAddress;
        if (!system && FOR_SYSTEM.has(name)) return NOTHING;
        return name.length === 2 && name[0] === "n" && /[0-9]/.test(name)
          ? { text: String(numbers[Number(name[1])]), tainted: false }
          : undefined;
      },
    ],
    true,
  );
  const settings = { ...parent.services.expansion, forbidden: forbiddenItems(forbid) };
  const scope: Scope & { services: Scope["services"] } = { ...child, services: withSettings(parent, settings) };
  const made: FilterScope = {
    scope,
    numbers,
    thisAddress: NOTHING,
    setCharset(name) {
      scope.services = withSettings(parent, { ...settings, headersCharset: name });
    },
  };
  return made;
}

function withSettings(parent: Scope, expansion: ExpansionSettings): Scope["services"] {
  return { ...parent.services, expansion };
}

/** `forbid_filter_existstest` stands for two things of expansions; what is not of expansions does no harm there. */
function forbiddenItems(forbid: ReadonlySet<FilterForbidden>): ReadonlySet<string> {
  return forbid.has("existstest") ? new Set<string>([...forbid, "exists", "stat"]) : forbid;
}

export type Expanded = { readonly text: string; readonly tainted: boolean } | { readonly error: string };

/** `where` is `deliver command`, `filter file`, ... In a filter a forced failure is an error like others. */
export function expandIn(scope: Scope, template: Template, where: string): Maybe<Expanded> {
  if (template.constant !== undefined) return { text: template.constant, tainted: false };
  const result = template.evaluate(scope);
  return isPromise(result) ? result.then((known) => expanded(known, template, where)) : expanded(result, template, where);
}

function expanded(result: Expansion, template: Template, where: string): Expanded {
  if (result.kind === "value") return result;
  return { error: `failed to expand "${template.source}" in ${where}: ${result.message}` };
}

/** The value of a variable that may not be there. */
export function variableText(scope: Scope, name: string): Maybe<string> {
  return chain(scope.variable(name), (found) => (found !== undefined && "text" in found ? found.text : ""));
}
