import type { HeaderLine } from "@mailkit/sdk";
import { lower, trimSpace } from "@mailkit/sdk";
import { DELETED, hasName, isDeleted, nameOfHeader, splitHeaderText } from "./header-lines.ts";

/** Adding and removing header lines. All functions give new arrays; a removed line stays, with type `*`. */
export type HeaderPosition = "at_start" | "after_received" | "at_start_rfc" | "at_end";

export interface PlacedHeader {
  readonly position: HeaderPosition;
  readonly text: string;
}

/**
 * Argument of `add_header` as Exim reads it: lines, each with an optional `:at_start:` and so on before it
 * (manual §"Adding header lines in ACLs").
 */
export function parsePlacedHeaders(text: string): PlacedHeader[] {
  return splitHeaderText(text.replace(/^\n+|\n+$/g, "")).map(({ text: line }) => {
    const placed = /^:(at_start|after_received|at_start_rfc|at_end):[ \t]*/.exec(line);
    return placed === null
      ? { position: "at_end", text: withName(line) }
      : { position: placed[1] as HeaderPosition, text: withName(line.slice(placed[0].length)) };
  });
}

/** Text without a header name gets `X-ACL-Warn:` (manual §"Adding header lines in ACLs"). */
function withName(line: string): string {
  return /^[^ \t\r\n:]+[ \t]*:/.test(line) ? line : `X-ACL-Warn: ${line}`;
}

/** Inserts one after the other, so several lines at the start end up in reverse order, as the manual has it. */
export function addHeaders(headers: readonly HeaderLine[], additions: readonly PlacedHeader[]): HeaderLine[] {
  const result = [...headers];
  for (const { position, text } of additions) result.splice(placeFor(result, position), 0, ...splitHeaderText(text));
  return result;
}

export function addHeader(headers: readonly HeaderLine[], text: string, position: HeaderPosition = "at_end"): HeaderLine[] {
  return addHeaders(headers, [{ position, text }]);
}

function placeFor(headers: readonly HeaderLine[], position: HeaderPosition): number {
  switch (position) {
    case "at_start":
      return 0;
    case "at_end":
      return headers.length;
    case "after_received":
      return behind(headers, (name) => name === "received");
    case "at_start_rfc":
      return behind(headers, (name) => name === "received" || name.startsWith("resent-"));
    default:
      return position satisfies never;
  }
}

/** Behind the first run of such lines, whatever stands above it; at the start without any. */
function behind(headers: readonly HeaderLine[], isOne: (name: string) => boolean): number {
  const matches = (header: HeaderLine): boolean => !isDeleted(header) && isOne(lower(nameOfHeader(header.text)));
  const first = headers.findIndex(matches);
  if (first < 0) return 0;
  const rest = headers.slice(first).findIndex((header) => !isDeleted(header) && !matches(header));
  return rest < 0 ? headers.length : first + rest;
}

/**
 * Marks lines as deleted. `name` may end with `*` (a prefix); `occurrence` counts from 1 among the lines of that name,
 * 0 or absent means all.
 */
export function removeHeaders(headers: readonly HeaderLine[], name: string, occurrence = 0): HeaderLine[] {
  const matches = headerMatcher(name);
  let seen = 0;
  return headers.map((header) => {
    if (isDeleted(header) || !matches(header)) return header;
    seen++;
    return occurrence === 0 || seen === occurrence ? { text: header.text, type: DELETED } : header;
  });
}

/** Lines that remain when a list of names (each maybe a prefix `name*`) is left out, as transports do. */
export function withoutHeaders(headers: readonly HeaderLine[], names: readonly string[]): HeaderLine[] {
  const matchers = names.map(headerMatcher);
  return headers.filter((header) => !matchers.some((matches) => matches(header)));
}

function headerMatcher(name: string): (header: HeaderLine) => boolean {
  const wanted = lower(trimSpace(name).replace(/:$/, ""));
  if (!wanted.endsWith("*")) return (header) => hasName(header, wanted);
  const prefix = wanted.slice(0, -1);
  return (header) => lower(nameOfHeader(header.text)).startsWith(prefix);
}
