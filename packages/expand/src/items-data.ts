/** Items that find a value and then choose: `lookup`, `extract`, `listextract`, `env`, `certextract`. */
import { chain, EMPTY, expansionError, lower, splitList, value } from "@mailkit/sdk";
import type { Expansion, ExpansionFailure, LookupService, LookupSpec, Maybe, Text } from "@mailkit/sdk";
import type { Branches, ExtractNode, LookupNode, Node, Parts } from "./ast.ts";
import { certificateField } from "./certificate.ts";
import { trimmed } from "./conditions.ts";
import type { Environment, Value } from "./environment.ts";
import { afterwards, isFailure, restoreNumeric, save, unlessFailed, withValue } from "./environment.ts";
import { readQuoted } from "./escape.ts";
import { chooseWithValue, evaluateAll, evaluateParts } from "./evaluate.ts";
import { forbidden } from "./forbidden.ts";
import { jsonArray, jsonObject, unquoteJson } from "./json.ts";
import { taintRefusal } from "./taint.ts";

/* ---- lookup ---- */

const specs = new WeakMap<LookupNode, { readonly service: LookupService; readonly spec: LookupSpec | string }>();

function specOf(node: LookupNode, service: LookupService): LookupSpec | string {
  const known = specs.get(node);
  if (known?.service === service) return known.spec;
  const spec = service.parse(node.type);
  specs.set(node, { service, spec });
  return spec;
}

export function lookupItem(node: LookupNode, env: Environment): Maybe<Expansion> {
  const refused = forbidden("lookup", env);
  if (refused !== undefined) return refused;
  const spec = specOf(node, env.services.lookups);
  if (typeof spec === "string") return expansionError(spec);
  const query = spec.style === "query";
  if (query && node.key !== undefined) {
    return expansionError(`a single key was given for lookup type "${spec.type}", which is not a single-key lookup type`);
  }
  if (!query && node.key === undefined) return expansionError(`missing {key} for single-key "${spec.type}" lookup`);
  const key = node.key === undefined ? value("") : evaluateParts(node.key, env);
  return withValue<Expansion>(key, (wanted) =>
    withValue<Expansion>(evaluateParts(node.target, env), (target) =>
      find(node, { spec, key: query ? target : wanted, file: query ? undefined : target }, env),
    ),
  );
}

interface Question {
  readonly spec: LookupSpec;
  readonly key: Value;
  readonly file: Value | undefined;
}

function find(node: LookupNode, { spec, key, file }: Question, env: Environment): Maybe<Expansion> {
  if (file?.tainted === true) return taintRefusal(`Tainted filename for search: '${file.text}'`, node.target);
  const where = file === undefined ? { key } : { key, file };
  return chain(env.services.lookups.find(spec, where, env.scope), (result) => {
    if (result.kind === "defer") return lookupFailure(key.text, result.message);
    const saved = save(env.scope);
    if (result.kind === "found" && result.captures !== undefined) {
      env.scope.frame.numeric = [EMPTY, ...result.captures.map((text): Text => ({ text, tainted: key.tainted }))];
    }
    const found = result.kind === "found" ? { text: result.text, tainted: false } : undefined;
    return afterwards(chooseWithValue(node.branches, found, env), () => restoreNumeric(env.scope, saved));
  });
}

const UNOPENED =
  /^(?:failed to open|Tainted|unknown lookup type|absolute file name expected|unable to open database)|is not a regular file \(\w+ lookup\)$/;

/** A file that cannot be opened is an error, told as it is; what a lookup type could not answer may be answered later. */
function lookupFailure(key: string, message: string): ExpansionFailure {
  return UNOPENED.test(message) ? expansionError(message) : expansionError(`lookup of "${key}" gave DEFER: ${message}`, true);
}

/* ---- extract ---- */

export function extractItem(node: ExtractNode, env: Environment): Maybe<Expansion> {
  const saved = save(env.scope);
  const result = node.undecided ? decideExtract(node, env) : settledExtract(node, env);
  return afterwards(result, () => restoreNumeric(env.scope, saved));
}

function settledExtract(node: ExtractNode, env: Environment): Maybe<Expansion> {
  return unlessFailed<Text[], Expansion>(evaluateAll(node.args, env), (args) =>
    choose(node.branches, pick(args, node.json), env),
  ) as Maybe<Expansion>;
}

/** The first string, now that it is known, tells what the others are. */
function decideExtract(node: ExtractNode, env: Environment): Maybe<Expansion> {
  return withValue<Expansion>(evaluateParts(node.args[0] as Parts, env), (first) => {
    const count = isNumber(first.text) ? 3 : 2;
    const rest = node.args.slice(1, count);
    if (rest.length < count - 1) return expansionError(`missing '{' for arg ${rest.length + 2} of extract`);
    if (node.args.length > count + 2) return expansionError("missing '}' closing extract");
    const branches: Branches = { item: "extract", yes: node.args[count], no: node.args[count + 1], fail: node.branches.fail };
    return unlessFailed<Text[], Expansion>(evaluateAll(rest, env), (args) =>
      choose(branches, pick([first, ...args], ""), env),
    ) as Maybe<Expansion>;
  });
}

