/** What a query gave, as the text of the lookup (manual §"SQL lookups", §"Special MySQL features"). */
import { fromUnicode, sqlRows, textOf, type LookupResult } from "@mailkit/sdk";

export type MysqlRow = readonly (Uint8Array | null)[];

export interface MysqlField {
  readonly name: string;
}

/** A statement without rows tells how many it changed. */
export interface MysqlCount {
  readonly affectedRows: number;
}

export type MysqlAnswer =
  | { readonly kind: "rows"; readonly fields: readonly MysqlField[]; readonly rows: readonly MysqlRow[] }
  | { readonly kind: "count"; readonly count: number };

/**
 * What mysql2 gives for one statement, or for a procedure that answers several times: the first answer counts. Rows come
 * as arrays.
 */
export function answerOf(rows: unknown, fields: unknown): MysqlAnswer {
  if (!Array.isArray(rows)) return { kind: "count", count: (rows as MysqlCount).affectedRows };
  const several = Array.isArray(fields) && fields.some((field) => field === undefined || Array.isArray(field));
  if (several) return answerOf(rows[0], fields[0]);
  return { kind: "rows", rows: rows as MysqlRow[], fields: (fields ?? []) as MysqlField[] };
}

/** Rows whose only column is null count from the first row on that has a value; a null beside others is an empty text. */
export function resultOf(answer: MysqlAnswer): LookupResult {
  if (answer.kind === "count") return { kind: "found", text: String(answer.count), keep: false };
  const first = answer.fields.length === 1 ? answer.rows.findIndex(([value]) => value !== null) : 0;
  const rows = first < 0 ? [] : answer.rows.slice(first);
  if (rows.length === 0) return { kind: "notFound" };
  const names = answer.fields.map(({ name }) => fromUnicode(name));
  const texts = rows.map((row) => row.map((value) => (value === null ? "" : textOf(value))));
  return { kind: "found", text: sqlRows(names, texts) };
}
