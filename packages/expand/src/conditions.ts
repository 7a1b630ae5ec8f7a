/** What `${if` tests (manual §"Expansion conditions"). A result is true, false, or the failure of the whole expansion. */
import { chain, equalCaseless, expansionError, isFault, isPromise, lower, parseIp, splitList } from "@mailkit/sdk";
import type { Expansion, ExpansionFailure, Maybe, Text } from "@mailkit/sdk";
import type { Condition, Parts } from "./ast.ts";
import { runAcl } from "./acl-call.ts";
import { listCondition } from "./condition-lists.ts";
import { eachCondition } from "./condition-each.ts";
import { crypteq } from "./crypteq.ts";
import type { Environment } from "./environment.ts";
import { isFailure, setItem, unlessFailed, watched, withValue } from "./environment.ts";
import { evaluateAll, evaluateParts, variableValue } from "./evaluate.ts";
import { forbidden } from "./forbidden.ts";
import type { Integer } from "./numbers.ts";
import { parseInteger } from "./numbers.ts";
import { matchInto, regexOf } from "./regexes.ts";
import { saslauthd } from "./saslauthd.ts";
import { decodeSrs } from "./srs.ts";
import { CONDITION_VARIABLES } from "./variables/names.ts";

export type Verdict = boolean | ExpansionFailure;

export function evaluateCondition(condition: Condition, env: Environment): Maybe<Verdict> {
  return env.watcher === undefined ? decide(condition, env) : watchedCondition(condition, env);
}

function watchedCondition(condition: Condition, env: Environment): Maybe<Verdict> {
  return watched(condition, env, () => decide(condition, env));
}

function decide(condition: Condition, env: Environment): Maybe<Verdict> {
  switch (condition.kind) {
    case "not":
      return chain(evaluateCondition(condition.of, env), (verdict) => (typeof verdict === "boolean" ? !verdict : verdict));
    case "group":
      return groupCondition(condition, env, 0);
    case "number":
      return withBoth(condition, env, (a, b) => numberCondition(condition.name, a.text, b.text));
    case "text":
      return withBoth(condition, env, (a, b) => compareTexts(condition.name, a.text, b.text));
    case "pair":
      return withBoth(condition, env, (a, b) => pairCondition(condition, { a, b }, env));
    case "single":
      return withValue(evaluateParts(condition.a, env), (text) => singleCondition(condition.name, text, env)) as Maybe<Verdict>;
    case "flag":
      return flagCondition(condition.name, env);
    case "def":
      return chain(variableValue(condition.name, env), (found) => (found.kind === "value" ? found.text !== "" : found));
    case "defHeader":
      return env.scope.header("rh", condition.name) !== undefined;
    case "each":
      return eachCondition(condition, env);
    case "list":
      return withValue(evaluateParts(condition.a, env), (text) => listCondition(condition, text, env)) as Maybe<Verdict>;
    case "acl":
      return unlessFailed(evaluateAll(condition.args, env), (args) => aclCondition(args, env)) as Maybe<Verdict>;
    case "saslauthd":
      return unlessFailed(evaluateAll(condition.args, env), (args) => saslauthd(args, env)) as Maybe<Verdict>;
  }
}

/** Adds where it happened to an error; forced failures keep their text. */
export function withSuffix(failure: ExpansionFailure, suffix: string): ExpansionFailure {
  return failure.kind === "error" ? expansionError(failure.message + suffix, failure.defer) : failure;
}

/** From left to right, no further than needed. */
function groupCondition(condition: Extract<Condition, { kind: "group" }>, env: Environment, from: number): Maybe<Verdict> {
  const decisive = condition.name === "or";
  for (let i = from; i < condition.members.length; i++) {
    const verdict = evaluateCondition(condition.members[i] as Condition, env);
    const settle = (found: Verdict): Verdict | undefined => {
      if (typeof found !== "boolean") return withSuffix(found, ` inside "${condition.name}{...}" condition`);
      return found === decisive ? decisive : undefined;
    };
    if (isPromise(verdict)) return verdict.then((found) => settle(found) ?? groupCondition(condition, env, i + 1));
    const settled = settle(verdict);
    if (settled !== undefined) return settled;
  }
  return !decisive;
}

type Both = { readonly a: Parts; readonly b: Parts };

function withBoth(parts: Both, env: Environment, test: (a: Text, b: Text) => Maybe<Verdict>): Maybe<Verdict> {
  const a: Maybe<Expansion> = evaluateParts(parts.a, env);
  if (isPromise(a)) return withValue(a, (first) => withSecond(first, parts.b, env, test)) as Maybe<Verdict>;
  return a.kind === "value" ? withSecond(a, parts.b, env, test) : a;
}

