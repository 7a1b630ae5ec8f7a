/** Markdown tables: cells escaped, nothing else. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |\n`;
  return line(head) + `|${head.map(() => " --- |").join("")}\n` + rows.map(line).join("");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** As code, whatever is in it; empty stays empty. */
export function code(text: string): string {
  if (text === "") return "";
  const fence = text.includes("`") ? "``" : "`";
  return fence + (text.includes("`") ? ` ${text} ` : text) + fence;
}

export const GENERATED = "<!-- made by scripts/gen-docs.ts; do not edit -->\n\n";
