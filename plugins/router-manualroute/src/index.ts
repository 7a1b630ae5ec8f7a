/**
 * manualroute (manual chapter "The manualroute router"): routes by rules of the configuration. The first rule whose
 * pattern matches the domain gives the hosts; its words may name a transport and how the hosts are looked up.
 */
import { chain, defineRouter, findRouteHosts, firstOf, joinItem, option, splitHostItems, trimSpace } from "@mailkit/sdk";
import type {
  Diagnostic,
  DomainList,
  Maybe,
  OptionValues,
  Position,
  RouteHosts,
  RouterAddress,
  RouterOutcome,
  RouterServices,
  Template,
  Text,
  TransportChoice,
} from "@mailkit/sdk";
import { readWords, splitData, splitRules } from "./rules.ts";
import type { RuleWords } from "./rules.ts";

const ACTIONS = ["decline", "defer", "fail", "freeze", "pass"] as const;

const options = {
  host_all_ignored: option.oneOf(ACTIONS, { default: "defer", doc: "What to do when every host of the list was ignored." }),
  host_find_failed: option.oneOf([...ACTIONS, "ignore"], { default: "freeze", doc: "What to do when a host does not exist." }),
  hosts_randomize: option.boolean({ doc: "The order of the hosts is shuffled at each use, in groups separated by +." }),
  route_data: option.expanded({ doc: "Hosts and words for the address; empty or a forced failure: declines." }),
  route_list: option.string({ doc: "Rules separated by semicolons: pattern, hosts, words." }),
  same_domain_copy_routing: option.boolean({ doc: "Other addresses of the domain in the message get the same hosts." }),
} as const;
type Options = OptionValues<typeof options>;

export const driver = defineRouter({
  name: "manualroute",
  options,
  needs: ["hosts", "expand", "scope", "lists", "strings", "random", "transports"],
  check: (own, instance) => check(own, instance),
  route: (address, own, host) => route({ address, own, host }),
});

interface Instance {
  readonly name: string;
  readonly at: Position;
}

function check(own: Options, { name, at }: Instance): Diagnostic[] {
  const both = own.route_list !== undefined && own.route_data !== undefined;
  if (!both && (own.route_list !== undefined || own.route_data !== undefined)) return [];
  const message = both ? `router "${name}" has both route_list and route_data` : `router "${name}" has neither route_list nor route_data`;
  const exim = { eximText: "route_list or route_data (but not both) must be specified", eximWhere: ` for ${name} router` };
  return [{ code: "MK0661", severity: "error", message, at, hint: "set one of them", ...exim }];
}

interface Call {
  readonly address: RouterAddress;
  readonly own: Options;
  readonly host: RouterServices;
}

/** What a rule gave: hosts expanded, words as written. */
interface Found {
  readonly hosts: string;
  readonly words: string;
}

function route(call: Call): Maybe<RouterOutcome> {
  const found = call.own.route_list === undefined ? fromData(call) : fromRules(call, call.own.route_list);
  return chain(found, (rule) => ("kind" in rule ? rule : follow(call, rule)));
}

interface Rule {
  readonly pattern: string;
  readonly list: DomainList;
  readonly hosts: Template;
  readonly words: string;
}

/** Rules are compiled at the first use of an instance, whose options object is the key: what is kept dies with it. */
const compiled = new WeakMap<Options, readonly Rule[]>();

function rulesOf({ own, host }: Call, source: string): readonly Rule[] {
  const known = compiled.get(own);
  if (known !== undefined) return known;
  const rules = splitRules(source).map(({ pattern, hosts, words }) => ({
    pattern,
    list: host.lists.domain(joinItem(pattern)),
    hosts: host.strings.compile(hosts),
    words,
  }));
  compiled.set(own, rules);
  return rules;
}

function fromRules(call: Call, source: string): Maybe<Found | RouterOutcome> {
  const { address, host } = call;
  const frame = host.scope.frame;
  const domain = address.domain.toLowerCase();
  const match = firstOf(rulesOf(call, source), (rule): Maybe<Found | RouterOutcome | undefined> => {
    frame.numeric = [];
    return chain(rule.list.match(domain, host.scope), (result): Maybe<Found | RouterOutcome | undefined> => {
      if (result.kind === "no") return undefined;
      if (result.kind !== "yes")
        return { kind: "defer", message: `lookup defer in route_list of ${address.router} router: ${result.message}` };
      setVariables(frame, domain, result.data);
      return chain(host.expand(rule.hosts), (expanded): Found | RouterOutcome => {
        if (expanded.kind === "value") return { hosts: trimSpace(expanded.text), words: rule.words };
        if (expanded.kind === "forcedFailure") return { kind: "decline", reason: `hosts of rule ${rule.pattern}: ${expanded.message}` };
        return { kind: "defer", message: `${address.router} router: failed to expand "${rule.hosts.source}": ${expanded.message}` };
      });
    });
  });
  return chain(match, (found) => found ?? { kind: "decline", reason: `no rule for ${address.domain}` });
}

