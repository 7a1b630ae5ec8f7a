/**
 * One SMTP reply. `lines` are what the client sees, without code; `enhanced` goes before each line when given.
 * `log` is for the log only and never reaches the wire. RFC 5321 §4.2, RFC 2034.
 */
export interface Reply {
  /** 200 to 599. */
  readonly code: number;
  /** Enhanced code after the class digit, such as "1.1" for 5.1.1; the class digit is computed from `code`. */
  readonly enhanced?: string;
  readonly lines: readonly string[];
  readonly log?: string;
}

export function reply(code: number, text: string | readonly string[], extra: { enhanced?: string; log?: string } = {}): Reply {
  return { code, lines: typeof text === "string" ? text.split("\n") : text, ...extra };
}

/** The reply as octets of the wire: `250-first`, `250 last`, each ended by CRLF. */
export function formatReply(r: Reply): string {
  const prefix = r.enhanced === undefined ? "" : `${Math.floor(r.code / 100)}.${r.enhanced} `;
  const { lines } = r;
  if (lines.length <= 1) return `${r.code} ${prefix}${lines[0] ?? ""}\r\n`;
  let out = "";
  lines.forEach((line, i) => {
    out += `${r.code}${i < lines.length - 1 ? "-" : " "}${prefix}${line}\r\n`;
  });
  return out;
}
