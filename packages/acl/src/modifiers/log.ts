/** `logwrite` and `log_reject_target` (manual §"ACL modifiers"). */
import type { AclItemSource } from "@mailkit/config";
import { splitList, trimSpace, trimSpaceStart } from "@mailkit/sdk";
import type { AclCompilers } from "../compile.ts";
import { hookName } from "../hooks.ts";
import type { ItemRun } from "../items.ts";
import { type Run, withText, writeLog } from "../run.ts";
import type { LogName } from "../types.ts";

const NAMES: ReadonlySet<string> = new Set<LogName>(["main", "reject", "panic"]);

export function compileLogwrite(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const template = compilers.template(item.value, item.at);
  return (run) =>
    withText(run, template, (text) => {
      const target = parseTarget(text);
      if (target === undefined) complain(run, `unknown log name in "${text}" in "logwrite" in ${hookName(run.context.hook)} ACL`);
      else writeLog(run, { ...target, withHost: false });
      return "yes";
    });
}

/** `:main,reject: text`; undefined = there is no such log. */
function parseTarget(text: string): { to: readonly LogName[]; text: string } | undefined {
  if (!text.startsWith(":")) return { to: ["main"], text };
  const end = text.indexOf(":", 1);
  if (end < 0) return undefined;
  const names = text
    .slice(1, end)
    .split(",")
    .map((name) => trimSpace(name));
  if (!names.every((name) => NAMES.has(name))) return undefined;
  return { to: names as LogName[], text: trimSpaceStart(text.slice(end + 1)) };
}

export function compileLogRejectTarget(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const template = compilers.template(item.value, item.at);
  return (run) =>
    withText(run, template, (text) => {
      const targets: LogName[] = [];
      for (const name of splitList(text).items) {
        if (NAMES.has(name)) targets.push(name as LogName);
        else complain(run, `unknown log name "${name}" in "log_reject_target" in ${hookName(run.context.hook)} ACL`);
      }
      run.logTargets = targets;
      return "yes";
    });
}

function complain(run: Run, text: string): void {
  writeLog(run, { to: ["main", "panic"], text, withHost: false });
}
