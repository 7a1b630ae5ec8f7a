/** Steps of address lists (manual §"Address lists", §"Case of letters in address lists"). */
import { chain, isPromise, joinAddress, lower, splitAddress, type Maybe } from "@mailkit/sdk";
import { byDomainTest } from "./by-domain.ts";
import { lookupFinder } from "./lookup-item.ts";
import { keptUnder, matchNamed, type KeptUnder } from "./named.ts";
import { directiveStep, fileStep, LITERAL, type Slot, type StepFamily } from "./steps.ts";
import { textKey, textSlot } from "./text-steps.ts";
import { printPattern, type ListItem, type Pattern } from "./syntax.ts";
import { compileText, domainSubject, regexMatcher, textSubject, type CompileContext, type TextSubject } from "./text-matcher.ts";
import type { Hit, Outcome, Step, Walk } from "./walk.ts";

/** An address cut up; `whole` has its domain in lower case and its local part as received. */
export interface AddressTarget {
  readonly whole: TextSubject;
  readonly localPart: TextSubject;
  readonly domain: TextSubject;
  /** Neither the null sender nor something with an `@`: no item speaks of it. */
  readonly unqualified: boolean;
}

type AddressTest = (target: AddressTarget, walk: Walk) => Maybe<Outcome>;

export function addressTarget(address: string): AddressTarget {
  const parts = splitAddress(address);
  const domain = domainSubject(parts.domain);
  const whole = textSubject(domain.text === "" ? address : joinAddress({ localPart: parts.localPart, domain: domain.text }));
  return { whole, localPart: textSubject(parts.localPart), domain, unqualified: address !== "" && !address.includes("@") };
}

export function addressFamily(source: string, context: CompileContext): StepFamily<AddressTarget> {
  return {
    kind: "address",
    make: (item) => makeStep(item, source, context),
    slotOf: addressSlot,
    keyIn: addressKey,
  };
}

/** Whole addresses; `*@domain` and `domain` by the domain, whose slots follow. */
function addressSlot(pattern: Pattern, caseful: boolean): Slot | undefined {
  if (isLiteral(pattern)) {
    const text = printPattern(pattern);
    return { slot: LITERAL, key: caseful ? text : lower(text) };
  }
  const anyone = pattern.kind === "domainOnly" || (pattern.kind === "mailbox" && pattern.localPart === "*");
  if (!anyone || (pattern.domain.kind === "literal" && pattern.domain.text === "")) return undefined;
  const found = textSlot(pattern.domain, caseful);
  return found === undefined ? undefined : { slot: 1 + found.slot, key: found.key };
}

function addressKey(target: AddressTarget, slot: number, caseful: boolean): string | undefined {
  const subject = slot === LITERAL ? target.whole : target.domain;
  if (slot !== LITERAL && (target.unqualified || target.whole.text === "")) return undefined;
  const text = caseful ? subject.text : subject.folded;
  return slot === LITERAL ? text : textKey(text, slot - 1);
}

/** `local@domain` without any wild card on either side. */
function isLiteral(pattern: Pattern): boolean {
  return (
    pattern.kind === "mailbox" && pattern.domain.kind === "literal" && pattern.domain.text !== "" && !pattern.localPart.startsWith("*")
  );
}

function makeStep(item: ListItem, source: string, context: CompileContext): Step<AddressTarget> {
  const pattern = item.pattern;
  switch (pattern.kind) {
    case "directive":
      return directiveStep(item, pattern.word);
    case "file":
      return fileStep(item, pattern.path, { source, tainted: context.tainted }, addressFamily(source, context));
    case "named":
      return namedAddressStep(item, pattern.name);
    case "empty":
      return { item, test: (target) => (target.whole.text === "" ? NULL_SENDER : undefined) };
    case "regex":
    case "lookup": {
      const test = pattern.kind === "regex" ? wholeRegex(pattern.source, context) : wholeLookup(pattern, context);
      return { item, test: (target, walk) => (target.unqualified ? undefined : test(target, walk)) };
    }
    default: {
      const test = filledTest(item, pattern, context);
      return { item, test: (target, walk) => (target.unqualified || target.whole.text === "" ? undefined : test(target, walk)) };
    }
  }
}

const NULL_SENDER: Hit = { kind: "hit", data: undefined, captures: [] };

function namedAddressStep(item: ListItem, name: string): Step<AddressTarget> {
  const kept = keptUnder("address", name);
  return {
    item,
    test: (target, walk) =>
      matchNamed<AddressTarget>(
        {
          kind: "address",
          name,
          kept,
          subject: target,
          key: target.whole.text,
          caseful: walk.caseful,
          foreign: (list) => (list.kind === "address" ? list.match(target.whole.text, walk.scope) : { kind: "no" }),
        },
        walk,
      ),
  };
}

