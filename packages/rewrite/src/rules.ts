/** Rules, compiled: for each place the rules that look at it, each with its pattern as a list that minds case. */
import { joinItem } from "@mailkit/sdk";
import type { AddressList, Template } from "@mailkit/sdk";
import type { RewriteRule } from "@mailkit/config";
import type { RewriteHost, Where } from "./types.ts";

export interface CompiledRule {
  /** Counted from 1 over all rules, as the log does. */
  readonly number: number;
  readonly rule: RewriteRule;
  readonly list: AddressList;
  readonly replacement: Template;
  /** A replacement of one asterisk: no rewriting, and no further rules. */
  readonly stops: boolean;
  /** Q, q, R, w. */
  readonly mayBeUnqualified: boolean;
  readonly last: boolean;
  readonly repeats: boolean;
  readonly whole: boolean;
}

export type RulesByPlace = ReadonlyMap<Where, readonly CompiledRule[]>;

/** Flags that name each place (manual §"Flags specifying which headers and envelope addresses to rewrite"). */
const FLAGS: Readonly<Record<Exclude<Where, "SMTP">, string>> = {
  "env-from": "EF",
  "env-to": "ET",
  sender: "hs",
  from: "hf",
  to: "ht",
  cc: "hc",
  bcc: "hb",
  "reply-to": "hr",
};
const ANY_PLACE = /[EFTbcfhrstS]/;

export function compileRules(rules: readonly RewriteRule[], host: RewriteHost): RulesByPlace {
  const compiled = rules.map((rule, index) => compileRule(rule, index + 1, host));
  const byPlace = new Map<Where, readonly CompiledRule[]>();
  for (const [where, letters] of Object.entries(FLAGS) as [Where, string][]) {
    byPlace.set(
      where,
      compiled.filter(({ rule: { flags } }) => !ANY_PLACE.test(flags) || [...letters].some((letter) => flags.includes(letter))),
    );
  }
  byPlace.set(
    "SMTP",
    compiled.filter(({ rule }) => rule.flags.includes("S")),
  );
  return byPlace;
}

function compileRule(rule: RewriteRule, number: number, host: RewriteHost): CompiledRule {
  const { flags, replacement } = rule;
  return {
    number,
    rule,
    list: rule.list ?? patternList(rule.pattern, host),
    replacement,
    stops: replacement.source === "*",
    mayBeUnqualified: flags.includes("Q"),
    last: flags.includes("q"),
    repeats: flags.includes("R"),
    whole: flags.includes("w"),
  };
}

/** Local parts in patterns count with their case, regular expressions too (manual §"Rewriting patterns"). */
function patternList(pattern: string, host: RewriteHost): AddressList {
  return host.pattern?.(pattern) ?? host.lists.address(`+caseful : ${joinItem(pattern)}`);
}
