/** Certificates in expansions (manual §"certextract"). A variable holds one in PEM or DER. Pure: nothing is verified here. */
import { createHash, X509Certificate } from "node:crypto";
import { value } from "@mailkit/sdk";
import type { Expansion } from "@mailkit/sdk";
import { bitString, findExtension, integerOf, oidOf, partsOf, readDer, urisIn } from "./der.ts";
import { appendItem } from "./list-output.ts";

/** Undefined = it is no certificate. */
export function derOf(certificate: string): Buffer | undefined {
  return load(certificate)?.raw;
}

function load(certificate: string): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(certificate, "latin1"));
  } catch {
    return undefined;
  }
}

/** Upper-case hexadecimal of the DER form. */
export function certificateDigest(algorithm: string, certificate: string): Expansion {
  const der = derOf(certificate);
  return value(der === undefined ? "" : createHash(algorithm).update(der).digest("hex").toUpperCase());
}

/** Undefined = the certificate has no such field. `field` may have modifiers behind commas. */
export function certificateField(certificate: string, field: string): string | undefined {
  const [name = "", ...modifiers] = splitModifiers(field);
  const found = load(certificate);
  if (found === undefined) return undefined;
  const options: Options = {
    separator: modifiers.find((modifier) => modifier.startsWith(">"))?.[1] ?? "\n",
    label: modifiers.find((modifier) => !modifier.startsWith(">")),
  };
  return FIELDS[name.toLowerCase()]?.(found, options);
}

/** `>,` is a separator, so its comma does not part. */
function splitModifiers(field: string): string[] {
  return Array.from(field.matchAll(/(?:^|,)[ \t]*(>[^]|[^,]*)/g), (found) => (found[1] as string).replace(/[ \t]+$/, ""));
}

interface Options {
  readonly separator: string;
  readonly label: string | undefined;
}

const FIELDS: Readonly<Record<string, (certificate: X509Certificate, options: Options) => string | undefined>> = {
  version: ({ raw }) => String(versionOf(raw)),
  serial_number: ({ serialNumber }) => serialNumber.toLowerCase(),
  subject: ({ subject }, options) => nameOf(subject, options),
  issuer: ({ issuer }, options) => nameOf(issuer, options),
  notbefore: ({ validFrom }, options) => timeOf(validFrom, options),
  notafter: ({ validTo }, options) => timeOf(validTo, options),
  sig_algorithm: ({ raw }) => algorithmOf(raw),
  signature: ({ raw }) => signatureOf(raw),
  subj_altname: ({ subjectAltName }, options) => alternativeNames(subjectAltName, options),
  ocsp_uri: ({ infoAccess }, options) =>
    listOf(
      Array.from((infoAccess ?? "").matchAll(/^OCSP - URI:(.*)$/gm), (found) => found[1] as string),
      options.separator,
    ),
  crl_uri: ({ raw }, options) => listOf(urisIn(findExtension(readDer(raw), "2.5.29.31")), options.separator),
};

function listOf(items: readonly string[], separator: string): string | undefined {
  return items.reduce<string | undefined>((list, item) => appendItem(list, item, separator), undefined);
}

/** RFC 4514: the last part of the name comes first. With a label: the values of that type, as a list. */
function nameOf(lines: string, { label, separator }: Options): string | undefined {
  const parts = Buffer.from(lines, "utf8")
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "")
    .reverse();
  if (label === undefined) return parts.join(",");
  const wanted = `${label.toUpperCase()}=`;
  return listOf(
    parts.filter((part) => part.toUpperCase().startsWith(wanted)).map((part) => part.slice(wanted.length)),
    separator,
  );
}

function timeOf(text: string, { label }: Options): string {
  return label === "int" ? String(Math.floor(Date.parse(text) / 1000)) : text;
}

const TAGS = [
  ["dns", "DNS:", "DNS"],
  ["uri", "URI:", "URI"],
  ["mail", "email:", "MAIL"],
] as const;

function alternativeNames(text: string | undefined, { label, separator }: Options): string | undefined {
  const names: string[] = [];
  for (const entry of (text ?? "").split(", ")) {
    const tag = TAGS.find(([, prefix]) => entry.startsWith(prefix));
    if (tag === undefined || (label !== undefined && label !== tag[0])) continue;
    const name = entry.slice(tag[1].length);
    names.push(label === undefined ? `${tag[2]}=${name}` : name);
  }
  return listOf(names, separator);
}

function versionOf(raw: Buffer): number {
  const first = partsOf(partsOf(readDer(raw))[0])[0];
  return first?.tag === 0xa0 ? integerOf(partsOf(first)[0]) + 1 : 1;
}

const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ["1.2.840.113549.1.1.4", "RSA-MD5"],
  ["1.2.840.113549.1.1.5", "RSA-SHA1"],
  ["1.2.840.113549.1.1.10", "RSA-PSS"],
  ["1.2.840.113549.1.1.11", "RSA-SHA256"],
  ["1.2.840.113549.1.1.12", "RSA-SHA384"],
  ["1.2.840.113549.1.1.13", "RSA-SHA512"],
  ["1.2.840.10045.4.3.2", "ECDSA-SHA256"],
  ["1.2.840.10045.4.3.3", "ECDSA-SHA384"],
  ["1.2.840.10045.4.3.4", "ECDSA-SHA512"],
  ["1.3.101.112", "EdDSA-Ed25519"],
  ["1.3.101.113", "EdDSA-Ed448"],
]);

function algorithmOf(raw: Buffer): string | undefined {
  const oid = oidOf(partsOf(partsOf(readDer(raw))[1])[0]);
  return oid === undefined ? undefined : (ALGORITHMS.get(oid) ?? oid);
}

function signatureOf(raw: Buffer): string | undefined {
  return bitString(partsOf(readDer(raw))[2])?.toString("hex");
}