/** A regular expression sees the whole address and leaves no value. */
function wholeRegex(source: string, context: CompileContext): AddressTest {
  const matcher = regexMatcher(source, context.tainted);
  return (target, walk) =>
    chain(matcher.match(target.whole, walk.caseful, walk.scope), (outcome) =>
      outcome?.kind === "hit" ? { ...outcome, data: undefined } : outcome,
    );
}

/** The whole address is the key; partial matching does not apply here and is left out. */
function wholeLookup(pattern: Extract<Pattern, { kind: "lookup" }>, context: CompileContext): AddressTest {
  const finder = lookupFinder({ ...pattern, tainted: context.tainted }, context.environment, ({ partial: _partial, ...spec }) => spec);
  return (target, walk) => finder.find(walk.caseful ? target.whole.text : target.whole.folded, walk.scope);
}

/** Items that match addresses with a domain only, not the null sender. */
function filledTest(item: ListItem, pattern: Pattern, context: CompileContext): AddressTest {
  if (pattern.kind === "byDomain") return byDomainTest(pattern, item.text, context);
  if (pattern.kind === "domainOnly") return withPrefix("", domainTest(pattern.domain, context));
  if (pattern.kind === "mailbox") return mailboxTest(pattern, context);
  return () => undefined;
}

function mailboxTest(pattern: Extract<Pattern, { kind: "mailbox" }>, context: CompileContext): AddressTest {
  const local = localPartTest(pattern.localPart);
  const domain = withPrefix(pattern.localPart, domainTest(pattern.domain, context));
  return (target, walk) => {
    const wild = local(target.localPart, walk.caseful);
    if (wild === undefined) return undefined;
    const outcome = domain(target, walk);
    return wild === "" && !pattern.localPart.startsWith("*") ? outcome : withWild(outcome, wild);
  };
}

/** What the `*` of the local part stood for ("" when there is none), or undefined for no match. */
function localPartTest(written: string): (subject: TextSubject, caseful: boolean) => string | undefined {
  const isWild = written.startsWith("*");
  const plain = isWild ? written.slice(1) : written;
  const folded = lower(plain);
  return (subject, caseful) => {
    const text = caseful ? subject.text : subject.folded;
    const wanted = caseful ? plain : folded;
    if (!isWild) return text === wanted ? "" : undefined;
    return text.endsWith(wanted) ? text.slice(0, text.length - wanted.length) : undefined;
  };
}

function domainTest(pattern: Pattern, context: CompileContext): AddressTest {
  if (pattern.kind === "named") {
    const kept = keptUnder("domain", pattern.name);
    return (target, walk) => namedDomain(pattern.name, kept, target.domain, walk);
  }
  // The domain half is a list by itself, and an empty list has nothing in it.
  if (pattern.kind === "empty" || (pattern.kind === "literal" && pattern.text === "")) return () => undefined;
  if (pattern.kind === "not") return negatedTest(domainTest(pattern.of, context));
  const matcher = compileText(pattern, context);
  return (target, walk) => matcher.match(target.domain, walk.caseful, walk.scope);
}

/** The domain half is a list of one item: when that is negated and does not match, the list does. */
function negatedTest(test: AddressTest): AddressTest {
  return (target, walk) =>
    chain(test(target, walk), (outcome): Outcome => {
      if (outcome === undefined) return { kind: "hit", data: undefined, captures: [] };
      return outcome.kind === "hit" ? undefined : outcome;
    });
}

function namedDomain(name: string, kept: KeptUnder, domain: TextSubject, walk: Walk): Maybe<Outcome> {
  const foreign = (list: Parameters<Parameters<typeof matchNamed>[0]["foreign"]>[0]) =>
    list.kind === "domain" ? list.match(domain.text, walk.scope) : ({ kind: "no" } as const);
  return matchNamed<TextSubject>({ kind: "domain", name, kept, subject: domain, key: domain.text, caseful: false, foreign }, walk);
}

/** The value is the local part as written, `@`, and the value of the domain; `$0` is the whole address. */
function withPrefix(localPart: string, test: AddressTest): AddressTest {
  const finish = (outcome: Outcome, target: AddressTarget): Outcome => {
    if (outcome?.kind !== "hit") return outcome;
    const data = outcome.data && { text: `${localPart}@${outcome.data.text}`, tainted: outcome.data.tainted };
    return { kind: "hit", data, captures: [target.whole.text, ...(outcome.captures ?? []).slice(1)] };
  };
  return (target, walk) => chain(test(target, walk), (outcome) => finish(outcome, target));
}

/** What the local part's `*` stood for comes before what the domain left. Manual §"Rewriting patterns". */
function withWild(outcome: Maybe<Outcome>, wild: string): Maybe<Outcome> {
  if (isPromise(outcome)) return outcome.then((late) => withWild(late, wild));
  if (outcome?.kind !== "hit") return outcome;
  const [zero = "", ...rest] = outcome.captures ?? [];
  return { ...outcome, captures: [zero, wild, ...rest] };
}
