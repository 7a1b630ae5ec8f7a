/**
 * redirect (manual chapter "The redirect router"): aliases, .forward files and filters. Data comes from an option or a
 * file (`source.ts`), is taken apart (`items.ts`) and becomes children (`children.ts`), or it is a filter (`filter.ts`).
 * One special item decides for the whole list.
 */
import { chain, defineRouter, trimSpace } from "@mailkit/sdk";
import type { ChildAddress, Diagnostic, Maybe, OutcomeNotes, Position, RouterOutcome } from "@mailkit/sdk";
import { childOf, qualifyDomain, withTransports } from "./children.ts";
import { BAD_DATA, filterKind, runFilter } from "./filter.ts";
import { readIncluded } from "./include.ts";
import { readItems } from "./items.ts";
import { notesOf } from "./skipped.ts";
import type { Item } from "./items.ts";
import { options } from "./options.ts";
import type { Options } from "./options.ts";
export { filterKind } from "./filter.ts";
export { type ForwardTest, testForwardFile } from "./forward-test.ts";
import { readData } from "./source.ts";
import type { Call, Data } from "./source.ts";

export const driver = defineRouter({
  name: "redirect",
  options,
  needs: ["expand", "files", "accounts", "setting", "scope", "filters"],
  check: (own, instance) => check(own, instance),
  route: (address, own, host) => route({ address, own, host }),
});

interface Instance {
  readonly name: string;
  readonly at: Position;
}

function check(own: Options, { name, at }: Instance): Diagnostic[] {
  const faults: Diagnostic[] = [];
  const add = (message: string, hint: string, eximText: string): void => {
    faults.push({ code: "MK0663", severity: "error", message, at, hint, eximText, eximWhere: ` for ${name} router` });
  };
  if (own.data === undefined && own.file === undefined) {
    add(`router "${name}" has neither data nor file`, "set one of them", 'one of "file" or "data" must be specified');
  }
  if (own.data !== undefined && own.file !== undefined) {
    add(`router "${name}" has both data and file`, "keep one of them", 'only one of "file" or "data" must be specified');
  }
  if (own.qualify_domain !== undefined && own.qualify_preserve_domain) {
    const eximText = 'only one of "qualify_domain" or "qualify_preserve_domain" must be set';
    add(`router "${name}" has both qualify_domain and qualify_preserve_domain`, "keep one of them", eximText);
  }
  return faults;
}

function route(call: Call): Maybe<RouterOutcome> {
  return chain(readData(call), (data) => {
    if ("kind" in data) return data;
    const kind = filterKind(data.text);
    if (kind !== undefined) return runFilter(kind, data, call);
    return chain(gather(data.text, { depth: 0, tainted: data.tainted }, call), (gathered) => decide(gathered, data, call));
  });
}

/** Items with the included ones in their place, up to the first that speaks for all. */
interface Gathered {
  readonly items: readonly Item[];
  readonly verdict: Extract<Item, { kind: "fail" | "defer" | "blackhole" }> | undefined;
  /** A fault that no `skip_syntax_errors` forgives. */
  readonly fault: string | undefined;
}

interface Where {
  readonly depth: number;
  readonly tainted: boolean;
}

function gather(text: string, where: Where, call: Call): Maybe<Gathered> {
  const items: Item[] = [];
  const source = readItems(text);
  const end = (verdict?: Gathered["verdict"], fault?: string): Gathered => ({ items, verdict, fault });
  const walk = (): Maybe<Gathered> => {
    for (let step = source.next(); step.done !== true; step = source.next()) {
      const item = step.value;
      if (item.kind === "fail" || item.kind === "defer" || item.kind === "blackhole") return end(item);
      if (item.kind !== "include") {
        items.push(item);
        continue;
      }
      const inner = readIncluded({ path: item.path, ...where }, call);
      return chain(inner, (included): Maybe<Gathered> => {
        if (typeof included !== "string") return end(undefined, included.fault);
        return chain(gather(included, { depth: where.depth + 1, tainted: false }, call), (nested) => {
          items.push(...nested.items);
          return nested.verdict === undefined && nested.fault === undefined ? walk() : end(nested.verdict, nested.fault);
        });
      });
    }
    return end();
  };
  return walk();
}

function decide(gathered: Gathered, data: Data, call: Call): Maybe<RouterOutcome> {
  const { verdict, fault } = gathered;
  if (fault !== undefined) return listError(fault, data);
  if (verdict !== undefined) return obey(verdict, data, call);
  const errors = gathered.items.filter((item) => item.kind === "error");
  const first = errors[0];
  if (first !== undefined && !call.own.skip_syntax_errors) return listError(errorText(first), data);
  const valid = gathered.items.some((item) => item.kind === "address" || item.kind === "pipe" || item.kind === "file");
  return chain(notesOf({ errors: errors.map(errorText), told: errors.map(toldText), valid }, call), (notes) =>
    redirect(gathered.items, { data, notes }, call),
  );
}

function errorText(item: { readonly message: string; readonly item: string }): string {
  return `${item.message} in "${item.item}"`;
}

/** The same, for `syntax_errors_to`. */
function toldText(item: { readonly message: string; readonly item: string }): string {
  return `${item.message} in the address\n  "${item.item}"`;
}

function listError(message: string, data: Data): RouterOutcome {
  return { kind: "defer", message: `error in redirect ${data.from}: ${message}`, errno: BAD_DATA };
}

function obey(item: NonNullable<Gathered["verdict"]>, data: Data, { own }: Call): RouterOutcome {
  if (item.kind === "blackhole") {
    return own.forbid_blackhole ? listError('":blackhole:" is not permitted', data) : { kind: "discard", reason: ":blackhole:" };
  }
  const allowed = item.kind === "fail" ? own.allow_fail : own.allow_defer;
  if (!allowed) return listError(`"${item.item}" is not permitted`, data);
  const message = own.forbid_smtp_code ? item.text.replace(/^[245]\d\d(?: [245]\.\d{1,3}\.\d{1,3})?(?: |$)/, "") : item.text;
  return { kind: item.kind, message, forUser: true };
}

interface Context {
  readonly data: Data;
  readonly notes: OutcomeNotes | undefined;
}

function redirect(items: readonly Item[], { data, notes }: Context, call: Call): Maybe<RouterOutcome> {
  const wanted = items.filter((item) => item.kind === "address" || item.kind === "pipe" || item.kind === "file");
  const noted = notes === undefined ? {} : { notes };
  if (wanted.length === 0) {
    const unknown = items.some((item) => item.kind === "unknown");
    return { kind: "decline", reason: unknown ? ":unknown:" : `${data.file ?? "data"} names no address`, ...noted };
  }
  return chain(qualifyDomain(call), (domain) => {
    if (typeof domain !== "string") return domain;
    const children: ChildAddress[] = wanted.map((item) => childOf(item, domain, call));
    const { own } = call;
    return chain(withTransports(children, call, data.tainted), (ready) => ({
      kind: "rerouted",
      children: ready,
      detail: `${data.file === undefined ? "" : `${data.file}  `}${trimSpace(data.text).replace(/\s*\n\s*/g, ", ")}`.slice(0, MAX_DETAIL),
      ...(own.one_time ? { oneTime: true } : {}),
      ...(own.rewrite ? {} : { noRewrite: true }),
      ...(own.hide_child_in_errmsg ? { hideChild: true } : {}),
      ...noted,
    }));
  });
}

/** A list of thousands is not shown whole. */
const MAX_DETAIL = 200;
