/** Traps of host lists and of lists of addresses (manual §"Behaviour when an IP address or name cannot be found", §"List construction"). */
import type { Position } from "@mailkit/sdk";
import { parseIp } from "@mailkit/sdk";
import type { Configuration } from "../types.ts";
import { itemsOf, listTexts, type WrittenItem } from "./list-texts.ts";
import type { Trap } from "./trap.ts";

/** An item that needs the client's name ends the list for clients without one, unless a directive stands before it. */
export const hostListStops: Trap = (configuration, report) => {
  for (const list of listTexts(configuration)) {
    if (list.kind !== "host") continue;
    let needsName: WrittenItem | undefined;
    let covered = false;
    for (const item of itemsOf(list)) {
      const { kind } = item.pattern;
      if (/^\+(?:include|ignore)_unknown$/.test(item.text)) covered = true;
      else if (needsName === undefined && !covered && (kind === "suffix" || kind === "regex" || kind === "lookup")) needsName = item;
      else if (needsName !== undefined && kind === "network") {
        report.add("MK0702", `${list.what}: clients without a name never come to ${item.text}`, {
          at: list.locate(needsName.offset),
          length: needsName.text.length,
          hint: "put addresses first, or +ignore_unknown before the names",
        });
        break;
      }
    }
  }
};

interface Addresses {
  readonly what: string;
  readonly text: string;
  readonly locate: (offset: number) => Position | undefined;
}

/** Colons of an IPv6 address that were not doubled. */
export const ipv6Separators: Trap = (configuration, report) => {
  for (const { what, text, locate } of addressTexts(configuration)) {
    if (/^\s*</.test(text)) continue;
    const found = singleColons(text);
    if (found === undefined) continue;
    report.add("MK0704", `${what}: the colons of ${found.address} separate items`, {
      at: locate(found.offset),
      length: found.address.length,
      hint: "begin the list with <; and separate by semicolons, or double the colons",
    });
  }
};

/** The first word that is an address of IPv6 as it stands: with its colons doubled it would be none. */
export function singleColons(text: string): { readonly address: string; readonly offset: number } | undefined {
  for (const match of text.matchAll(/(?<![^\s!])[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*(?:\/\d{1,3})?(?![^\s:;])/gi)) {
    const address = match[0].replace(/(?<=[^:]):$/, "");
    if (address !== "::" && parseIp(address.replace(/\/\d+$/, ""))?.version === 6) return { address, offset: match.index };
  }
  return undefined;
}

/** Options that are lists of addresses without being host lists. */
const ADDRESS_OPTIONS = ["hosts", "fallback_hosts", "interface", "route_list", "route_data"];

function* addressTexts(configuration: Configuration): Generator<Addresses> {
  const { main, routers, transports, details } = configuration;
  for (const list of listTexts(configuration)) if (list.kind === "host") yield list;
  for (const name of ["local_interfaces", "extra_local_interfaces"]) {
    if (main.isSet(name)) yield { what: name, text: main.text(name) ?? "", locate: (offset) => main.locate?.(name, offset) };
  }
  for (const instance of [...routers, ...transports.values()]) {
    for (const option of ADDRESS_OPTIONS) {
      const text = instance.source?.(option);
      if (text === undefined || text.includes("${")) continue;
      yield { what: `${option} of "${instance.name}"`, text, locate: (offset) => instance.locate?.(option, offset) };
    }
  }
  for (const step of details?.trail ?? []) {
    if (step.kind === "file") continue;
    for (const match of step.text.matchAll(/\bmatch_ip\s*\{[^{}]*\}\s*\{([^{}]*)\}/g)) {
      const start = match.index + match[0].length - 1 - (match[1] as string).length;
      yield { what: "match_ip", text: match[1] as string, locate: (offset) => step.map.at(start + offset) };
    }
  }
}
