/** `${quote_pgsql:...}` as Exim 4.96 does it: single quotes are doubled, the others get a backslash. */
const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\t": "\\t",
  "\r": "\\r",
  "\b": "\\b",
  "'": "''",
  '"': '\\"',
  "\\": "\\\\",
};

export function quote(text: string): string {
  return text.replace(/[\n\t\r\x08'"\\]/g, (character) => ESCAPES[character] as string);
}