function choose(branches: Branches, found: Text | ExpansionFailure | undefined, env: Environment): Maybe<Expansion> {
  return found !== undefined && isFailure(found) ? found : chooseWithValue(branches, found, env);
}

function isNumber(text: string): boolean {
  return /^[ \t\n\v\f\r]*-?[0-9]+[ \t\n\v\f\r]*$/.test(text);
}

function pick(args: readonly Text[], json: "" | "json" | "jsons"): Text | ExpansionFailure | undefined {
  const [first = EMPTY, second = EMPTY, third = EMPTY] = args;
  const key = trimmed(first.text);
  if (key === "") return expansionError('first argument of "extract" must not be empty');
  const source = json === "" && isNumber(key) ? third : second;
  const found =
    json !== ""
      ? pickJson(key, second.text, json)
      : isNumber(key)
        ? pickField(Number(key), second.text, third.text)
        : pickKey(key, second.text);
  if (typeof found === "object") return expansionError(found.fault);
  return found === undefined ? undefined : { text: found, tainted: source.tainted };
}

type Picked = string | undefined | { readonly fault: string };

/** Fields are parted by any of the characters; 0 is the whole text, negative numbers count from the end. */
function pickField(number: number, separators: string, text: string): string | undefined {
  if (number === 0) return text;
  const fields: string[] = [];
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    if (i < text.length && !separators.includes(text[i] as string)) continue;
    fields.push(text.slice(start, i));
    start = i + 1;
  }
  return fields[number > 0 ? number - 1 : fields.length + number];
}

const SPACE = /[ \t\n\v\f\r]*/y;
const NAME = /[^ \t\n\v\f\r=]+/y;
const WORD = /[^ \t\n\v\f\r]*/y;

/** `key = value key = "value"`: the equals sign or the space may be left out. Case does not count. */
function pickKey(key: string, text: string): string | undefined {
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? "";
    at += found.length;
    return found;
  };
  const wanted = lower(key);
  while (at < text.length) {
    take(SPACE);
    const name = take(NAME);
    take(SPACE);
    if (text[at] === "=") at++;
    else if (name === "") break;
    take(SPACE);
    let word: string;
    if (text[at] === '"') {
      const quoted = readQuoted(text, at);
      at = quoted.end;
      word = quoted.text;
    } else word = take(WORD);
    if (lower(name) === wanted) return word;
  }
  return undefined;
}

function pickJson(key: string, text: string, json: "json" | "jsons"): Picked {
  const what = "extract json";
  let element: string | undefined;
  if (isNumber(key)) {
    if (Number(key) < 1) return { fault: 'first argument of "extract" must be greater than zero' };
    const elements = jsonArray(text, what);
    if (typeof elements === "string") return { fault: elements };
    element = elements[Number(key) - 1];
  } else {
    const members = jsonObject(text, what);
    if (typeof members === "string") return { fault: members };
    element = members.find(([name]) => name === key)?.[1];
  }
  if (element === undefined || json === "json") return element;
  return unquoteJson(element) ?? { fault: `missing '"' wrapping string result for extract jsons` };
}

/* ---- listextract, env, certextract ---- */

export function listextractItem(node: Extract<Node, { kind: "listextract" }>, env: Environment): Maybe<Expansion> {
  const saved = save(env.scope);
  const result = withValue<Expansion>(evaluateParts(node.index, env), (index) =>
    withValue<Expansion>(evaluateParts(node.list, env), (list) => {
      const digits = trimmed(index.text);
      if (digits === "") return expansionError('first argument of "listextract" must not be empty');
      if (!isNumber(digits)) return expansionError('first argument of "listextract" must be numeric');
      const { items } = splitList(list.text);
      const number = Number(digits);
      const item = number === 0 ? undefined : items[number > 0 ? number - 1 : items.length + number];
      return chooseWithValue(node.branches, item === undefined ? undefined : { text: item, tainted: list.tainted }, env);
    }),
  );
  return afterwards(result, () => restoreNumeric(env.scope, saved));
}

export function envItem(node: Extract<Node, { kind: "env" }>, env: Environment): Maybe<Expansion> {
  return withValue<Expansion>(evaluateParts(node.key, env), (key) => {
    const found = env.settings.environment?.get(trimmed(key.text));
    return chooseWithValue(node.branches, found === undefined ? undefined : { text: found, tainted: false }, env);
  });
}

export function certextractItem(node: Extract<Node, { kind: "certextract" }>, env: Environment): Maybe<Expansion> {
  return withValue<Expansion>(evaluateParts(node.field, env), (field) =>
    chain(env.scope.variable(node.variable), (certificate) => {
      if (certificate !== undefined && isFailure(certificate)) return certificate;
      const found = certificate === undefined || certificate.text === "" ? undefined : certificateField(certificate.text, field.text);
      // A peer writes its certificate, so what stands in it is from outside.
      return chooseWithValue(node.branches, found === undefined ? undefined : { text: found, tainted: true }, env);
    }),
  );
}
