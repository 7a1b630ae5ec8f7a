/**
 * Text from outside in the names of files and programs inside expansions and lists: `${lookup...{/etc/$domain/aliases}}`,
 * `${readfile{...}}`, `${run{...}}`, `lsearch;/etc/$domain/users` (manual §"Expansion of tainted text"). Such an expansion
 * fails when a message comes; here it is told at load, with the variable to write.
 */
import { parse, type Node, type Parts } from "@mailkit/expand";
import { bareVariables } from "./bare-variables.ts";
import { place, type Rule, type RuleInput } from "./input.ts";
import { childrenOf, writtenTexts, type WrittenText } from "./written-texts.ts";
import { hintFor, INSTEAD, needOf, userOf } from "./taint.ts";
import { splitList } from "../values/scan.ts";

/** Nothing else needs a closer look, and a configuration is loaded by every command. */
const SUSPECT = new RegExp(`\\$\\{?(?:${Object.keys(INSTEAD).join("|")})\\b`);
const OPENS = /\$\{(?:lookup|readfile|readsocket|run)\b/;
/** Items of lists that open a file: its name, or a lookup by key. */
const FILE_ITEM =
  /^!?\s*(?:\/|(?:net\d*-)?(?:partial\d*\([^)]*\)|partial\d*-)?(?:cdb|dbm|dbmjz|dbmnz|dsearch|iplsearch|json|lmdb|lsearch|nwildlsearch|wildlsearch)[*@]*(?:,[^;]*)?;)/;

export const taintedArguments: Rule = (input) => {
  for (const found of writtenTexts(input)) {
    const { text } = found.located;
    if (!SUSPECT.test(text)) continue;
    if (OPENS.test(text))
      for (const { what, name, offset, length } of openedIn(parse(text).parts, 0)) tell(what, { name, offset, length }, found, input);
    if (!found.list || text.includes("${")) continue;
    for (const item of splitList(text)) {
      const head = FILE_ITEM.exec(item.text);
      if (head === null) continue;
      for (const variable of bareVariables(item.text.slice(head[0].length - 1)))
        tell("a file", { ...variable, offset: item.offset + head[0].length - 1 + variable.offset }, found, input);
    }
  }
};

interface Found {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

function tell(what: string, { name, offset, length }: Found, { what: where, located, kind, owner }: WrittenText, input: RuleInput): void {
  const instead = Object.hasOwn(INSTEAD, name) ? INSTEAD[name] : undefined;
  if (instead === undefined) return;
  const { routers } = input.configuration;
  const router = kind === "router" ? owner : kind === "transport" ? userOf(routers, owner) : undefined;
  const drives = kind === "router" || kind === "transport";
  input.report.add("MK0417", `${where}: the name of ${what} holds text from outside: $${name}`, {
    ...place(located, offset, length),
    hint: drives ? hintFor(routers, router, instead) : `write $${instead}, which ${needOf(instead, kind === "acl")} before it sets`,
  });
}

function* openedIn(parts: Parts, base: number): Generator<Found & { readonly what: string }> {
  let offset = base;
  for (const node of parts.nodes) {
    const opened = openedBy(node);
    for (const inner of childrenOf(node)) {
      const start = offset + Math.max(0, node.raw.indexOf(inner.raw));
      if (inner === opened?.parts)
        for (const found of bareVariables(inner.raw)) yield { ...found, what: opened.what, offset: start + found.offset };
      yield* openedIn(inner, start);
    }
    offset += node.raw.length;
  }
}

/** The argument of an item that names a file, a socket or a program. */
function openedBy(node: Node): { readonly what: string; readonly parts: Parts | undefined } | undefined {
  if (node.kind === "lookup" && node.key !== undefined) return { what: "a file", parts: node.target };
  if (node.kind === "call" && node.name === "readfile") return { what: "a file", parts: node.args[0] };
  if (node.kind === "call" && node.name === "readsocket") return { what: "a socket", parts: node.args[0] };
  if (node.kind === "run" && typeof node.words !== "string") return { what: "a program", parts: node.words[0]?.parts };
  return undefined;
}
