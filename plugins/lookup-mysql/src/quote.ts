/** `${quote_mysql:...}` (manual §"More about MySQL, PostgreSQL, Oracle, InterBase, and Redis"). */
const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\t": "\\t",
  "\r": "\\r",
  "\b": "\\b",
  "'": "\\'",
  '"': '\\"',
  "\\": "\\\\",
};

export function quote(text: string): string {
  return text.replace(/[\n\t\r\x08'"\\]/g, (character) => ESCAPES[character] as string);
}
