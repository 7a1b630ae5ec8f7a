/** `domainlist`, `hostlist`, `addresslist`, `localpartlist` (manual §"Named lists"), with `_cache` and `hide`. */
import type { ListKind, Position } from "@mailkit/sdk";
import type { LoadContext } from "../context.ts";
import type { LogicalLine } from "../source/reader.ts";
import type { NamedList } from "../types.ts";
import { readString, skipSpace } from "../values/scan.ts";

export type NamedLists = Map<ListKind, Map<string, NamedList>>;

const HEAD = /^(hide\s+)?(domain|host|address|localpart)list(_cache)?\s+/;
const KIND_TEXT: Readonly<Record<ListKind, string>> = { domain: "domain", host: "host", address: "address", localpart: "local part" };

export function isNamedList(line: LogicalLine): boolean {
  return HEAD.test(line.text);
}

export function readNamedList(line: LogicalLine, lists: NamedLists, context: LoadContext): void {
  const head = HEAD.exec(line.text);
  if (head === null) return;
  const kind = head[2] as ListKind;
  const start = head[0].length;
  const name = /^[A-Za-z0-9_]*/.exec(line.text.slice(start))?.[0] ?? "";
  const place = { at: line.map.at(start), length: line.map.width(start, Math.max(1, name.length)), eximLine: line.end };
  const equals = skipSpace(line.text, start + name.length);
  if (name === "" || line.text[equals] !== "=") {
    const message = name === "" ? `this ${head[2]}list has no name` : `"=" is missing after ${head[2]}list ${name}`;
    const eximText = name === "" ? undefined : `missing '=' after "${name}"`;
    context.report.add("MK0201", message, { ...place, hint: `write ${head[2]}list name = item : item`, eximText });
    return;
  }
  const read = readString(line, equals + 1);
  if (read.kind === "fault") {
    const eximText = `${read.why === "unterminated" ? "missing quote at end of" : "extra characters follow"} string value for ${name}`;
    context.report.add("MK0108", `the quoted value of ${head[2]}list ${name} is malformed`, {
      ...place,
      at: line.map.at(read.offset),
      eximText,
    });
    return;
  }
  const named = lists.get(kind) ?? new Map<string, NamedList>();
  lists.set(kind, named);
  const first = named.get(name);
  if (first !== undefined) {
    const eximText = `duplicate name "${name}" for a named ${KIND_TEXT[kind]} list`;
    context.report.add("MK0202", `there are two ${head[2]}lists called "${name}"`, {
      ...place,
      hint: `the first is at ${where(first.at)}`,
      eximText,
    });
    return;
  }
  const alwaysCache = head[3] !== undefined;
  named.set(name, {
    name,
    list: context.compilers.list(kind, read.value.text, read.value.at, { name, alwaysCache }),
    at: place.at,
    alwaysCache,
    hidden: head[1] !== undefined,
    locate: read.value.locate,
  });
}

function where(at: Position): string {
  return `${at.file}:${at.line}`;
}
