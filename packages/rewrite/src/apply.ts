/**
 * The rules applied to one address, in order, each to the result of the one before (manual §"Rewriting rules" to
 * §"Flags controlling the rewriting process").
 */
import { chain, childScope, isPromise, trimSpace } from "@mailkit/sdk";
import type { Expansion, Maybe, Scope, Text } from "@mailkit/sdk";
import { parseMailbox, qualify } from "@mailkit/message";
import type { CompiledRule } from "./rules.ts";
import type { RewriteHost, Where } from "./types.ts";
import { placeOf, wholeItem } from "./working-part.ts";

/** The address, and with the flag `w` the text that takes the place of the whole item. */
export interface Rewritten {
  readonly address: string;
  readonly text: string | undefined;
}

interface Run {
  readonly rules: readonly CompiledRule[];
  readonly where: Where;
  readonly scope: Scope;
  readonly host: RewriteHost;
}

export function applyRules(address: string, run: Run): Maybe<Rewritten> {
  return step(run, 0, { address, text: undefined, repeats: 0 });
}

interface State extends Rewritten {
  /** How often the rule at hand has been applied. */
  readonly repeats: number;
}

/** After 10 repetitions a rule with R is left. */
const MAX_REPEATS = 10;

function step(run: Run, index: number, state: State): Maybe<Rewritten> {
  let at = index;
  let now = state;
  for (;;) {
    const rule = run.rules[at];
    if (rule === undefined) return now;
    const result = applyRule(run, rule, now);
    if (isPromise(result)) return result.then((next) => follow(run, at, next));
    if (result.next === "end") return result.state;
    if (result.next === "rule") at++;
    now = result.state;
  }
}

function follow(run: Run, at: number, { next, state }: Result): Maybe<Rewritten> {
  return next === "end" ? state : step(run, next === "rule" ? at + 1 : at, state);
}

interface Result {
  readonly next: "rule" | "again" | "end";
  readonly state: State;
}

function applyRule(run: Run, rule: CompiledRule, state: State): Maybe<Result> {
  const scope = scopeFor(run, state.address);
  return chain(rule.list.match(state.address, scope), (match): Maybe<Result> => {
    const fresh = { ...state, repeats: 0 };
    if (match.kind !== "yes") {
      if (match.kind !== "no") run.host.log?.(`rewrite pattern ${rule.rule.pattern}: ${match.message}`, "panic");
      // R with q stops when it no longer matches, after at least one success.
      return { next: state.repeats > 0 && rule.last ? "end" : "rule", state: fresh };
    }
    if (rule.stops) return { next: "end", state };
    setNumeric(scope, state.address);
    return chain(rule.replacement.evaluate(scope), (expanded) => replaced(run, rule, state, expanded));
  });
}

/** `$local_part` and `$domain` with their case; not at SMTP time, when there may be no such thing. */
function scopeFor({ where, scope }: Run, address: string): Scope {
  if (where === "SMTP") return childScope(scope, [], true);
  const at = address.lastIndexOf("@");
  const source = (name: string): Text | undefined => {
    if (name === "local_part") return { text: at < 0 ? address : address.slice(0, at), tainted: true };
    return name === "domain" ? { text: at < 0 ? "" : address.slice(at + 1), tainted: true } : undefined;
  };
  return childScope(scope, [source], true);
}

/** `$0` is the whole address, `$1`... what the pattern says. */
function setNumeric(scope: Scope, address: string): void {
  scope.frame.numeric = [{ text: address, tainted: true }, ...scope.frame.numeric.slice(1)];
}

// oxlint-disable-next-line max-params
function replaced(run: Run, rule: CompiledRule, state: State, expanded: Expansion): Result {
  const { host, where } = run;
  if (expanded.kind === "forcedFailure") return { next: rule.last ? "end" : "rule", state: { ...state, repeats: 0 } };
  const abandon = (line: string): Result => {
    host.log?.(line, "panic");
    return { next: "end", state };
  };
  if (expanded.kind === "error") return abandon(`Expansion of ${rule.replacement.source} failed while rewriting: ${expanded.message}`);
  const text = trimSpace(expanded.text);
  const mailbox = parseMailbox(text, { allowDomainLiterals: true, allowNull: where === "env-from" });
  if (!mailbox.ok) return abandon(`Rewrite of ${state.address} yielded unparseable address: ${mailbox.message} in address ${text}`);
  const qualified = mailbox.domain !== "" || mailbox.address === "";
  if (!qualified && !rule.mayBeUnqualified) return abandon(`Rewrite of ${state.address} yielded unqualified address "${mailbox.address}"`);
  const address = qualified ? mailbox.address : qualify(mailbox.address, host.setting("qualify_recipient") ?? "");
  const whole = wholeText(run, rule, state, { text, address });
  report(run, rule, state.address, rule.whole && isHeader(where) ? text : address);
  if (rule.repeats && state.repeats < MAX_REPEATS) return { next: "again", state: { address, text: whole, repeats: state.repeats + 1 } };
  if (rule.repeats) host.log?.("rewrite rule repeat ignored after 10 times", "panic");
  return { next: rule.last ? "end" : "rule", state: { address, text: whole, repeats: 0 } };
}

function isHeader(where: Where): boolean {
  return where !== "env-from" && where !== "env-to" && where !== "SMTP";
}

/** `w`: the item as the rule wrote it. A later rule without it changes the address in there. */
// oxlint-disable-next-line max-params
function wholeText(
  run: Run,
  rule: CompiledRule,
  state: State,
  made: { readonly text: string; readonly address: string },
): string | undefined {
  if (rule.whole && isHeader(run.where)) return wholeItem(made.text, made.address, run.host.setting("headers_charset") ?? "UTF-8");
  if (state.text === undefined) return undefined;
  const place = placeOf(state.text);
  return state.text.slice(0, place.start) + made.address + state.text.slice(place.end);
}

// oxlint-disable-next-line max-params
function report({ host, where }: Run, rule: CompiledRule, from: string, to: string): void {
  const place = isHeader(where) ? `${where}:` : where;
  host.log?.(`"${from}" from ${place} rewritten as "${to}" by rule ${rule.number}`, "address_rewrite");
  if (host.trace?.on !== true) return;
  const at = rule.rule.at === undefined ? {} : { at: rule.rule.at };
  host.trace.emit({ kind: "rewrite", from, to, rule: rule.rule.pattern, ...at });
}
