/** Variables that stand in a text by themselves: not those inside an item, condition or operator, whose result is another text. */

export interface BareVariable {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

/** Operators that leave what they get as dangerous as it was. */
const VARIABLE = /^\$(?:([a-z][a-z0-9_]*)|\{(?:(?:lc|uc|hash_\d+|l|quote_local_part):\$\{?)?([a-z][a-z0-9_]*)\}+)/;

export function bareVariables(text: string): readonly BareVariable[] {
  const found: BareVariable[] = [];
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "\\") i++;
    else if (c === "{") depth++;
    else if (c === "}") depth--;
    else if (c === "$" && depth === 0) {
      const match = VARIABLE.exec(text.slice(i));
      if (match === null) continue;
      found.push({ name: (match[1] ?? match[2]) as string, offset: i, length: match[0].length });
      i += match[0].length - 1;
    }
  }
  return found;
}

/** Where the brace that was opened before `start` is closed; the end of the text if it is not. */
export function braceEnd(text: string, start: number): number {
  let depth = 1;
  for (let i = start; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "{") depth++;
    else if (text[i] === "}" && --depth === 0) return i;
  }
  return text.length;
}
