/** Traps of lists (manual §"Behaviour when an IP address or name cannot be found", §"List construction"). */
import type { Position } from "@mailkit/sdk";
import type { Configuration } from "../types.ts";
import { splitList, type ListItem } from "../values/scan.ts";
import { MAIN_OPTIONS } from "../main-options.ts";
import type { Trap } from "./trap.ts";

interface HostText {
  readonly what: string;
  readonly text: string;
  readonly locate: (offset: number) => Position | undefined;
}

/** An item that needs the client's name ends the list for clients without one. */
export const hostListStops: Trap = (configuration, report) => {
  for (const list of hostTexts(configuration)) {
    if (list.text.includes("$")) continue;
    let needsName: ListItem | undefined;
    for (const item of splitList(list.text)) {
      const text = item.text.replace(/^!\s*/, "");
      if (/^\+(?:include|ignore)_unknown$/.test(text)) break;
      if (needsName !== undefined && isAddress(text)) {
        report.add("MK0702", `${list.what}: clients without a name never come to ${text}`, {
          at: list.locate(needsName.offset),
          length: needsName.text.length,
          hint: "put addresses first, or +ignore_unknown before the names",
        });
        break;
      }
      if (/^(?:\*.|\^)/.test(text) || /^(?!net\d*-)[a-z0-9-]+\*?;/.test(text)) needsName ??= item;
    }
  }
};

function isAddress(text: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+(?:\/\d+)?$/.test(text) || /^[0-9a-f]*:[0-9a-f:.]+(?:\/\d+)?$/i.test(text);
}

/** Colons of an IPv6 address that were not doubled. */
export const ipv6Separators: Trap = (configuration, report) => {
  for (const list of [...hostTexts(configuration), ...interfaceTexts(configuration)]) {
    if (/^\s*</.test(list.text) || list.text.includes("${")) continue;
    const match = /(?<![\w:.[\]])(?:(?:[0-9a-f]{1,4}:){2,}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:)*[0-9a-f]{1,4}::[0-9a-f]{1,4})(?![\w:.])/i.exec(
      list.text,
    );
    if (match === null || !/[0-9a-f]{3}|[a-f]/i.test(match[0])) continue;
    report.add("MK0704", `${list.what}: the colons of ${match[0]} separate items`, {
      at: list.locate(match.index),
      length: match[0].length,
      hint: "begin the list with <; and separate by semicolons, or double the colons",
    });
  }
};

function* hostTexts({ main, lists, acls, routers, transports }: Configuration): Generator<HostText> {
  for (const [name, spec] of Object.entries(MAIN_OPTIONS)) {
    if (spec.type === "hostList" && main.isSet(name))
      yield { what: name, text: main.text(name) ?? "", locate: (offset) => main.locate?.(name, offset) };
  }
  for (const named of lists.get("host")?.values() ?? []) {
    yield { what: `hostlist ${named.name}`, text: named.list.source, locate: (offset) => named.locate?.(offset) ?? named.at };
  }
  for (const acl of acls.values()) {
    for (const item of acl.statements.flatMap((statement) => statement.items)) {
      if (item.name === "hosts")
        yield { what: `hosts in ACL "${acl.name}"`, text: item.value, locate: (offset) => item.locate?.(offset) ?? item.at };
    }
  }
  for (const instance of [...routers, ...transports.values()]) {
    for (const option of instance.optionNames ?? []) {
      if (!/^(?:hosts_|ignore_target_hosts|serialize_hosts|tls_.*_hosts)/.test(option)) continue;
      const text = instance.source?.(option);
      if (text !== undefined)
        yield { what: `${option} of "${instance.name}"`, text, locate: (offset) => instance.locate?.(option, offset) };
    }
  }
}

function* interfaceTexts({ main }: Configuration): Generator<HostText> {
  for (const name of ["local_interfaces", "extra_local_interfaces"]) {
    if (main.isSet(name)) yield { what: name, text: main.text(name) ?? "", locate: (offset) => main.locate?.(name, offset) };
  }
}
