/** Data that is an Exim or Sieve filter (manual §"Interpreting redirection data"). The filter itself runs behind a port. */
import { chain } from "@mailkit/sdk";
import type { ChildAddress, FilterForbidden, FilterRequest, FilterResult, Maybe, RouterOutcome, Template } from "@mailkit/sdk";
import { qualifyDomain, withTransports } from "./children.ts";
import { notesOf } from "./skipped.ts";
import type { Call, Data } from "./source.ts";

/** What kind of filter it is; undefined = a list of items. */
export function filterKind(text: string): "exim" | "sieve" | undefined {
  const head = /^#[ \t]*(exim|sieve)[ \t]+filter/i.exec(text);
  return head === null ? undefined : (head[1]?.toLowerCase() as "exim" | "sieve");
}

export function runFilter(kind: "exim" | "sieve", data: Data, call: Call): Maybe<RouterOutcome> {
  const { own, host } = call;
  const refused = refusal(kind, call);
  if (refused !== undefined) return filterError(refused, data);
  return chain(qualifyDomain(call), (domain) => {
    if (typeof domain !== "string") return domain;
    return chain(sieveSettings(kind, call), (sieve) => {
      if ("kind" in sieve) return sieve;
      const request: FilterRequest = {
        kind,
        text: data.text,
        ...(data.file === undefined ? {} : { file: data.file }),
        address: call.address,
        scope: host.scope,
        forbid: forbidden(call),
        prependHome: own.filter_prepend_home,
        qualifyDomain: domain,
        sieve,
      };
      return chain(host.filters.run(request), (result) => judge(result, data, call));
    });
  });
}

function refusal(kind: "exim" | "sieve", { own }: Call): string | undefined {
  if (!own.allow_filter) return "filtering not enabled";
  if (kind === "exim" && own.forbid_exim_filter) return "Exim filtering not enabled";
  if (kind === "sieve" && own.forbid_sieve_filter) return "Sieve filtering not enabled";
  return undefined;
}

/** Exim's number for syntax errors in redirection data. */
export const BAD_DATA = -17;

function filterError(message: string, data: Data): RouterOutcome {
  return { kind: "defer", message: `error in filter ${data.from}: ${message}`, errno: BAD_DATA };
}

function forbidden({ own }: Call): ReadonlySet<FilterForbidden> {
  const rules: readonly (readonly [FilterForbidden, boolean])[] = [
    ["defer", !own.allow_defer],
    ["fail", !own.allow_fail],
    ["freeze", !own.allow_freeze],
    ["dlfunc", own.forbid_filter_dlfunc],
    ["existstest", own.forbid_filter_existstest],
    ["file", own.forbid_file || own.one_time],
    ["logwrite", own.forbid_filter_logwrite],
    ["lookup", own.forbid_filter_lookup],
    ["perl", own.forbid_filter_perl],
    ["pipe", own.forbid_pipe || own.one_time],
    ["readfile", own.forbid_filter_readfile],
    ["readsocket", own.forbid_filter_readsocket],
    ["reply", own.forbid_filter_reply || own.one_time],
    ["run", own.forbid_filter_run],
  ];
  return new Set(rules.filter(([, yes]) => yes).map(([name]) => name));
}

function sieveSettings(kind: "exim" | "sieve", { address, own, host }: Call): Maybe<FilterRequest["sieve"] | RouterOutcome> {
  const inbox = own.sieve_inbox ?? "inbox";
  if (kind === "exim") return { inbox };
  const wanted: readonly (readonly [Exclude<keyof FilterRequest["sieve"], "inbox">, Template | undefined])[] = [
    ["useraddress", own.sieve_useraddress],
    ["subaddress", own.sieve_subaddress],
    ["vacationDirectory", own.sieve_vacation_directory],
    ["enotifyMailtoOwner", own.sieve_enotify_mailto_owner],
  ];
  const known: Record<string, string> = { inbox };
  const walk = (from: number): Maybe<FilterRequest["sieve"] | RouterOutcome> => {
    const next = wanted[from];
    if (next === undefined) return known as unknown as FilterRequest["sieve"];
    const [key, template] = next;
    if (template === undefined) return walk(from + 1);
    return chain(host.expand(template), (result): Maybe<FilterRequest["sieve"] | RouterOutcome> => {
      if (result.kind === "error") {
        return { kind: "defer", message: `failed to expand "${template.source}" in ${address.router} router: ${result.message}` };
      }
      if (result.kind === "value") known[key] = result.text;
      return walk(from + 1);
    });
  };
  return walk(0);
}

function judge(result: FilterResult, data: Data, call: Call): Maybe<RouterOutcome> {
  const { own, address } = call;
  const log = "log" in result && result.log !== undefined ? { notes: { log: result.log } } : {};
  switch (result.kind) {
    case "error": {
      if (!own.skip_syntax_errors) return filterError(result.message, data);
      const { message } = result;
      const notes = notesOf({ errors: [message], told: [message], valid: false }, call);
      return chain(notes, (noted) => ({ kind: "decline", reason: message, ...(noted === undefined ? {} : { notes: noted }) }));
    }
    case "fail":
      return { kind: "fail", message: result.message, forUser: true };
    case "defer":
    case "freeze":
      return { kind: "defer", message: result.message, forUser: true, freeze: result.kind === "freeze", ...log };
    case "done": {
      // Without a significant delivery the address goes on as if it had come out of the filter itself.
      const self: ChildAddress[] = result.delivered ? [] : [{ kind: "address", address: address.address }];
      if (result.children.length === 0) {
        return result.delivered ? { kind: "discard", reason: "discarded" } : { kind: "decline", reason: "the filter does nothing", ...log };
      }
      return chain(withTransports([...result.children, ...self], call), (children) => ({
        kind: "rerouted",
        children,
        detail: `${data.file ?? "data"}: filter`,
        ...log,
      }));
    }
  }
}
