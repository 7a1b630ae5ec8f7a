/** `dnslists`: is the client, or a name, in a list kept in the DNS? (manual §"Using DNS lists"). */
import type { AclItemSource } from "@mailkit/config";
import { type DnsAnswer, type Maybe, chain, firstOf, isPromise } from "@mailkit/sdk";
import type { AclCompilers } from "../compile.ts";
import { hookName } from "../hooks.ts";
import type { ItemRun } from "../items.ts";
import { deferral, fault, type Outcome, type Run, setVariable, withText, writeLog } from "../run.ts";
import { type DnslistEntry, type DnslistItem, parseDnslists, queryPrefix, satisfies } from "./dnslists-parse.ts";

export function compileDnslists(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const template = compilers.template(item.value, item.at);
  const known = template.constant === undefined ? undefined : parseDnslists(template.constant);
  return (run) => withText(run, template, (text) => test(run, known ?? parseDnslists(text)));
}

interface Walk {
  unknown: "include" | "exclude" | "defer";
}

function test(run: Run, entries: readonly DnslistEntry[]): Maybe<Outcome> {
  const walk: Walk = { unknown: "exclude" };
  const found = firstOf(entries, (entry) => {
    switch (entry.kind) {
      case "unknown":
        walk.unknown = entry.means;
        return undefined;
      case "ignored":
        writeLog(run, { to: ["main"], text: `unknown item in dnslist (ignored): ${entry.text}`, withHost: false });
        return undefined;
      case "item":
        return testItem(run, entry.item, walk);
    }
  });
  return chain(found, (outcome) => outcome ?? "no");
}

/** Undefined: not in this list, on to the next one. */
function testItem(run: Run, item: DnslistItem, walk: Walk): Maybe<Outcome | undefined> {
  const { hook, session } = run.context;
  let { keys } = item;
  if (keys === undefined) {
    if (hook === "not_smtp" || hook === "not_smtp_start") {
      return fault(run, `cannot test auto-keyed dnslists condition in ${hookName(hook)} ACL`);
    }
    if (session.peer === undefined) return "no";
    keys = [session.peer.address];
  }
  // A hit on any key beats an earlier failure: what to make of failures is decided at the end of the item.
  let failed: string | undefined;
  const hit = firstOf(keys, (key) =>
    chain(testKey(run, item, key), (outcome) => {
      if (typeof outcome === "string") return outcome === "miss" ? undefined : outcome;
      failed = outcome.failed;
      return undefined;
    }),
  );
  return chain(hit, (outcome) => {
    if (outcome === "hit") return "yes";
    return failed === undefined ? undefined : unknownAnswer(run, failed, walk.unknown);
  });
}

type KeyResult = "hit" | "miss" | { readonly failed: string };

function testKey(run: Run, item: DnslistItem, key: string): Maybe<KeyResult> {
  const prefix = queryPrefix(key);
  const name = `${prefix}.${item.first ?? item.domain}`;
  return chain(addressesOf(run, { name, key, list: item.first ?? item.domain }), (addresses): Maybe<KeyResult> => {
    if (addresses === undefined) return "miss";
    if (!Array.isArray(addresses)) return addresses as { failed: string };
    if (!satisfies(item.match, addresses)) {
      run.detail = `${name}: ${addresses.join(", ")} does not fit`;
      return "miss";
    }
    if (item.first === undefined) return remember(run, { item, key, addresses, name });
    // The second list only pointed the way: the first one must know the key too, and has the text.
    const own = `${prefix}.${item.domain}`;
    return chain(addressesOf(run, { name: own, key, list: item.domain }), (values): Maybe<KeyResult> => {
      if (values === undefined) return "miss";
      return Array.isArray(values) ? remember(run, { item, key, addresses: values, name: own }) : (values as { failed: string });
    });
  });
}

/** Undefined: no such record, or nothing but values outside 127/8, which a dead list's new owner may answer with. */
function addressesOf(
  run: Run,
  { name, key, list }: { name: string; key: string; list: string },
): Maybe<readonly string[] | { failed: string } | undefined> {
  const judge = (answer: DnsAnswer): readonly string[] | { failed: string } | undefined => {
    if (answer.kind === "defer") return { failed: name };
    if (answer.kind !== "found") return undefined;
    const values = answer.records.map((record) => record.data);
    const plausible = values.filter((value) => value.startsWith("127."));
    if (plausible.length < values.length) {
      const odd = values.find((value) => !value.startsWith("127."));
      const text = `DNS list lookup for ${key} at ${list} returned ${odd}; not in 127.0/8 and discarded`;
      writeLog(run, { to: ["main"], text, withHost: false });
    }
    return plausible.length === 0 ? undefined : plausible;
  };
  const answer = run.context.scope.services.dns.query({ name, type: "A" });
  return isPromise(answer) ? answer.then(judge) : judge(answer);
}

interface Hit {
  readonly item: DnslistItem;
  readonly key: string;
  readonly addresses: readonly string[];
  readonly name: string;
}

function remember(run: Run, { item, key, addresses, name }: Hit): Maybe<KeyResult> {
  setVariable(run, "dnslist_domain", item.domain);
  setVariable(run, "dnslist_matched", key);
  setVariable(run, "dnslist_value", addresses.join(", "));
  run.detail = `${key} is listed in ${item.domain}: ${addresses.join(", ")}`;
  return chain(run.context.scope.services.dns.query({ name, type: "TXT" }), (answer) => {
    setVariable(run, "dnslist_text", answer.kind === "found" ? (answer.records[0]?.data.slice(0, 512) ?? "") : "");
    return "hit";
  });
}

function unknownAnswer(run: Run, name: string, means: Walk["unknown"]): Outcome | undefined {
  const assumed = { include: "assumed in list", exclude: "assumed not in list", defer: "returned DEFER" }[means];
  const text = `DNS list lookup defer (probably timeout) for ${name}: ${assumed}`;
  if (run.context.host.logs("dnslist_defer")) writeLog(run, { to: ["main"], text, withHost: false });
  run.detail = text;
  if (means === "defer") return deferral(run, `DNS list lookup for ${name} did not complete`);
  return means === "include" ? "yes" : undefined;
}
