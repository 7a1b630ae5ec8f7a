/** The main part: macros, named lists, options, up to the first `begin` (manual chapter "Main configuration"). */
import type { ListKind } from "@mailkit/sdk";
import { defineMacro, type LoadContext } from "../context.ts";
import { MAIN_OPTIONS } from "../main-options.ts";
import type { NamedList } from "../types.ts";
import { readOption, type Setting } from "../values/settings.ts";
import { isNamedList, readNamedList } from "./named-lists.ts";

export interface MainPart {
  readonly settings: Map<string, Setting>;
  readonly lists: Map<ListKind, Map<string, NamedList>>;
}

const OWNER = { kind: "main", name: "" } as const;
const TABLES = [MAIN_OPTIONS] as const;
const LIST_WORDS = /^(?:hide\s+)?(domainlist|hostlist|addresslist|localpartlist)/;

export function readMain(context: LoadContext): MainPart {
  const settings = new Map<string, Setting>();
  const lists = new Map<ListKind, Map<string, NamedList>>();
  for (let line = context.next(); line !== undefined; line = context.next()) {
    if (/^[A-Z]/.test(line.text)) defineMacro(line, context);
    else if (isNamedList(line)) readNamedList(line, lists, context);
    else if (LIST_WORDS.test(line.text)) {
      const hint = `write ${LIST_WORDS.exec(line.text)?.[1] ?? "domainlist"} name = item : item`;
      context.report.exim("MK0201", "unrecognized configuration line", { at: line.map.at(0), hint, eximLine: line.end });
    } else readOption({ line, tables: TABLES, settings, owner: OWNER }, context);
  }
  return { settings, lists };
}
