/** Match types and comparators (RFC 5228 §2.7, RFC 4790 §9.1). Linear but for `:matches`, which never backtracks twice. */
import { lower } from "@mailkit/sdk";
import type { Matching } from "./ast.ts";

/** Does any value match any key? */
export function anyMatch(values: readonly string[], keys: readonly string[], matching: Matching): boolean {
  return values.some((value) => keys.some((key) => matchesKey(value, key, matching)));
}

function matchesKey(value: string, key: string, { match, comparator }: Matching): boolean {
  if (comparator === "i;ascii-numeric") return numberOf(value) === numberOf(key);
  const [text, wanted] = comparator === "i;octet" ? [value, key] : [lower(value), lower(key)];
  switch (match) {
    case "is":
      return text === wanted;
    case "contains":
      return text.includes(wanted);
    case "matches":
      return globMatches(text, wanted);
  }
}

/** Digits at the start, without limit; whatever does not begin with a digit is one value above all. */
function numberOf(text: string): string {
  const digits = /^0*([0-9]*)/.exec(text) as RegExpExecArray;
  return digits[0] === "" ? "infinity" : (digits[1] as string);
}

/** `*` any text, `?` one octet, a backslash takes away the meaning of what follows. */
export function globMatches(text: string, pattern: string): boolean {
  let at = 0;
  let from = 0;
  let afterStar = -1;
  let retry = 0;
  while (at < text.length) {
    const token = tokenAt(pattern, from);
    if (token.kind === "star") {
      afterStar = token.next;
      retry = at;
      from = afterStar;
    } else if (token.kind === "any" || (token.kind === "octet" && token.octet === text[at])) {
      at++;
      from = token.next;
    } else if (afterStar >= 0) {
      // The latest star takes one octet more; what stood before it has matched for good.
      at = ++retry;
      from = afterStar;
    } else return false;
  }
  while (pattern[from] === "*") from++;
  return from >= pattern.length;
}

type Token = { readonly kind: "star" | "any" | "octet" | "end"; readonly octet: string; readonly next: number };

function tokenAt(pattern: string, from: number): Token {
  const c = pattern[from];
  if (c === undefined) return { kind: "end", octet: "", next: from };
  if (c === "*") return { kind: "star", octet: "", next: from + 1 };
  if (c === "?") return { kind: "any", octet: "", next: from + 1 };
  if (c === "\\" && from + 1 < pattern.length) return { kind: "octet", octet: pattern[from + 1] as string, next: from + 2 };
  return { kind: "octet", octet: c, next: from + 1 };
}
