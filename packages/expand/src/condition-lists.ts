/**
 * `match_domain`, `match_address`, `match_local_part`, `match_ip`: lists that stand as written; only that of `match_ip`
 * is expanded (manual §"match_local_part").
 */
import { chain, expansionError, parseIp } from "@mailkit/sdk";
import type { CompiledList, HostSubject, ListResult, ListService, Maybe, Text } from "@mailkit/sdk";
import type { Condition } from "./ast.ts";
import type { Verdict } from "./conditions.ts";
import type { Environment } from "./environment.ts";
import { setItem } from "./environment.ts";

type ListTest = Extract<Condition, { kind: "list" }>;

/** Lists already compiled, for each place in a configuration and each engine behind it. */
const compiled = new WeakMap<ListTest, { readonly service: ListService; readonly list: CompiledList }>();

export function listCondition(condition: ListTest, text: Text, env: Environment): Maybe<Verdict> {
  if (condition.name === "match_ip" && text.text !== "" && parseIp(text.text) === undefined) {
    return expansionError(`"${text.text}" is not an IP address`);
  }
  return chain(match(listOf(condition, env.services.lists), text.text, env), (result): Verdict => {
    switch (result.kind) {
      case "yes":
        setItem(env.scope, "value", result.data);
        return true;
      case "no":
        return false;
      case "defer":
      case "error":
        return expansionError(`unable to complete match against "${condition.list}": ${result.message}`, result.kind === "defer");
    }
  });
}

function listOf(condition: ListTest, service: ListService): CompiledList {
  const known = compiled.get(condition);
  if (known?.service === service) return known.list;
  const list = compile(condition, service);
  compiled.set(condition, { service, list });
  return list;
}

function compile({ name, list: written }: ListTest, service: ListService): CompiledList {
  // The service expands lists of the configuration. Here escapes are done already, and only host lists are expanded.
  const list = written.replace(/[\\$]/g, "\\$&");
  switch (name) {
    case "match_domain":
      return service.domain(list);
    case "match_address":
      return service.address(list);
    case "match_local_part":
      return service.localPart(list);
    case "match_ip":
      return service.host(written);
  }
}

function match(list: CompiledList, text: string, env: Environment): Maybe<ListResult> {
  if (list.kind !== "host") return list.match(text, env.scope);
  // There is no name to look up either way: lookups by key are taken for `net-` ones.
  const address = text === "" ? undefined : text;
  const host: HostSubject = { address, names: () => ({ kind: "unknown", message: "" }), addressOnly: true };
  return list.match(host, env.scope);
}
