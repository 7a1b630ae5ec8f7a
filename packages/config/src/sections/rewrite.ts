/** Rewriting rules: the `rewrite` section and `headers_rewrite` (manual chapter "Address rewriting"). */
import type { AddressList, Position } from "@mailkit/sdk";
import type { Compilers } from "../compilers.ts";
import type { LoadContext } from "../context.ts";
import { reporter, type Reporter } from "../reporter.ts";
import type { LogicalLine } from "../source/reader.ts";
import { sourceMap } from "../source/source-map.ts";
import type { RewriteRule } from "../types.ts";
import { isSpace, oneItem, readWord, splitList, type Located } from "../values/scan.ts";

/** Where: E F T b c f h r s t. When: S. How: Q q R w. */
const FLAGS = "EFTbcfhrstSQqRw";
const TRANSPORT_FORBIDS = /[EFTS]/;

export function readRewrite(rules: RewriteRule[], context: LoadContext): void {
  for (let line = context.next(); line !== undefined; line = context.next()) {
    const rule = readRule(line, false, context);
    if (rule !== undefined) rules.push(rule);
  }
}

export interface RewriteRulesRead {
  readonly rules: readonly RewriteRule[];
  readonly diagnostics: Reporter["diagnostics"];
}

/** The rules of a `headers_rewrite` value: a colon list of them. `where` puts faults into the file. */
export function parseRewriteRules(text: string, compilers: Compilers, where?: Pick<Located, "locate" | "width">): RewriteRulesRead {
  const report = reporter();
  const rules: RewriteRule[] = [];
  for (const item of splitList(text)) {
    const rule = readRule(itemLine(item, where), true, { compilers, report });
    if (rule !== undefined) rules.push(rule);
  }
  return { rules, diagnostics: report.diagnostics };
}

function itemLine(
  item: { readonly text: string; readonly offset: number },
  where: Pick<Located, "locate" | "width"> | undefined,
): LogicalLine {
  const nowhere: Position = { file: "", line: 1, column: 1 };
  const at = where?.locate(item.offset) ?? nowhere;
  const map =
    where === undefined
      ? sourceMap([{ start: 0, column: 1, advances: true, width: 0, file: "", line: 1 }])
      : {
          at: (offset: number) => where.locate(item.offset + offset),
          width: (offset: number, n: number) => where.width(item.offset + offset, n),
        };
  return { text: item.text, map, end: { file: at.file, line: at.line } };
}

type RuleContext = Pick<LoadContext, "compilers" | "report">;

function readRule(line: LogicalLine, atTransport: boolean, { compilers, report }: RuleContext): RewriteRule | undefined {
  const pattern = readWord(line, 0);
  if (pattern === undefined) return undefined;
  const replacement = readWord(line, pattern.end);
  if (replacement === undefined) {
    report.exim("MK0610", "missing rewrite replacement string", {
      at: pattern.value.at,
      length: line.map.width(0, line.text.length),
      hint: "a rule is a pattern, a replacement and flags",
      eximLine: line.end,
    });
    return undefined;
  }
  const flags = readFlags(line, replacement.end, atTransport, report);
  if (flags === undefined) return undefined;
  const smtp = flags.includes("S");
  if (smtp && !/^(?:\\N)?\^/.test(pattern.value.text)) {
    report.exim("MK0612", "rewrite rule has the S flag but is not a regular expression", {
      at: pattern.value.at,
      length: pattern.value.width(0, pattern.value.text.length),
      hint: "begin the pattern with ^",
      eximLine: line.end,
    });
    return undefined;
  }
  return {
    pattern: pattern.value.text,
    list: smtp
      ? undefined
      : (compilers.list("address", oneItem(pattern.value.text), pattern.value.at, { captures: true, caseful: true }) as AddressList),
    replacement: compilers.template(replacement.value.text, replacement.value.at),
    flags,
    at: line.map.at(0),
    locate: replacement.value.locate,
  };
}

function readFlags(line: LogicalLine, from: number, atTransport: boolean, report: Reporter): string | undefined {
  let flags = "";
  for (let i = from; i < line.text.length; i++) {
    const c = line.text[i] as string;
    if (isSpace(c.charCodeAt(0))) continue;
    const place = { at: line.map.at(i), length: 1, eximLine: line.end };
    if (!FLAGS.includes(c)) {
      const eximText = `unknown rewrite flag character '${c}' (could be missing quotes round replacement item)`;
      report.add("MK0611", `there is no rewrite flag "${c}"`, {
        ...place,
        hint: `flags are ${FLAGS}; quote a replacement that has spaces`,
        eximText,
      });
      return undefined;
    }
    flags += c;
  }
  if (atTransport && TRANSPORT_FORBIDS.test(flags)) {
    report.add("MK0613", "headers_rewrite can rewrite header lines only", {
      at: line.map.at(from),
      hint: "leave out E, F, T and S",
      eximText: "rewrite rule specifies a non-header rewrite - not allowed at transport time -",
      eximLine: line.end,
    });
    return undefined;
  }
  return flags;
}
