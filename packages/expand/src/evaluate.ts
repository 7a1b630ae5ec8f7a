/**
 * Tree to value. Synchronous unless a lookup, a program, a socket or a variable really waits. Never throws: what goes
 * wrong is an error outcome. The items themselves are in `items-*.ts`, the conditions in `conditions.ts`.
 */
import { chain, EMPTY, expansionError, isPromise, value } from "@mailkit/sdk";
import type { Expansion, ExpansionFailure, Maybe, Text } from "@mailkit/sdk";
import type { Branches, Node, Parts } from "./ast.ts";
import { callItem } from "./items-call.ts";
import { evaluateCondition } from "./conditions.ts";
import type { Environment } from "./environment.ts";
import { afterwards, isFailure, restoreItem, save, setItem, watched } from "./environment.ts";
import { certextractItem, envItem, extractItem, listextractItem, lookupItem } from "./items-data.ts";
import { eachItem, reduceItem, sortItem } from "./items-list.ts";
import { prvscheckItem } from "./prvs.ts";
import { decodeHeader } from "./rfc2047.ts";
import { runItem } from "./items-run.ts";
import { timeVariable } from "./time-variables.ts";
import { isCertificate, isFilterVariable } from "./variables/names.ts";
import { knownVariables } from "./variables/table.ts";

/** A string this long is a mistake or an attack (`reduce` can double its value at each step). */
const LENGTH_LIMIT = 64 * 1024 * 1024;
const EMPTY_VALUE = value("");
const TOO_LONG = expansionError("the expanded string is too long");

export function evaluateParts(parts: Parts, env: Environment): Maybe<Expansion> {
  if (parts.value !== undefined) return parts.value;
  if (env.watcher !== undefined) return watchedParts(parts, env);
  const { nodes } = parts;
  return nodes.length === 1 ? evaluateNode(nodes[0] as Node, env) : concatenate(nodes, 0, EMPTY, env);
}

/** Apart from the hot path, which makes no closure. */
function watchedParts(parts: Parts, env: Environment): Maybe<Expansion> {
  return watched(parts, env, () => evaluateNodes(parts, env));
}

function evaluateNodes({ nodes }: Parts, env: Environment): Maybe<Expansion> {
  return nodes.length === 1 ? evaluateNode(nodes[0] as Node, env) : concatenate(nodes, 0, EMPTY, env);
}

function concatenate(nodes: readonly Node[], from: number, before: Text, env: Environment): Maybe<Expansion> {
  let { text, tainted } = before;
  for (let i = from; i < nodes.length; i++) {
    const node = nodes[i] as Node;
    if (node.kind === "literal") {
      text += node.text;
      continue;
    }
    const result = evaluateNode(node, env);
    if (isPromise(result)) {
      const soFar = { text, tainted };
      return result.then((found) => {
        if (found.kind !== "value") return found;
        return concatenate(nodes, i + 1, { text: soFar.text + found.text, tainted: soFar.tainted || found.tainted }, env);
      });
    }
    if (result.kind !== "value") return result;
    text += result.text;
    if (text.length > LENGTH_LIMIT) return TOO_LONG;
    if (result.tainted && result.text !== "") tainted = true;
  }
  return value(text, tainted);
}

/** Evaluates several strings in order; the first failure ends it. */
export function evaluateAll(list: readonly Parts[], env: Environment): Maybe<Text[] | ExpansionFailure> {
  const done: Text[] = [];
  const from = (start: number): Maybe<Text[] | ExpansionFailure> => {
    for (let i = start; i < list.length; i++) {
      const result = evaluateParts(list[i] as Parts, env);
      if (isPromise(result)) {
        return result.then((found) => {
          if (found.kind !== "value") return found;
          done.push(found);
          return from(i + 1);
        });
      }
      if (result.kind !== "value") return result;
      done.push(result);
    }
    return done;
  };
  return from(0);
}

function evaluateNode(node: Node, env: Environment): Maybe<Expansion> {
  return env.tracing && node.kind !== "literal" ? tracedNode(node, env) : dispatch(node, env);
}

function tracedNode(node: Node, env: Environment): Maybe<Expansion> {
  env.depth++;
  return chain(
    watched(node, env, () => dispatch(node, env)),
    (result) => {
      env.depth--;
      const shown = result.kind === "value" ? result.text : `Failed: ${result.message}`;
      env.services.trace.emit({ kind: "expand", source: node.raw, result: shown, depth: env.depth });
      return result;
    },
  );
}

function dispatch(node: Node, env: Environment): Maybe<Expansion> {
  switch (node.kind) {
    case "literal":
      return value(node.text);
    case "variable":
      return variableValue(node.name, env);
    case "numeric":
      return toValue(env.scope.frame.numeric[node.index] ?? EMPTY);
    case "header":
      return headerValue(node.form, node.name, env);
    case "operator":
      return operatorValue(node, env);
    case "call":
      return callItem(node, env);
    case "if":
      return ifItem(node, env);
    case "lookup":
      return lookupItem(node, env);
    case "extract":
      return extractItem(node, env);
    case "listextract":
      return listextractItem(node, env);
    case "env":
      return envItem(node, env);
    case "certextract":
      return certextractItem(node, env);
    case "run":
      return runItem(node, env);
    case "map":
    case "filter":
      return eachItem(node, env);
    case "reduce":
      return reduceItem(node, env);
    case "sort":
      return sortItem(node, env);
    case "prvscheck":
      return prvscheckItem(node, env);
    case "fault":
      return node.failure;
  }
}

