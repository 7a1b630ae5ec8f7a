/** How rows of a database become the text of a lookup (manual §"SQL lookups"). */

/** A row of one column is its value; one of several is `name=value ` each. Rows are joined by newlines. */
export function sqlRows(names: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.map((row) => sqlRow(names, row)).join("\n");
}

function sqlRow(names: readonly string[], row: readonly string[]): string {
  if (row.length === 1) return row[0] as string;
  return row.map((value, i) => `${names[i] ?? ""}=${quoteSqlValue(value)} `).join("");
}

/** Values that are empty, contain white space or begin with a quote are quoted, so that `${extract` finds them. */
export function quoteSqlValue(text: string): string {
  if (text !== "" && !/^"|[ \t\n\v\f\r]/.test(text)) return text;
  return `"${text.replace(/["\\]/g, (character) => `\\${character}`)}"`;
}
