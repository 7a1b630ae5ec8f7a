/** Who gets a local message: arguments, or with `-t` header lines minus arguments. Manual §"Command line options", -t. */
import { lower, type HeaderLine } from "@mailkit/sdk";
import { DELETED, extractAddresses, hasName, isDeleted, nameOfHeader, valueOfHeader } from "@mailkit/message";

export interface BadAddress {
  readonly text: string;
  readonly message: string;
}

export interface LocalRecipients {
  readonly addresses: readonly string[];
  readonly bad: readonly BadAddress[];
  /** Left out by `extract_addresses_remove_arguments`; they count as done from the start. */
  readonly excluded: readonly string[];
  /** Bcc lines are gone with `-t`. */
  readonly headers: readonly HeaderLine[];
}

export interface RecipientSources {
  readonly args: readonly string[];
  /** `-t` */
  readonly extract: boolean;
  readonly removeArguments: boolean;
  readonly headers: readonly HeaderLine[];
  readonly qualify: (address: string) => string;
}

export function localRecipients(sources: RecipientSources): LocalRecipients {
  const given = parseAll(sources.args, sources.qualify);
  if (!sources.extract) return { ...given, excluded: [], headers: sources.headers };
  const found = fromHeaders(sources);
  const bad = [...given.bad, ...found.bad];
  if (!sources.removeArguments) return { addresses: [...found.addresses, ...given.addresses], bad, excluded: [], headers: found.headers };
  const excluded = new Set(given.addresses.map(lower));
  const addresses = found.addresses.filter((address) => !excluded.has(lower(address)));
  return { addresses, bad, excluded: given.addresses, headers: found.headers };
}

/** Resent- lines, when there are any, take over. */
function fromHeaders({ headers, qualify }: RecipientSources) {
  const resent = headers.some((header) => !isDeleted(header) && lower(nameOfHeader(header.text)).startsWith("resent-"));
  const prefix = resent ? "Resent-" : "";
  const lines = headers.filter((header) => !isDeleted(header) && ["To", "Cc", "Bcc"].some((name) => hasName(header, prefix + name)));
  const parsed = parseAll(
    lines.map((header) => valueOfHeader(header.text)),
    qualify,
  );
  const kept = headers.map((header) => (hasName(header, `${prefix}Bcc`) ? { text: header.text, type: DELETED } : header));
  return { ...parsed, headers: kept };
}

function parseAll(lists: readonly string[], qualify: (address: string) => string): { addresses: string[]; bad: BadAddress[] } {
  const addresses: string[] = [];
  const bad: BadAddress[] = [];
  for (const list of lists) {
    const parsed = extractAddresses(list);
    for (const address of parsed.addresses) addresses.push(address.includes("@") ? address : qualify(address));
    bad.push(...parsed.faults);
  }
  return { addresses, bad };
}
