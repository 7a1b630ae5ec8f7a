/**
 * `local_part_prefix` and `local_part_suffix`: the first item of the list that fits is taken and nothing is tried
 * again (manual §"Generic options for routers", `local_part_prefix`). A `*` stands for the longest text that fits.
 * Case never counts here, and an affix may be the whole local part (both seen on 4.96).
 */
import { lower } from "@mailkit/sdk";

export interface Affix {
  /** All of it, as it stands in the local part. */
  readonly text: string;
  /** What the `*` stood for. */
  readonly variable: string;
}

export type AffixFinder = (localPart: string) => Affix | undefined;

/** Undefined = the option is not set. */
export function prefixFinder(items: readonly string[]): AffixFinder | undefined {
  if (items.length === 0) return undefined;
  const wanted = items.map((item) => ({ wild: item.startsWith("*"), fixed: lower(item.startsWith("*") ? item.slice(1) : item) }));
  return (localPart) => {
    const subject = lower(localPart);
    for (const { fixed, wild } of wanted) {
      const at = wild ? subject.lastIndexOf(fixed) : subject.startsWith(fixed) ? 0 : -1;
      if (at < 0) continue;
      return { text: localPart.slice(0, at + fixed.length), variable: wild ? localPart.slice(0, at) : "" };
    }
    return undefined;
  };
}

export function suffixFinder(items: readonly string[]): AffixFinder | undefined {
  if (items.length === 0) return undefined;
  const wanted = items.map((item) => ({ wild: item.endsWith("*"), fixed: lower(item.endsWith("*") ? item.slice(0, -1) : item) }));
  return (localPart) => {
    const subject = lower(localPart);
    for (const { fixed, wild } of wanted) {
      // The longest wild part begins at the first place where the fixed part stands.
      const at = wild ? subject.indexOf(fixed) : subject.endsWith(fixed) ? subject.length - fixed.length : -1;
      if (at < 0) continue;
      return { text: localPart.slice(at), variable: wild ? localPart.slice(at + fixed.length) : "" };
    }
    return undefined;
  };
}
