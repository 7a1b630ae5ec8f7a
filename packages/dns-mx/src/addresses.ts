/** A host's name to its addresses: DNS (AAAA and A), the hosts file, `localhost`, literals. */
import { type DnsAnswer, type Maybe, type Random, chain, isFault, isPromise, mapInOrder } from "@mailkit/sdk";
import { type HostsTable, parseHostsFile } from "./hosts-file.ts";
import { isAddress, normalName } from "./names.ts";
import type { FinderOptions } from "./settings.ts";

export interface AddressWishes {
  readonly ipv4Only?: boolean;
  readonly ipv4Prefer?: boolean;
  readonly dnssec?: boolean;
  /** An answer that is not secure counts as a failure (`dnssec_require_domains`). */
  readonly dnssecRequire?: boolean;
}

export type Addresses =
  | { readonly kind: "found"; readonly addresses: readonly string[]; readonly name: string; readonly secure: boolean }
  | { readonly kind: "noDomain" | "noData" }
  /** `insecure`: they exist, but DNSSEC is insisted on. */
  | { readonly kind: "defer"; readonly message: string; readonly insecure?: true };

const LOCALHOST = /^localhost(?:\.localdomain)?$/;

/** What a name is without asking DNS: an address itself, or `localhost`. */
export function selfEvident(name: string, wishes: AddressWishes, options: FinderOptions): Addresses | undefined {
  if (isAddress(name)) return { kind: "found", addresses: [name], name, secure: false };
  const bare = normalName(name);
  if (!LOCALHOST.test(bare)) return undefined;
  const v6 = options.disableIpv6 === true || wishes.ipv4Only === true ? [] : ["::1"];
  return { kind: "found", addresses: wishes.ipv4Prefer === true ? ["127.0.0.1", ...v6] : [...v6, "127.0.0.1"], name: bare, secure: false };
}

/** AAAA before A unless `ipv4_prefer`, each kind shuffled (manual §"The dnslookup router"). */
export function addressesByDns(name: string, wishes: AddressWishes, options: FinderOptions): Maybe<Addresses> {
  return chain(wantsIpv6(name, wishes, options), (ipv6) => {
    const question = { name, dnssec: wishes.dnssec === true || wishes.dnssecRequire === true };
    // Both questions are on their way before the first answer is waited for.
    const v6 = ipv6 ? options.dns.query({ ...question, type: "AAAA" }) : undefined;
    const v4 = options.dns.query({ ...question, type: "A" });
    return chain(v6, (six) => chain(v4, (four) => combine({ name, six, four }, wishes, options.random)));
  });
}

function wantsIpv6(name: string, wishes: AddressWishes, options: FinderOptions): Maybe<boolean> {
  if (options.disableIpv6 === true || wishes.ipv4Only === true) return false;
  return options.ipv4Lookup === undefined ? true : chain(options.ipv4Lookup(normalName(name)), (yes) => !yes);
}

interface Both {
  readonly name: string;
  readonly six: DnsAnswer | undefined;
  readonly four: DnsAnswer;
}

function combine({ name, six, four }: Both, wishes: AddressWishes, random: Random): Addresses {
  const answers = (wishes.ipv4Prefer === true ? [four, six] : [six, four]).filter((answer) => answer !== undefined);
  const all = answers.filter((answer) => answer.kind === "found");
  const found = wishes.dnssecRequire === true ? all.filter((answer) => answer.secure) : all;
  if (found.length > 0) {
    const addresses = found.flatMap((answer) => shuffled(answer.records, random).map((record) => record.data));
    return { kind: "found", addresses, name: (found[0] as { name: string }).name, secure: found.every((answer) => answer.secure) };
  }
  if (all.length > 0) return { kind: "defer", message: `the addresses of ${name} are not secured by DNSSEC`, insecure: true };
  // One kind that could not be asked leaves the question open, whatever the other one said.
  const failed = answers.find((answer) => answer.kind === "defer");
  if (failed !== undefined) return { kind: "defer", message: failed.message };
  return { kind: answers.some((answer) => answer.kind === "noData") ? "noData" : "noDomain" };
}

export function addressesByFile(name: string, wishes: AddressWishes, options: FinderOptions): Maybe<Addresses> {
  return chain(hostsTable(options), (table) => {
    const bare = normalName(name);
    const all = table?.addresses.get(bare) ?? [];
    const v4 = all.filter((address) => !address.includes(":"));
    const v6 = options.disableIpv6 === true || wishes.ipv4Only === true ? [] : all.filter((address) => address.includes(":"));
    const addresses = wishes.ipv4Prefer === true ? [...v4, ...v6] : [...v6, ...v4];
    return addresses.length === 0 ? { kind: "noDomain" } : { kind: "found", addresses, name: bare, secure: false };
  });
}

export function hostsTable(options: FinderOptions): Maybe<HostsTable | undefined> {
  const read = options.files?.derived(options.hostsFile ?? "/etc/hosts", "hosts", parseHostsFile);
  return chain(read, (result) => (result === undefined || isFault(result) ? undefined : result.value));
}

/** Fisher and Yates. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

/** Starts all, then waits for all; at once when nothing has to wait. */
export function gather<T>(values: readonly Maybe<T>[]): Maybe<T[]> {
  return values.some((value) => isPromise(value)) ? Promise.all(values) : (values as T[]);
}

/** `test` one after the other, the ones that pass. */
export function keep<T>(items: readonly T[], test: (item: T) => Maybe<boolean>): Maybe<T[]> {
  return chain(mapInOrder(items, test), (passed) => items.filter((_, i) => passed[i] === true));
}
