/**
 * ESMTP parameters of MAIL and RCPT, cut off from the end of the argument as Exim does: from the last white space, as
 * long as what stands there is known; what is not is then a fault of the address. RFC 1870, 3461, 4954, 6152, 6531.
 */
import type { RecipientDsn } from "@mailkit/sdk";
import { decodeXtext } from "../xtext.ts";

export interface MailParameters {
  size: number;
  eightBit: boolean;
  /** BODY=7BIT was said. */
  sevenBit: boolean;
  smtputf8: boolean;
  prdr: boolean;
  /** AUTH= decoded; "" for `<>`. */
  auth: string | undefined;
  ret: "full" | "hdrs" | undefined;
  envid: string | undefined;
}

/** What the session offered and so has to understand. */
export interface Offered {
  readonly eightBit: boolean;
  readonly smtputf8: boolean;
  readonly prdr: boolean;
  readonly dsn: boolean;
}

export type Cut<T> =
  | { readonly ok: true; readonly address: string; readonly parameters: T }
  | { readonly ok: false; readonly message: string };

export function noMailParameters(): MailParameters {
  return { size: -1, eightBit: false, sevenBit: false, smtputf8: false, prdr: false, auth: undefined, ret: undefined, envid: undefined };
}

const MAX_PARAMETERS = 32;

/** Of what was not offered the values of MAIL are passed over, those of RCPT are not understood: so does Exim. */
export function cutMailParameters(argument: string, offered: Offered): Cut<MailParameters> {
  const parameters = noMailParameters();
  let rest = argument;
  for (let count = 0; count < MAX_PARAMETERS; count++) {
    const last = lastParameter(rest);
    if (last === undefined) break;
    const taken = takeMail(parameters, last.name, last.value, offered);
    if (typeof taken === "string") return { ok: false, message: taken };
    if (!taken) break;
    rest = last.before;
  }
  return { ok: true, address: rest, parameters };
}

function takeMail(into: MailParameters, name: string, value: string, offered: Offered): boolean | string {
  switch (name) {
    case "SIZE": {
      const digits = /^[0-9]*/.exec(value)?.[0] ?? "";
      into.size = digits.length > 15 ? Number.MAX_SAFE_INTEGER : Number(digits);
      return true;
    }
    case "BODY":
      if (!offered.eightBit) return true;
      if (!/^(?:8BITMIME|7BIT)$/i.test(value)) return "invalid data for BODY";
      into.eightBit = value.toUpperCase() === "8BITMIME";
      into.sevenBit = !into.eightBit;
      return true;
    case "SMTPUTF8":
      if (!offered.smtputf8) return "SMTPUTF8 used when not advertised";
      into.smtputf8 = true;
      return true;
    case "PRDR":
      into.prdr = offered.prdr;
      return true;
    case "AUTH": {
      const auth = value === "<>" ? "" : decodeXtext(value);
      if (auth === undefined) return "invalid data for AUTH";
      into.auth = auth;
      return true;
    }
    case "RET":
      if (!offered.dsn) return true;
      if (into.ret !== undefined) return "RET can be specified once only";
      if (!/^(?:FULL|HDRS)$/i.test(value)) return "Value for RET is invalid";
      into.ret = value.toLowerCase() === "full" ? "full" : "hdrs";
      return true;
    case "ENVID":
      if (!offered.dsn) return true;
      if (into.envid !== undefined) return "ENVID can be specified once only";
      into.envid = value;
      return true;
    default:
      return false;
  }
}

export function cutRcptParameters(argument: string, offered: Offered): Cut<RecipientDsn> {
  let notify: RecipientDsn["notify"];
  let orcpt: string | undefined;
  let rest = argument;
  for (let count = 0; count < MAX_PARAMETERS; count++) {
    const last = lastParameter(rest);
    if (last === undefined) break;
    if (offered.dsn && last.name === "ORCPT") {
      if (orcpt !== undefined) return { ok: false, message: "ORCPT can be specified once only" };
      orcpt = last.value;
    } else if (offered.dsn && last.name === "NOTIFY") {
      if (notify !== undefined) return { ok: false, message: "NOTIFY can be specified once only" };
      notify = parseNotify(last.value, last.bare);
      if (notify === undefined) return { ok: false, message: "Invalid value for NOTIFY parameter" };
    } else {
      // A name without value comes back with `=` where its white space was, as Exim's texts show.
      if (last.bare) rest = `${last.before.slice(0, last.gap)}=${rest.slice(last.gap + 1)}`;
      break;
    }
    rest = last.before;
  }
  const dsn: RecipientDsn = { ...(notify !== undefined && notify.length > 0 && { notify }), ...(orcpt !== undefined && { orcpt }) };
  return { ok: true, address: rest, parameters: dsn };
}

function parseNotify(value: string, bare: boolean): RecipientDsn["notify"] {
  if (value === "") return bare ? undefined : [];
  const words = value.toLowerCase().split(",");
  if (words.length === 1 && words[0] === "never") return ["never"];
  const known = words.every((word) => word === "success" || word === "failure" || word === "delay");
  return known ? (words as ("success" | "failure" | "delay")[]) : undefined;
}

interface LastParameter {
  readonly name: string;
  readonly value: string;
  /** Without `=`. */
  readonly bare: boolean;
  readonly before: string;
  /** Index of the white space before the name. */
  readonly gap: number;
}

function lastParameter(text: string): LastParameter | undefined {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  let gap = end;
  while (gap > 0 && !isSpace(text.charCodeAt(gap - 1))) {
    gap--;
    // White space of a quoted local part parts nothing.
    if (text[gap] === '"') gap = Math.max(0, text.lastIndexOf('"', gap - 1));
  }
  // Something must stand before it, and `<a b>` is an address, not a parameter.
  if (gap === 0 || end === gap) return undefined;
  const word = text.slice(gap, end);
  let beforeEnd = gap - 1;
  while (beforeEnd > 0 && isSpace(text.charCodeAt(beforeEnd - 1))) beforeEnd--;
  const equals = word.indexOf("=");
  return {
    name: (equals < 0 ? word : word.slice(0, equals)).toUpperCase(),
    value: equals < 0 ? "" : word.slice(equals + 1),
    bare: equals < 0,
    before: text.slice(0, beforeEnd),
    gap: gap - 1,
  };
}

function isSpace(octet: number): boolean {
  return octet === 32 || octet === 9;
}
