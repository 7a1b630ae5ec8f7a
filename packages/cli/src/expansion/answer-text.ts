/** What `mailkit expand` says of one string: its value, or what is wrong with it, where, and what to do. Pure. */
import { sourceFrame } from "@mailkit/config";
import { conditionNames, itemNames, knownVariables, operatorNames } from "@mailkit/expand";
import type { ExpansionFailure } from "@mailkit/sdk";
import { nearest, printableAddress, unicodeOf } from "@mailkit/sdk";
import type { Answer, Expanded } from "./workbench.ts";
import { treeJson } from "./tree-text.ts";

/** Lines without their ends. `line`: of the input, for the frame. */
export function failureLines(failed: Expanded & { readonly result: ExpansionFailure }, line: number, color: boolean): string[] {
  const { result, text, place } = failed;
  // The frame shows what Exim tells as the remaining string.
  const { message, hint } = splitHint(unicodeOf(printableAddress(result.message.replace(/\n remaining string is '.*'$/s, ""))));
  const kind = result.kind === "forcedFailure" ? "forced failure" : "error";
  const paint = (shown: string): string => (color ? `\u001b[1;31m${shown}\u001b[0m` : shown);
  const frame = place === undefined ? [] : sourceFrame(text, { line, column: place.offset + 1, length: place.length, color });
  const advice = hint ?? adviceFor(message);
  return [`${paint(kind)}: ${message}`, ...frame, ...(advice === undefined ? [] : [`  hint: ${advice}`])];
}

/** Messages of Exim's form may end with a hint in brackets. */
function splitHint(message: string): { message: string; hint: string | undefined } {
  const found = /^(.*) \(hint: (.*)\)$/s.exec(message);
  return found === null ? { message, hint: undefined } : { message: found[1] as string, hint: found[2] };
}

const UNKNOWN: readonly (readonly [RegExp, () => Iterable<string>])[] = [
  [/unknown variable name "([^"]+)"/, () => knownVariables.keys()],
  [/unknown variable "([^"]+)" after "def:"/, () => knownVariables.keys()],
  [/unknown variable in "\$\{([^}"]+)\}"/, () => [...knownVariables.keys(), ...itemNames, ...operatorNames]],
  [/unknown expansion operator "([^"]+)"/, () => operatorNames],
  [/unknown condition "([^"]+)"/, () => conditionNames],
  [/"\$\{([^"]+)" is not a known operator/, () => [...operatorNames, ...itemNames]],
];

function adviceFor(message: string): string | undefined {
  for (const [pattern, names] of UNKNOWN) {
    const name = pattern.exec(message)?.[1];
    if (name === undefined) continue;
    const near = nearest(name, names());
    return near === undefined ? "the dialogue (mailkit expand) completes names with Tab" : `did you mean ${near}?`;
  }
  if (/missing \}|did not (?:close|start) with|could be header name/.test(message))
    return "count the braces: each { of the language needs its }";
  if (/\$ not followed by/.test(message)) return "write \\$ for a dollar sign";
  if (/failed to open/.test(message)) return "the file is opened as the user who runs this command";
  return undefined;
}

export function answerJson(answer: Answer): object {
  switch (answer.kind) {
    case "defined":
      return { kind: "macro", name: answer.name };
    case "macroFault":
      return { kind: "error", message: unicodeOf(answer.message) };
    case "expanded": {
      const { result, place, tree } = answer;
      return {
        ...(result.kind === "value" ? { ...result, text: unicodeOf(result.text) } : { ...result, message: unicodeOf(result.message) }),
        ...(place === undefined ? {} : { at: place }),
        ...(tree === undefined ? {} : { explain: treeJson(tree) }),
      };
    }
  }
}
