/**
 * Matching one text (a domain, a local part, a name of a host) against the items that all kinds of lists share, and
 * those that refer to this host (manual §"Domain lists", §"Local part lists").
 */
import {
  boundSubject,
  chain,
  clean,
  compileRegex,
  fullIp,
  lower,
  parseIp,
  unmapIp,
  type HostList,
  type Maybe,
  type Scope,
  type Text,
} from "@mailkit/sdk";
import type { ListEnvironment } from "./environment.ts";
import { lookupFinder, type LookupFinder } from "./lookup-item.ts";
import type { Pattern } from "./syntax.ts";
import type { Hit, Outcome, Trouble } from "./walk.ts";

/** What is matched: as received (a domain always in lower case), and folded. */
export interface TextSubject {
  readonly text: string;
  readonly folded: string;
  /** Of a domain, whose case never counts: as it was written, for $0 and $1 of expressions. */
  readonly written?: string;
}

export interface TextMatcher {
  readonly match: (subject: TextSubject, caseful: boolean, scope: Scope) => Maybe<Outcome>;
  readonly fault: string | undefined;
}

export interface CompileContext {
  readonly environment: ListEnvironment;
  /** The text of the list is tainted, and so are values taken from it. */
  readonly tainted: boolean;
  readonly hostList: (source: string) => HostList;
}

export function textSubject(text: string): TextSubject {
  return { text, folded: lower(text) };
}

export function domainSubject(domain: string): TextSubject {
  const folded = lower(domain);
  return { text: folded, folded, written: domain };
}

/** Kinds of patterns that are not about one text never match. */
export function compileText(pattern: Pattern, context: CompileContext): TextMatcher {
  switch (pattern.kind) {
    case "literal":
      return literalMatcher(pattern.text, context.tainted);
    case "empty":
      return literalMatcher("", context.tainted);
    case "suffix":
      return suffixMatcher(pattern.suffix, context.tainted);
    case "regex":
      return regexMatcher(pattern.source, context.tainted);
    case "lookup":
      return lookupMatcher(lookupFinder({ ...pattern, tainted: context.tainted }, context.environment));
    case "self":
      return selfMatcher(context.environment);
    case "selfLiteral":
      return selfLiteralMatcher(context.environment);
    case "mx":
      return mxMatcher(pattern, context);
    default:
      return { match: () => undefined, fault: undefined };
  }
}

function literalMatcher(text: string, tainted: boolean): TextMatcher {
  const folded = lower(text);
  const hit: Hit = { kind: "hit", data: { text, tainted } };
  return {
    match: (subject, caseful) => ((caseful ? subject.text === text : subject.folded === folded) ? hit : undefined),
    fault: undefined,
  };
}

/** The wild part becomes `$1`. */
function suffixMatcher(suffix: string, tainted: boolean): TextMatcher {
  const folded = lower(suffix);
  const data: Text = { text: `*${suffix}`, tainted };
  const match = (subject: TextSubject, caseful: boolean): Outcome => {
    const text = caseful ? subject.text : subject.folded;
    if (!text.endsWith(caseful ? suffix : folded)) return undefined;
    return { kind: "hit", data, captures: [text, text.slice(0, text.length - suffix.length)] };
  };
  return { match, fault: undefined };
}

export function regexMatcher(source: string, tainted: boolean): TextMatcher {
  const caseless = compileRegex(source, { caseless: true });
  if (!caseless.ok) return faulty(regexFault(caseless.message, source));
  const caseful = compileRegex(source, { caseless: false });
  const data: Text = { text: source, tainted };
  const match = (subject: TextSubject, isCaseful: boolean): Outcome => {
    const found = (isCaseful && caseful.ok ? caseful.regex : caseless.regex).exec(boundSubject(subject.written ?? subject.text));
    return found === null ? undefined : { kind: "hit", data, captures: capturesOf(subject.written ?? subject.text, found) };
  };
  return { match, fault: undefined };
}

/** `$0` is the whole subject, also when the expression matched only its beginning. */
function capturesOf(text: string, found: RegExpExecArray): readonly string[] {
  const captures = [text];
  for (let i = 1; i < found.length; i++) captures.push(found[i] ?? "");
  return captures;
}

/** The text that Exim prints for an expression in a list. */
function regexFault(message: string, source: string): string {
  const prefix = `regular expression error in "${source}": `;
  return `regular expression error: ${message.startsWith(prefix) ? message.slice(prefix.length) : message} while compiling ${source}`;
}

function lookupMatcher(finder: LookupFinder): TextMatcher {
  return { match: (subject, caseful, scope) => finder.find(caseful ? subject.text : subject.folded, scope), fault: finder.fault };
}

function selfMatcher(environment: ListEnvironment): TextMatcher {
  const match = (subject: TextSubject): Outcome => {
    const name = environment.primaryHostname();
    return lower(name) === subject.folded ? { kind: "hit", data: clean(name) } : undefined;
  };
  return { match, fault: undefined };
}

const LITERAL = /^\[(?:ipv6:)?([0-9a-f:.]+)\]$/;

function selfLiteralMatcher(environment: ListEnvironment): TextMatcher {
  const hit: Hit = { kind: "hit", data: clean("@[]") };
  const match = (subject: TextSubject): Outcome => {
    const address = LITERAL.exec(subject.folded)?.[1];
    return address !== undefined && isLocalAddress(address, environment) ? hit : undefined;
  };
  return { match, fault: undefined };
}

export function isLocalAddress(address: string, environment: ListEnvironment): boolean {
  const wanted = canonical(address);
  return wanted !== undefined && environment.localAddresses().some((local) => canonical(local) === wanted);
}

function canonical(address: string): string | undefined {
  const ip = parseIp(address);
  return ip === undefined ? undefined : fullIp(unmapIp(ip));
}

function mxMatcher(pattern: Extract<Pattern, { kind: "mx" }>, context: CompileContext): TextMatcher {
  const { which } = pattern;
  const ignore = pattern.ignore === undefined ? undefined : context.hostList(pattern.ignore);
  const suffix = pattern.ignore === undefined ? "" : `/ignore=${pattern.ignore}`;
  const hit: Hit = { kind: "hit", data: { text: `@mx_${which}${suffix}`, tainted: context.tainted } };
  const match = (subject: TextSubject, _caseful: boolean, scope: Scope): Maybe<Outcome> =>
    chain(context.environment.isLocalMx({ domain: subject.folded, which, ignore }, scope), (answer): Outcome => {
      if (answer.kind === "defer") return answer;
      return answer.kind === "yes" ? hit : undefined;
    });
  return { match, fault: undefined };
}

function faulty(message: string): TextMatcher {
  const trouble: Trouble = { kind: "error", message };
  return { match: () => trouble, fault: message };
}
