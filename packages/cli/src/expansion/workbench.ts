/**
 * What `mailkit expand` works with: the macros of the configuration, the facts of a message, variables set by hand, and
 * the record of what each evaluation did. Strings come in as somebody typed them; how an answer looks is not decided here.
 */
import { macroLines } from "@mailkit/config";
import { compile, explain, failingStep } from "@mailkit/expand";
import type { CompiledTemplate, Explained, Recorder } from "@mailkit/expand";
import type { Engine } from "@mailkit/runtime";
import type { Expansion, MessageFacts, Scope } from "@mailkit/sdk";
import { childScope, newSessionFacts } from "@mailkit/sdk";
import { handVariables } from "./variables.ts";
import type { HandVariables } from "./variables.ts";

export type Answer =
  | { readonly kind: "defined"; readonly name: string }
  | { readonly kind: "macroFault"; readonly message: string; readonly text: string }
  | Expanded;

export interface Expanded {
  readonly kind: "expanded";
  /** With macros replaced. */
  readonly text: string;
  readonly result: Expansion;
  /** Where the failure is. */
  readonly place: { readonly offset: number; readonly length: number } | undefined;
  readonly tree: Explained | undefined;
}

export interface Workbench {
  readonly engine: Engine;
  readonly message: MessageFacts;
  readonly variables: HandVariables;
  /** Names of all macros, those that were typed included. */
  readonly macros: ReadonlySet<string>;
  /** `look`: keep the tree. */
  answer(line: string, look: Look): Promise<Answer>;
}

/** `tree`: it is wanted; `place`: only of failures; `fast`: only where it costs nothing but a failing string's second evaluation. */
export type Look = "tree" | "place" | "fast";

export function makeWorkbench(engine: Engine, message: MessageFacts, recorder: Recorder): Workbench {
  const overrides = new Map<string, { text: string; tainted: boolean }>();
  const session = newSessionFacts({ hostLookup: "ok", caller: engine.machine.caller });
  const scope = childScope(engine.scopes.forSession(session, message), [(name) => overrides.get(name)]);
  const read = macroLines(engine.config.macros, { all: true });
  const macros = new Set(engine.config.macros.map(({ name }) => name));
  const answer = async (line: string, look: Look): Promise<Answer> => {
    const found = read(line);
    if (found.kind === "fault") return { kind: "macroFault", message: found.message, text: line };
    if (found.kind === "text") return expanded(found.text, look, { scope, recorder });
    macros.add(found.name);
    return { kind: "defined", name: found.name };
  };
  return { engine, message, variables: handVariables(scope, overrides), macros, answer };
}

interface Tools {
  readonly scope: Scope;
  readonly recorder: Recorder;
}

async function expanded(text: string, look: Look, tools: Tools): Promise<Expanded> {
  const template = compile(text);
  if (look !== "fast") return recorded(template, look === "tree", tools);
  const result = await template.evaluate(tools.scope);
  if (result.kind === "value" || EFFECTS.test(text))
    return { kind: "expanded", text, result, place: faultPlace(template, result), tree: undefined };
  const again = await recorded(template, false, tools);
  return { ...again, result };
}

/** Items that do something, or ask something that may answer otherwise: they are not evaluated again to find a place. */
const EFFECTS = /run|readsocket|acl|perl|dlfunc|randint|lookup\s*[a-z]/;

async function recorded(template: CompiledTemplate, keep: boolean, { scope, recorder }: Tools): Promise<Expanded> {
  recorder.take();
  recorder.on = true;
  try {
    const result = await template.evaluate(scope);
    const tree = explain(template.parts, recorder.take(), result);
    const place = faultPlace(template, result) ?? placeOf(failingStep(tree));
    return { kind: "expanded", text: template.source, result, place, tree: keep ? tree : undefined };
  } finally {
    recorder.on = false;
  }
}

/** The parser stops behind a name that it does not know, and says it. */
function faultPlace({ fault, source }: CompiledTemplate, result: Expansion): Expanded["place"] {
  if (fault === undefined || result.kind === "value" || !result.message.startsWith(fault.message)) return undefined;
  const offset = Math.min(fault.offset, source.length);
  const before = source.slice(0, offset);
  const name = Array.from(fault.message.matchAll(/"([^"]+)"/g), (found) => found[1] as string).find((quoted) => before.endsWith(quoted));
  return name === undefined ? { offset, length: 1 } : { offset: offset - name.length, length: name.length };
}

function placeOf(step: Explained | undefined): Expanded["place"] {
  return step?.offset === undefined ? undefined : { offset: step.offset, length: step.source.length };
}
