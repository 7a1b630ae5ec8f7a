/** The line that the program wrote: a word, then text or `key=value` fields (manual chapter "The queryprogram router"). */
import { trimSpaceEnd } from "@mailkit/sdk";
export interface Answer {
  /** In upper case. */
  readonly word: string;
  readonly rest: string;
  /** Keys in lower case; values without their quotes. */
  readonly fields: ReadonlyMap<string, string>;
}

export function readAnswer(line: string): Answer {
  const cut = /^[ \t]*([^ \t]*)[ \t]*([^]*)$/.exec(line) as RegExpExecArray;
  const rest = trimSpaceEnd(cut[2] as string);
  const fields = new Map<string, string>();
  for (const [, key, quoted, plain] of rest.matchAll(/([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^ \t\r\n]*))/g)) {
    fields.set((key as string).toLowerCase(), quoted === undefined ? (plain as string) : quoted.replace(/\\(.)/g, "$1"));
  }
  return { word: (cut[1] as string).toUpperCase(), rest, fields };
}
