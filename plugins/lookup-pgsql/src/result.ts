/** What a query gave, as the text of the lookup (manual §"SQL lookups", §"Special PostgreSQL features"). */
import { fromUnicode, sqlRows, type LookupResult } from "@mailkit/sdk";

/** The part of pg's result that counts; values are texts, as the server sent them. */
export interface PgResult {
  readonly command: string | null;
  readonly rowCount: number | null;
  readonly fields: readonly { readonly name: string }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Commands whose answer is the number of rows that they touched. */
const COUNTING = new Set(["INSERT", "UPDATE", "DELETE", "MERGE", "MOVE", "SELECT"]);

/** Several statements in one query answer with the last one. A null is an empty text. */
export function resultOf(answer: PgResult | readonly PgResult[], query: string): LookupResult {
  const result = Array.isArray(answer) ? (answer.at(-1) as PgResult) : (answer as PgResult);
  const command = result.command ?? "";
  if (command === "COPY") return { kind: "defer", message: `PGSQL: query failed: COPY gives no rows (${query})` };
  const keep = /^(?:SELECT|SHOW|)$/.test(command) ? {} : ({ keep: false } as const);
  if (result.fields.length > 0 || result.rows.length > 0) {
    if (result.rows.length === 0) return { kind: "notFound", ...keep };
    const names = result.fields.map(({ name }) => fromUnicode(name));
    return {
      kind: "found",
      text: sqlRows(
        names,
        result.rows.map((row) => row.map(textOfValue)),
      ),
      ...keep,
    };
  }
  if (!COUNTING.has(command)) return { kind: "notFound", ...keep };
  return { kind: "found", text: String(result.rowCount ?? 0), keep: false };
}

function textOfValue(value: string | null): string {
  return value === null ? "" : fromUnicode(value);
}
