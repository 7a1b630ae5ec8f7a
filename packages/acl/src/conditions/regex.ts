/** `regex`, `mime_regex`, `decode` (manual §"Scanning with regular expressions", §"The MIME ACL"). */
import type { AclItemSource } from "@mailkit/config";
import { type Maybe, chain, splitList } from "@mailkit/sdk";
import type { AclCompilers } from "../compile.ts";
import type { ItemRun } from "../items.ts";
import { deferral, fault, type Outcome, type Run, setVariable, withText, writeLog } from "../run.ts";

interface Pattern {
  readonly source: string;
  readonly regex: RegExp;
}

/** Exim reads this much of a MIME part. */
const MIME_LIMIT = 32 * 1024;

export function compileRegex(item: AclItemSource, compilers: AclCompilers): ItemRun {
  return overPatterns(item, compilers, (run, patterns) => {
    const text = run.context.hook.endsWith("mime")
      ? run.context.host.mimePart?.text()
      : run.context.host.messageText?.(run.context.message);
    if (text === undefined) return deferral(run, "regex acl condition: error while creating mbox spool file");
    return chain(text, (content) => matchLines(run, patterns, content));
  });
}

export function compileMimeRegex(item: AclItemSource, compilers: AclCompilers): ItemRun {
  return overPatterns(item, compilers, (run, patterns) => {
    const text = run.context.host.mimePart?.text();
    if (text === undefined) return deferral(run, "mime_regex acl condition: could not decode mime part");
    return chain(text, (content) => matchWhole(run, patterns, content.slice(0, MIME_LIMIT)));
  });
}

type Search = (run: Run, patterns: readonly Pattern[]) => Maybe<Outcome>;

function overPatterns(item: AclItemSource, compilers: AclCompilers, search: Search): ItemRun {
  const template = compilers.template(item.value, item.at);
  const known = template.constant === undefined ? undefined : patternsOf(template.constant, compilers);
  return (run) =>
    withText(run, template, (text) => {
      const { patterns, faults } = known ?? patternsOf(text, compilers);
      for (const problem of faults) {
        writeLog(run, {
          to: ["main", "panic"],
          text: `${item.name} acl condition warning - error in regex ${problem}, skipped`,
          withHost: false,
        });
      }
      return search(run, patterns);
    });
}

function patternsOf(text: string, compilers: AclCompilers): { patterns: Pattern[]; faults: string[] } {
  const patterns: Pattern[] = [];
  const faults: string[] = [];
  for (const source of splitList(text).items) {
    if (source === "") continue;
    const regex = compilers.regex(source);
    if (typeof regex === "string") faults.push(`'${source}': ${regex}`);
    else patterns.push({ source, regex });
  }
  return { patterns, faults };
}

/** Line by line: `.` and anchors mean one line of the message. */
function matchLines(run: Run, patterns: readonly Pattern[], content: string): Outcome {
  for (let at = 0; at <= content.length && patterns.length > 0;) {
    const newline = content.indexOf("\n", at);
    const end = newline < 0 ? content.length : newline;
    if (matchWhole(run, patterns, content.slice(at, end)) === "yes") return "yes";
    at = end + 1;
  }
  return "no";
}

function matchWhole(run: Run, patterns: readonly Pattern[], text: string): Outcome {
  for (const { source, regex } of patterns) {
    regex.lastIndex = 0;
    const match = regex.exec(text);
    if (match === null) continue;
    setVariable(run, "regex_match_string", source);
    for (let i = 1; i <= 9; i++) setVariable(run, `regex${i}`, match[i]);
    run.detail = source;
    return "yes";
  }
  return "no";
}

export function compileDecode(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const template = compilers.template(item.value, item.at);
  return (run) =>
    withText(run, template, (location, isTainted) => {
      const { mimePart } = run.context.host;
      if (mimePart === undefined) return "no";
      if (isTainted && location.includes("/")) return fault(run, `Tainted filename '${location}'`);
      return chain(mimePart.decode(location), (ok) => (ok ? "yes" : "no"));
    });
}
