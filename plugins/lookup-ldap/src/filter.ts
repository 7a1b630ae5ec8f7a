/**
 * Filters for the client library. It makes one character of an escape such as `\C3` and sends characters as UTF-8: a
 * filter is read as octets, and its values are put right afterwards.
 */
import { octetsOf, unicodeOf } from "@mailkit/sdk";
import type * as ldapts from "ldapts";

export type FilterLibrary = Pick<typeof ldapts, "FilterParser" | "EqualityFilter">;

/** Undefined = it is none. */
export function parseFilter(text: string, library: FilterLibrary): ldapts.Filter | undefined {
  try {
    const filter = library.FilterParser.parseString(text);
    putRight(filter, library);
    return filter;
  } catch {
    return undefined;
  }
}

/** The parts that filters of all kinds may have. */
interface Parts {
  filters?: ldapts.Filter[];
  filter?: ldapts.Filter;
  value?: string;
  initial?: string;
  any?: string[];
  final?: string;
}

/** Octets that are not UTF-8 can be sent in comparisons for equality only: elsewhere the library has no place for them. */
function putRight(filter: ldapts.Filter, library: FilterLibrary): void {
  if (filter instanceof library.EqualityFilter) {
    if (typeof filter.value === "string") filter.value = octetsOf(filter.value);
    return;
  }
  const parts = filter as Parts;
  for (const inner of parts.filters ?? (parts.filter === undefined ? [] : [parts.filter])) putRight(inner, library);
  for (const name of ["value", "initial", "final"] as const) {
    const text = parts[name];
    if (text !== undefined) parts[name] = unicodeOf(text);
  }
  if (parts.any !== undefined) parts.any = parts.any.map(unicodeOf);
}