/** `$0` is the domain, `$1`... of the pattern, `$value` what a lookup gave (manual §"Format of the list of hosts"). */
function setVariables(frame: RouterServices["scope"]["frame"], domain: string, data: Text | undefined): void {
  const whole: Text = { text: domain, tainted: true };
  frame.numeric = frame.numeric.length === 0 ? [whole] : [whole, ...frame.numeric.slice(1)];
  if (data !== undefined) frame.items.set("value", data);
}

function fromData({ address, own, host }: Call): Maybe<Found | RouterOutcome> {
  const template = own.route_data as Template;
  return chain(host.expand(template), (result): Maybe<Found | RouterOutcome> => {
    if (result.kind === "forcedFailure") return { kind: "decline", reason: `route_data: ${result.message}` };
    if (result.kind === "error") return { kind: "defer", message: `failed to expand "${template.source}": ${result.message}` };
    if (trimSpace(result.text) === "") return { kind: "decline", reason: "route_data is empty" };
    const data = splitData(result.text);
    // The hosts are expanded once more, as the manual says; never when any of it came from outside.
    if (result.tainted || !/[$\\]/.test(data.hosts)) return data;
    return chain(host.strings.expand(data.hosts, host.scope), (again): Found | RouterOutcome => {
      if (again.kind === "value") return { hosts: trimSpace(again.text), words: data.words };
      if (again.kind === "forcedFailure") return { kind: "decline", reason: `route_data: ${again.message}` };
      return { kind: "defer", message: `${address.router} router: failed to expand "${data.hosts}": ${again.message}` };
    });
  });
}

function follow(call: Call, rule: Found): Maybe<RouterOutcome> {
  const { address, host } = call;
  const words = readWords(rule.words, (name) => host.transports.where(name) !== undefined);
  if ("unknown" in words) {
    const why = `unknown routing option or transport name "${words.unknown}"`;
    return { kind: "defer", message: `error in router: ${why}`, notes: { log: [`Error in ${address.router} router: ${why}`] } };
  }
  return chain(transportOf(words, host), (transport) => {
    if (transport.kind === "error") return { kind: "defer", message: transport.message };
    const named = words.transport === undefined ? {} : { transport: words.transport };
    if (transport.kind === "none") {
      if (address.purpose === "verifyRecipient" || address.purpose === "verifySender") return { kind: "ok" };
      return { kind: "defer", message: `neither transport set nor transport in rule of ${address.router} router` };
    }
    if (transport.where === "local") {
      const hosts = rule.hosts === "" ? [] : [{ name: rule.hosts, address: "", fromMx: false }];
      return { kind: "ok", hosts, ...named };
    }
    if (rule.hosts === "") {
      const message = `error in ${address.router} router: no host(s) specified for domain ${address.domain}`;
      return { kind: "defer", message, notes: { log: [message] } };
    }
    return findHosts(call, rule.hosts, words, named);
  });
}

function transportOf(words: RuleWords, host: RouterServices): Maybe<TransportChoice> {
  const name = words.transport;
  const where = name === undefined ? undefined : host.transports.where(name);
  return name === undefined || where === undefined ? host.transports.own() : { kind: "transport", name, where };
}

// oxlint-disable-next-line max-params
function findHosts(call: Call, list: string, words: RuleWords, named: { readonly transport?: string }): Maybe<RouterOutcome> {
  const { own, host } = call;
  const { randomize = own.hosts_randomize, transport: _transport, ...how } = words;
  const items = splitHostItems(list, randomize ? host.random : undefined);
  const question = { items, ignoreMissing: own.host_find_failed === "ignore", ...how };
  return chain(findRouteHosts(question, host.hosts), (found) => judge(call, found, named));
}

function judge({ address, own }: Call, found: RouteHosts, named: { readonly transport?: string }): RouterOutcome {
  switch (found.kind) {
    case "found": {
      const copy = own.same_domain_copy_routing ? { sameDomainCopy: true } : {};
      const local = found.localHost === undefined ? {} : { localHost: found.localHost };
      return { kind: "ok", hosts: found.hosts, ...named, ...local, ...copy };
    }
    case "defer":
      return { kind: "defer", message: found.message, timeout: true };
    case "missing":
      return act(own.host_find_failed as (typeof ACTIONS)[number], `lookup of host "${found.name}" failed in ${address.router} router`);
    case "none": {
      const options = `host_find_failed=ignore host_all_ignored=${own.host_all_ignored}`;
      return act(own.host_all_ignored, `lookup failed for all hosts in ${address.router} router: ${options}`);
    }
  }
}

/** Exim's number for a host that cannot be found. */
const UNKNOWN_HOST = -32;

function act(action: (typeof ACTIONS)[number], message: string): RouterOutcome {
  switch (action) {
    case "decline":
      return { kind: "decline", reason: message };
    case "pass":
      return { kind: "pass", reason: message };
    case "fail":
      return { kind: "fail", message };
    case "defer":
    case "freeze":
      return { kind: "defer", message, freeze: action === "freeze", errno: UNKNOWN_HOST };
  }
}
