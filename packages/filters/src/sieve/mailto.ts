/** `mailto:` URIs (RFC 6068) as notification methods (RFC 5436). */
import { trimSpace } from "@mailkit/sdk";
export interface Mailto {
  readonly recipients: readonly string[];
  /** Header fields in order, names as written; `to` is among the recipients, `body` apart. */
  readonly fields: readonly (readonly [string, string])[];
  readonly body: string | undefined;
}

/** Fields that a notification's sender decides himself, or that could lie about the message (RFC 5436 §2.3). */
const OWN_FIELDS = /^(?:from|sender|date|message-id|received|auto-submitted|bcc|resent-.*|return-path|dkim-signature)$/i;
const FIELD_NAME = /^[!-9;-~]+$/;

/** The text of a fault when it is no `mailto:` that can be used. */
export function parseMailto(uri: string): Mailto | string {
  const found = /^mailto:([^?]*)(?:\?(.*))?$/is.exec(uri);
  if (found === null) return "Unknown URI scheme";
  const recipients = splitAddresses(found[1] as string);
  const fields: [string, string][] = [];
  let body: string | undefined;
  for (const part of (found[2] ?? "").split("&").filter((text) => text !== "")) {
    const equals = part.indexOf("=");
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    const value = decode(equals < 0 ? "" : part.slice(equals + 1));
    if (name === undefined || value === undefined || !FIELD_NAME.test(name)) return "Syntactically invalid URI";
    if (/^to$/i.test(name)) recipients?.push(...value.split(",").map((text) => trimSpace(text)));
    else if (/^body$/i.test(name)) body = value;
    else if (!OWN_FIELDS.test(name)) fields.push([name, value.replace(/[ \t]*[\r\n]+[ \t\r\n]*/g, " ")]);
  }
  if (recipients === undefined) return "Syntactically invalid URI";
  return { recipients: recipients.filter((address) => address !== ""), fields, body };
}

function splitAddresses(text: string): string[] | undefined {
  const addresses = text.split(",").map(decode);
  return addresses.every((address) => address !== undefined && !/[ \t\r\n<>]/.test(address)) ? (addresses as string[]) : undefined;
}

function decode(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  return text.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
