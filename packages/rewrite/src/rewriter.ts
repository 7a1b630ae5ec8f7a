/** The rewriter: rules compiled once, applied wherever an address stands (manual chapter "Address rewriting"). */
import { chain, mapInOrder } from "@mailkit/sdk";
import type { HeaderLine, Maybe, Scope } from "@mailkit/sdk";
import { parseMailbox } from "@mailkit/message";
import type { RewriteRule } from "@mailkit/config";
import { applyRules } from "./apply.ts";
import { placeOfHeader, rewriteHeader } from "./header-lines.ts";
import { compileRules } from "./rules.ts";
import type { CompiledRule, RulesByPlace } from "./rules.ts";
import type { HeaderWhere, Qualification, RewriteHost, Rewriter, Where } from "./types.ts";
import { placeOf } from "./working-part.ts";

const HEADER_PLACES: readonly HeaderWhere[] = ["sender", "from", "to", "cc", "bcc", "reply-to"];

/** For the `rewrite` section, and for `headers_rewrite` of a transport, which has header rules only. */
export function makeRewriter(given: { readonly rules: readonly RewriteRule[]; readonly host: RewriteHost }): Rewriter {
  const { host } = given;
  const byPlace = compileRules(given.rules, host);
  const hasSmtpRules = rulesAt(byPlace, "SMTP").length > 0;
  const whole = (address: string, where: Where, scope: Scope): Maybe<string> => {
    const rules = rulesAt(byPlace, where);
    if (rules.length === 0) return address;
    return chain(applyRules(address, { rules, where, scope, host }), (result) => result.address);
  };
  const item = ({ text, address }: Item, where: HeaderWhere, scope: Scope): Maybe<string | undefined> => {
    const rules = rulesAt(byPlace, where);
    if (rules.length === 0) return undefined;
    return chain(applyRules(address, { rules, where, scope, host }), (result) => {
      if (result.text !== undefined) return result.text === text ? undefined : result.text;
      return result.address === address ? undefined : inPlace(text, result.address);
    });
  };
  return {
    address: whole,
    smtpTime: (argument, scope) => (hasSmtpRules ? whole(argument, "SMTP", scope) : argument),
    item: (text, where, scope) => {
      const mailbox = parseMailbox(text, { allowDomainLiterals: true });
      return mailbox.ok ? chain(item({ text, address: mailbox.address }, where, scope), (changed) => changed ?? text) : text;
    },
    headers: (lines, scope, qualify = {}) => rewriteLines(lines, { byPlace, host, qualify, item: (one, where) => item(one, where, scope) }),
    touchesHeaders: HEADER_PLACES.some((where) => rulesAt(byPlace, where).length > 0),
    hasSmtpRules,
  };
}

interface Item {
  readonly text: string;
  readonly address: string;
}

function rulesAt(byPlace: RulesByPlace, where: Where): readonly CompiledRule[] {
  return byPlace.get(where) ?? [];
}

function inPlace(item: string, address: string): string {
  const place = placeOf(item);
  return item.slice(0, place.start) + address + item.slice(place.end);
}

interface Lines {
  readonly byPlace: RulesByPlace;
  readonly host: RewriteHost;
  readonly qualify: Qualification;
  readonly item: (item: Item, where: HeaderWhere) => Maybe<string | undefined>;
}

function rewriteLines(lines: readonly HeaderLine[], job: Lines): Maybe<readonly HeaderLine[]> {
  const { byPlace, host, qualify } = job;
  const qualifies = qualify.sender !== undefined || qualify.recipient !== undefined;
  const wanted = (where: HeaderWhere | undefined): where is HeaderWhere =>
    where !== undefined && (qualifies || rulesAt(byPlace, where).length > 0);
  if (!lines.some((line) => wanted(placeOfHeader(line)))) return lines;
  const fault = (message: string): void => host.log?.(`rewrite: ${message}`, "main");
  const changed = mapInOrder(lines, (line): Maybe<HeaderLine | undefined> => {
    const where = placeOfHeader(line);
    if (!wanted(where)) return undefined;
    return rewriteHeader(line, { where, qualify, fault, rewrite: (item) => job.item(item, where) });
  });
  return chain(changed, (news) => {
    if (news.every((line) => line === undefined)) return lines;
    return lines.flatMap((line, index) => {
      const now = news[index];
      return now === undefined ? [line] : [{ ...line, type: "*" }, now];
    });
  });
}