// oxlint-disable-next-line max-params -- the hot path makes no objects
function withSecond(a: Text, second: Parts, env: Environment, test: (a: Text, b: Text) => Maybe<Verdict>): Maybe<Verdict> {
  const b = evaluateParts(second, env);
  if (isPromise(b)) return withValue(b, (found) => test(a, found)) as Maybe<Verdict>;
  return b.kind === "value" ? test(a, b) : b;
}

function numberCondition(name: string, a: string, b: string): Verdict {
  const x = parseInteger(a);
  if (typeof x === "string") return expansionError(x);
  const y = parseInteger(b);
  if (typeof y === "string") return expansionError(y);
  return compareNumbers(name, x, y);
}

export function compareNumbers(name: string, a: Integer, b: Integer): boolean {
  switch (name) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    default:
      return !(a < b) && !(a > b);
  }
}

export function compareTexts(name: string, a: string, b: string): boolean {
  if (name === "eq") return a === b;
  if (name === "eqi") return equalCaseless(a, b);
  const [x, y] = name.endsWith("i") ? [lower(a), lower(b)] : [a, b];
  switch (name.slice(0, 2)) {
    case "lt":
      return x < y;
    case "le":
      return x <= y;
    case "gt":
      return x > y;
    default:
      return x >= y;
  }
}

type Pair = Extract<Condition, { kind: "number" | "text" | "pair" }>;

function pairCondition(condition: Pair, { a, b }: { readonly a: Text; readonly b: Text }, env: Environment): Maybe<Verdict> {
  switch (condition.name) {
    case "match": {
      const made = regexOf(condition.b, b.text);
      return made.ok ? matchInto(made.regex, a, env.scope) : expansionError(made.message);
    }
    case "crypteq":
      return crypteq(a.text, b.text, env);
    case "inbound_srs": {
      const address = decodeSrs(a.text, b.text, env.services.clock.now());
      setItem(env.scope, "srs_recipient", address === undefined ? undefined : { text: address, tainted: a.tainted });
      return address !== undefined;
    }
    default:
      return inList(condition.name === "inlisti", a, b, env);
  }
}

/** `$value` becomes the element of the list: it has the taint of the list, not of the text that was tested. */
function inList(caseless: boolean, text: Text, list: Text, env: Environment): boolean {
  const found = splitList(list.text).items.find((item) => (caseless ? equalCaseless(item, text.text) : item === text.text));
  if (found === undefined) return false;
  setItem(env.scope, "value", { text: found, tainted: list.tainted });
  return true;
}

function singleCondition(name: string, subject: Text, env: Environment): Maybe<Verdict> {
  const { text } = subject;
  switch (name) {
    case "bool":
      return strictBool(text);
    case "bool_lax":
      return !/^(?:|false|no|0)$/i.test(trimmed(text));
    case "exists":
      return forbidden("exists", env) ?? chain(env.services.files.stat(text), (facts) => !isFault(facts));
    case "isip":
      return parseIp(text) !== undefined;
    case "isip4":
      return parseIp(text)?.version === 4;
    case "isip6":
      return parseIp(text)?.version === 6;
    case "ldapauth":
      return credentialsCondition("ldap", subject, env);
    default:
      return notCompiled(name);
  }
}

function notCompiled(name: string): ExpansionFailure {
  return expansionError(`support for "${name}" not compiled`);
}

/** A server that cannot be asked is trouble for now, never a wrong password. */
function credentialsCondition(type: string, query: Text, env: Environment): Maybe<Verdict> {
  const answer = env.services.lookups.authenticate?.(type, query, env.scope);
  if (answer === undefined) return notCompiled(`${type}auth`);
  return chain(answer, (found) => (found.kind === "defer" ? expansionError(found.message, true) : found.kind === "accepted"));
}

export function trimmed(text: string): string {
  return text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, "");
}

function strictBool(text: string): Verdict {
  const word = trimmed(text);
  if (/^-?[0-9]*$/.test(word)) return /[1-9]/.test(word);
  if (/^(?:true|yes)$/i.test(word)) return true;
  if (/^(?:false|no)$/i.test(word)) return false;
  return expansionError(`unrecognised boolean value "${word}"`);
}

function flagCondition(name: string, env: Environment): Maybe<Verdict> {
  const asked = name === "queue_running" ? CONDITION_VARIABLES.queueRunning : CONDITION_VARIABLES.firstDelivery;
  return chain(env.scope.variable(asked), (found) => found !== undefined && !isFailure(found) && !/^(?:|0|no|false)$/.test(found.text));
}

function aclCondition(args: readonly Text[], env: Environment): Maybe<Verdict> {
  return unlessFailed(runAcl(args, env), ({ accepted, message }): Verdict => {
    setItem(env.scope, "value", message);
    return accepted;
  }) as Maybe<Verdict>;
}
