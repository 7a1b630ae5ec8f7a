/** `add_header` and `remove_header` (manual §"Adding header lines in ACLs", §"Removing header lines in ACLs"). */
import type { AclItemSource } from "@mailkit/config";
import { parsePlacedHeaders } from "@mailkit/message";
import { splitList } from "@mailkit/sdk";
import type { AclCompilers } from "../compile.ts";
import type { ItemRun } from "../items.ts";
import { type Run, withText } from "../run.ts";

export function compileAddHeader(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const template = compilers.template(item.value, item.at);
  return (run) =>
    withText(run, template, (text) => {
      addHeaderText(run, text);
      return "yes";
    });
}

/** Identical lines are added once; the receiver of the message compares with what earlier ACLs have added. */
export function addHeaderText(run: Run, text: string): void {
  const added = (run.headersAdd ??= []);
  for (const header of parsePlacedHeaders(text)) {
    if (!added.some((other) => other.text === header.text)) added.push(header);
  }
}

export function compileRemoveHeader(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const template = compilers.template(item.value, item.at);
  return (run) =>
    withText(run, template, (text) => {
      (run.headersRemove ??= []).push(...splitList(text).items.filter((name) => name !== ""));
      return "yes";
    });
}
