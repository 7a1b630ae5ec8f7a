/**
 * ACLs of the configuration to something that runs: templates and lists compiled once, constant arguments parsed once.
 * Inline ACLs and ACL files are compiled when they are first met, and kept.
 */
import type { AclItemSource, AclSource, AclStatementSource } from "@mailkit/config";
import { type CompiledList, type ListKind, type Maybe, type Position, type Template, chain, isFault, trimSpace } from "@mailkit/sdk";
import { runAcl } from "./evaluate.ts";
import { compileItem, type CompiledItem } from "./items.ts";
import type { AclContext, AclRequest, AclVerdict } from "./types.ts";

export interface AclCompilers {
  readonly template: (source: string, at?: Position) => Template;
  readonly list: (kind: ListKind, source: string, at?: Position) => CompiledList;
  /** A regular expression of the configuration; a string is the fault. */
  readonly regex: (pattern: string) => RegExp | string;
}

export interface AclSources {
  readonly acls: ReadonlyMap<string, AclSource>;
  readonly compilers: AclCompilers;
  /** Reads an inline ACL or the content of an ACL file; a string is the fault in Exim's words (`unknown ACL verb "x" in "x"`). */
  readonly read: (text: string, origin: string) => readonly AclStatementSource[] | string;
}

export interface CompiledStatement {
  readonly verb: AclStatementSource["verb"];
  readonly at: Position;
  readonly items: readonly CompiledItem[];
}

export interface CompiledAcl {
  readonly name: string;
  readonly at: Position | undefined;
  readonly statements: readonly CompiledStatement[];
}

export interface AclSet {
  /** Runs an ACL from the outside: the entry for sessions and for `${acl{...}}`. */
  run(request: AclRequest, context: AclContext): Maybe<AclVerdict>;
  /** Name, file or inline text to an ACL; a string is the fault. For nested ACLs. */
  find(acl: string, context: AclContext): Maybe<CompiledAcl | string>;
  has(name: string): boolean;
}

const MAX_INLINE = 200;

export function compileAcls(sources: AclSources): AclSet {
  const named = new Map<string, CompiledAcl>();
  for (const source of sources.acls.values())
    named.set(source.name, compileAcl(source.name, source.at, source.statements, sources.compilers));
  const inline = new Map<string, CompiledAcl | string>();
  const files = new Map<string, CompiledAcl>();

  const read = (text: string, origin: string): CompiledAcl | string => {
    const statements = sources.read(text, origin);
    return typeof statements === "string" ? statements : compileAcl(origin, undefined, statements, sources.compilers);
  };
  const findInline = (text: string): CompiledAcl | string => {
    const known = inline.get(text);
    if (known !== undefined) return known;
    const acl = read(text, "inline ACL");
    if (inline.size >= MAX_INLINE) inline.delete(inline.keys().next().value as string);
    inline.set(text, acl);
    return acl;
  };
  // "It is retained in memory for the duration of the process" (manual §"Finding an ACL to use").
  const findFile = (path: string, context: AclContext): Maybe<CompiledAcl | string> =>
    files.get(path) ??
    chain(context.scope.services.files.read(path), (content) => {
      if (typeof content === "object" && isFault(content)) return `failed to open ACL file "${path}": ${content.message}`;
      const acl = read(content, path);
      if (typeof acl !== "string") files.set(path, acl);
      return acl;
    });

  const set: AclSet = {
    has: (name) => named.has(name),
    find(acl, context) {
      const trimmed = trimSpace(acl);
      if (trimmed.startsWith("/")) return findFile(trimmed, context);
      return named.get(trimmed) ?? findInline(trimmed);
    },
    run: (request, context) => runAcl(set, request, context),
  };
  return set;
}

function compileAcl(
  name: string,
  at: Position | undefined,
  statements: readonly AclStatementSource[],
  compilers: AclCompilers,
): CompiledAcl {
  return {
    name,
    at,
    statements: statements.map(({ verb, at: place, items }) => ({
      verb,
      at: place,
      items: items.map((item: AclItemSource) => compileItem(item, compilers)),
    })),
  };
}
