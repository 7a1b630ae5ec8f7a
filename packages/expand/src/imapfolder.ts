/** `${imapfolder`: folder names as Courier and Dovecot keep them on disk (manual §"MDA operations", RFC 3501 §5.1.3). */
import { expansionError, value } from "@mailkit/sdk";
import type { Expansion, Text } from "@mailkit/sdk";
import { decodeCharset } from "./charsets.ts";

export function imapfolder(args: readonly Text[], charset: string): Expansion {
  const [folder, separator, specials] = args;
  const text = folder?.text ?? "";
  const cut = separator?.text ?? "/";
  if (cut.length !== 1) return expansionError("imapfolder requires a single-character separator");
  const decoded = decodeCharset(text, charset);
  if (decoded === undefined) {
    return expansionError(`imapfolder: iconv() failed to convert from ${charset}: Invalid or incomplete multibyte or wide character`);
  }
  const parts = decoded.split(cut).filter((part) => part !== "");
  const encoded: string[] = [];
  for (const part of parts) {
    const bad = /[./]/.exec(part.replaceAll(cut, ""))?.[0];
    if (bad !== undefined && specials === undefined) return expansionError(`imapfolder: illegal character '${bad}'`);
    encoded.push(modifiedUtf7(part, specials?.text ?? ""));
  }
  return value(encoded.join("."), folder?.tainted);
}

/** Printing ASCII stands for itself, `&` is `&-`, all else is UTF-16 in base64 between `&` and `-`. */
function modifiedUtf7(text: string, specials: string): string {
  let result = "";
  let run = "";
  for (const c of text.split("")) {
    if (/[ -~]/.test(c) && !specials.includes(c)) {
      if (run !== "") result += base64Run(run);
      run = "";
      result += c === "&" ? "&-" : c;
    } else run += c;
  }
  return run === "" ? result : result + base64Run(run);
}

function base64Run(run: string): string {
  const octets = Buffer.from(run, "utf16le").swap16();
  return `&${octets.toString("base64").replace(/=+$/, "").replaceAll("/", ",")}-`;
}
