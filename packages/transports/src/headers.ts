/**
 * The headers of one copy: what is added in front, removed, rewritten, added behind
 * (manual §"Adding and removing header lines in routers and transports").
 */
import { mailDate, withoutHeaders, zoneOffset } from "@mailkit/message";
import { splitList, type Expansion, type HeaderLine, type Scope, type Template } from "@mailkit/sdk";
import { defer, done, type Step } from "./step.ts";
import type { AttemptRequest, GenericValues } from "./types.ts";

/** Type letter of lines that are kept for the record only. */
const OLD = "*";

/** All header lines as one text. */
export async function makeHeaders(
  request: AttemptRequest,
  generic: GenericValues,
  at: { scope: Scope; returnPath: string },
): Promise<Step<string>> {
  const removed = await itemsOf(generic.headers_remove, ":", at.scope);
  if (!removed.ok) return removed;
  const added = await itemsOf(generic.headers_add, "\n", at.scope);
  if (!added.ok) return added;
  let lines: readonly HeaderLine[] = request.message.headers;
  if (lines.some((line) => line.type === OLD)) lines = lines.filter((line) => line.type !== OLD);
  const names = [...request.router.headersRemove, ...removed.value];
  if (names.length > 0) lines = withoutHeaders(lines, names);
  if (generic.headers_rewrite !== undefined) lines = await request.ports.rewriteHeaders(generic.headers_rewrite, lines, at.scope);
  let text = tracesFor(request, generic, at.returnPath);
  for (const line of lines) text += line.text;
  for (const line of request.router.headersAdd) text += ended(line);
  for (const line of added.value) text += ended(line);
  return done(text);
}

/** Return-path:, Envelope-to:, Delivery-date: stand before everything else. */
function tracesFor(request: AttemptRequest, generic: GenericValues, returnPath: string): string {
  let text = "";
  if (generic.return_path_add) text += `Return-path: <${returnPath}>\n`;
  if (generic.envelope_to_add)
    text += `Envelope-to: ${[...new Set(request.recipients.flatMap((r) => [...(r.alsoFor ?? []), r.original]))].join(",\n ")}\n`;
  if (generic.delivery_date_add) {
    const zone = zoneOffset(request.now, request.ports.setting("timezone"));
    text += `Delivery-date: ${mailDate(request.now, zone)}\n`;
  }
  return text;
}

function ended(line: string): string {
  return line.endsWith("\n") ? line : line + "\n";
}

/**
 * Items of a list that are expanded one by one, so that a forced failure drops one item only. The list is cut before it is
 * expanded; the pieces are compiled once and kept with the option.
 */
async function itemsOf(option: Template | undefined, separator: string, scope: Scope): Promise<Step<readonly string[]>> {
  if (option === undefined) return done([]);
  const items: string[] = [];
  for (const template of piecesOf(option, separator, scope)) {
    const result: Expansion = await template.evaluate(scope);
    if (result.kind === "value") {
      if (result.text !== "") items.push(result.text);
    } else if (result.kind === "error") {
      return defer(`failed to expand headers_add or headers_remove: ${result.message}`, -25);
    }
  }
  return done(items);
}

const pieces = new WeakMap<Template, readonly Template[]>();

function piecesOf(option: Template, separator: string, scope: Scope): readonly Template[] {
  let known = pieces.get(option);
  if (known === undefined) {
    known = cutItems(option.source, separator).map((item) => scope.services.strings.compile(item));
    pieces.set(option, known);
  }
  return known;
}

/** Exim takes the space off each item, which breaks folded lines apart; here a line that begins with space stays folded. */
function cutItems(source: string, separator: string): string[] {
  const joined = separator === "\n" && !source.startsWith("<") ? source.replaceAll(/\n(?=[ \t]+\S)/g, "\x02") : source;
  return splitList(joined, separator)
    .items.filter((item) => item !== "")
    .map((item) => item.replaceAll("\x02", "\n"));
}
