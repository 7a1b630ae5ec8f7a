/** `condition = string` (manual §"ACL conditions"). */
import type { AclItemSource } from "@mailkit/config";
import type { AclCompilers } from "../compile.ts";
import type { ItemRun } from "../items.ts";
import { deferral, withText } from "../run.ts";
import { parseTruth } from "../scalars.ts";

export function compileCondition(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const template = compilers.template(item.value, item.at);
  return (run) =>
    withText(run, template, (text) => {
      const truth = parseTruth(text);
      if (truth === undefined) return deferral(run, `invalid "condition" value "${text}"`);
      run.detail = text === "" ? "empty" : text;
      return truth ? "yes" : "no";
    });
}