function toValue(text: Text): Expansion {
  return value(text.text, text.tainted);
}

/** Items that run hide the scope's values (`$item`, `$value`, `$runrc`); the clock's are made here. */
export function variableValue(name: string, env: Environment): Maybe<Expansion> {
  const { scope } = env;
  const own = scope.frame.items.get(name);
  if (own !== undefined) return toValue(own);
  return chain(scope.variable(name), (found) => {
    if (found === undefined) return withoutValue(name, env);
    if (isFailure(found)) return found;
    return isCertificate(name) && found.text !== "" ? value("<cert>") : toValue(found);
  });
}

function withoutValue(name: string, env: Environment): Expansion {
  if (name.startsWith("tod_")) return timeVariable(name, env) ?? EMPTY_VALUE;
  if (isFilterVariable(name)) return expansionError(`unknown variable name "${name}"`);
  if (env.settings.strictAclVars === true && /^acl_[cm]/.test(name)) {
    return expansionError(`unknown variable name "${name}" (strict_acl_vars is set)`);
  }
  const unset = knownVariables.get(name)?.unset ?? "";
  return unset === "" ? EMPTY_VALUE : value(unset);
}

function headerValue(form: "h" | "rh" | "bh" | "lh", name: string, env: Environment): Expansion {
  const found = env.scope.header(form, name);
  if (found === undefined) return EMPTY_VALUE;
  const text = form === "h" || form === "bh" ? decodeHeader(found.text, form === "h", env.settings) : found.text;
  return value(text, found.tainted);
}

function operatorValue(node: Extract<Node, { kind: "operator" }>, env: Environment): Maybe<Expansion> {
  const certificate = certificateName(node.body);
  if (certificate !== undefined && node.operator.ofCertificate !== undefined) {
    const { ofCertificate } = node.operator;
    return chain(env.scope.variable(certificate), (found) =>
      found === undefined || isFailure(found) ? EMPTY_VALUE : ofCertificate(found.text),
    );
  }
  const body = evaluateParts(node.body, env);
  if (isPromise(body)) return body.then((found) => (found.kind === "value" ? node.operator.run(found, node, env) : found));
  return body.kind === "value" ? node.operator.run(body, node, env) : body;
}

/** `${md5:$tls_in_peercert}` works on the certificate itself, only when nothing else stands beside it. */
function certificateName(body: Parts): string | undefined {
  const only = body.nodes.length === 1 ? body.nodes[0] : undefined;
  return only?.kind === "variable" && isCertificate(only.name) ? only.name : undefined;
}

const TRUE = value("true");

/** The commonest item: without waiting it makes nothing but its result. */
function ifItem(node: Extract<Node, { kind: "if" }>, env: Environment): Maybe<Expansion> {
  const { frame } = env.scope;
  const { numeric } = frame;
  const before = frame.items.get("value");
  const verdict = evaluateCondition(node.condition, env);
  const result = isPromise(verdict) ? verdict.then((found) => branchFor(found, node, env)) : branchFor(verdict, node, env);
  if (!isPromise(result)) {
    frame.numeric = numeric;
    if (frame.items.get("value") !== before) setItem(env.scope, "value", before);
    return result;
  }
  return result.finally(() => {
    frame.numeric = numeric;
    setItem(env.scope, "value", before);
  });
}

function branchFor(verdict: boolean | ExpansionFailure, node: Extract<Node, { kind: "if" }>, env: Environment): Maybe<Expansion> {
  return typeof verdict === "boolean" ? chooseBranch(node.branches, verdict, TRUE, env) : verdict;
}

/** `{yes}{no}` or `{yes}fail`; `found` is what stands for a missing `{yes}`. */
export function chooseBranch(branches: Branches, yes: boolean, found: Expansion, env: Environment): Maybe<Expansion> {
  env.watcher?.choose(yes);
  if (yes) return branches.yes === undefined ? found : evaluateParts(branches.yes, env);
  if (branches.no !== undefined) return evaluateParts(branches.no, env);
  return branches.fail ? { kind: "forcedFailure", message: `"${branches.item}" failed and "fail" requested` } : EMPTY_VALUE;
}

/** The same with `$value` set to what was found while `{yes}` is expanded; numbers and `$value` come back after it. */
export function chooseWithValue(branches: Branches, found: Text | undefined, env: Environment): Maybe<Expansion> {
  const { scope } = env;
  if (found === undefined) return chooseBranch(branches, false, EMPTY_VALUE, env);
  const saved = save(scope);
  scope.frame.items.set("value", found);
  return afterwards(chooseBranch(branches, true, toValue(found), env), () => restoreItem(scope, "value", saved));
}
