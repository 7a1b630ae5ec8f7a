import type { HeaderLine } from "@mailkit/sdk";
import { mailDate } from "./dates.ts";
import { makeHeader } from "./header-lines.ts";

/**
 * The Received: line. Its text comes from `received_header_text`, expanded by the caller; the time is added here, first
 * the time when the message began, then, with `restampReceived`, that of acceptance (manual §"The Received: header line").
 */
export const DEFAULT_RECEIVED_HEADER_TEXT =
  "Received: ${if def:sender_rcvhost {from $sender_rcvhost\n\t}" +
  "{${if def:sender_ident {from ${quote_local_part:$sender_ident} }}" +
  "${if def:sender_helo_name {(helo=$sender_helo_name)\n\t}}}}" +
  "by $primary_hostname ${if def:received_protocol {with $received_protocol }}" +
  "${if def:tls_in_ver        { ($tls_in_ver)}}${if def:tls_in_cipher_std { tls $tls_in_cipher_std\n\t}}" +
  "(Exim $version_number)\n\t${if def:sender_address {(envelope-from <$sender_address>)\n\t}}" +
  "id $message_exim_id${if def:received_for {\n\tfor $received_for}}";

/** Undefined when the text is empty: then no line is added. */
export function receivedHeader(text: string, milliseconds: number, offset: number): HeaderLine | undefined {
  if (text === "") return undefined;
  return makeHeader(`${text};\n\t${mailDate(milliseconds, offset)}\n`);
}

/** The same line with another time. */
export function restampReceived(header: HeaderLine, milliseconds: number, offset: number): HeaderLine {
  const semicolon = header.text.lastIndexOf(";");
  return { text: `${header.text.slice(0, semicolon + 1)}\n\t${mailDate(milliseconds, offset)}\n`, type: header.type };
}
