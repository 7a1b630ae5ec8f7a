/**
 * dnslookup (manual chapter "The dnslookup router"): sends an address to the hosts that the DNS names for its domain.
 * The rules about records are the host finder's; here is what the options make of its answer.
 */
import { chain, defineRouter, lower, option, trimSpace } from "@mailkit/sdk";
import type { DomainList, HostsFound, Maybe, OptionValues, RouterAddress, RouterOutcome, RouterServices, Template } from "@mailkit/sdk";

const options = {
  check_secondary_mx: option.boolean({ doc: "Declines unless this host is a secondary MX of the domain." }),
  check_srv: option.expanded({ doc: "Service whose SRV records go before MX." }),
  fail_defer_domains: option.domainList({ doc: "Domains without usable records are deferred instead of declined." }),
  ipv4_only: option.expanded({ doc: "True: only A records." }),
  ipv4_prefer: option.expanded({ doc: "True: A records go before AAAA." }),
  mx_domains: option.domainList({ doc: "Domains that must have an MX or SRV record." }),
  mx_fail_domains: option.domainList({ doc: "Domains whose failing MX lookup counts as no MX." }),
  qualify_single: option.boolean({ default: true, doc: "A domain of one word is looked up under the default domain." }),
  rewrite_headers: option.boolean({ default: true, doc: "A domain that was made longer is written so in header lines too." }),
  same_domain_copy_routing: option.boolean({ doc: "Other addresses of the domain in the message get the same hosts." }),
  search_parents: option.boolean({ doc: "Domains are looked up under parent domains too." }),
  srv_fail_domains: option.domainList({ doc: "Domains whose failing SRV lookup counts as no SRV." }),
  widen_domains: option.stringList({ doc: "Endings to try when a domain is not found." }),
} as const;
type Options = OptionValues<typeof options>;

export const driver = defineRouter({
  name: "dnslookup",
  options,
  needs: ["hosts", "expand", "scope"],
  route: (address, own, host) => route(address, own, host),
});

function route(address: RouterAddress, own: Options, host: RouterServices): Maybe<RouterOutcome> {
  if (address.domain === "" || address.domain.startsWith("[")) {
    const reason = `mail domain "${lower(address.domain)}" is syntactically invalid`;
    return { kind: "decline", reason, message: reason };
  }
  return chain(settings(address, own, host), (known) => ("kind" in known ? known : tryDomains({ address, own, host, known }, 0)));
}

interface Known {
  readonly ipv4Only: boolean;
  readonly ipv4Prefer: boolean;
  readonly srv: string;
  readonly mxOnly: boolean;
  readonly mxFail: boolean;
  readonly srvFail: boolean;
}

/** Everything that depends on the address, or the outcome when something of it cannot be said. */
function settings(address: RouterAddress, own: Options, host: RouterServices): Maybe<Known | RouterOutcome> {
  const steps: [keyof Known, () => Maybe<boolean | string | RouterOutcome>][] = [
    ["ipv4Only", () => truth(own.ipv4_only, "ipv4_only", address, host)],
    ["ipv4Prefer", () => truth(own.ipv4_prefer, "ipv4_prefer", address, host)],
    ["srv", () => service(own.check_srv, address, host)],
    ["mxOnly", () => listed(own.mx_domains, "mx_domains", address, host)],
    ["mxFail", () => listed(own.mx_fail_domains, "mx_fail_domains", address, host)],
    ["srvFail", () => listed(own.srv_fail_domains, "srv_fail_domains", address, host)],
  ];
  const known: Record<string, unknown> = { ...NOTHING_SET };
  const walk = (from: number): Maybe<Known | RouterOutcome> => {
    const step = steps[from];
    if (step === undefined) return known as unknown as Known;
    return chain(step[1](), (answer) => {
      if (typeof answer === "object") return answer;
      known[step[0]] = answer;
      return walk(from + 1);
    });
  };
  const nothing = own.ipv4_only ?? own.ipv4_prefer ?? own.check_srv ?? own.mx_domains ?? own.mx_fail_domains ?? own.srv_fail_domains;
  return nothing === undefined ? NOTHING_SET : walk(0);
}

const NOTHING_SET: Known = { ipv4Only: false, ipv4Prefer: false, srv: "", mxOnly: false, mxFail: false, srvFail: false };

interface Lookup {
  readonly address: RouterAddress;
  readonly own: Options;
  readonly host: RouterServices;
  readonly known: Known;
}

/** The domain, then the domain with each ending of `widen_domains`. */
function tryDomains(lookup: Lookup, index: number): Maybe<RouterOutcome> {
  const { address, own } = lookup;
  const endings = mayWiden(address, own) ? own.widen_domains : [];
  const domain = index === 0 ? address.domain : `${address.domain}.${endings[index - 1] ?? ""}`;
  return chain(ask(lookup, domain), (found) => {
    if (found.kind === "notFound" && found.why !== "nullMx" && index < endings.length) return tryDomains(lookup, index + 1);
    return judge(lookup, index === 0 ? undefined : domain, found);
  });
}

/** Manual §"Private options for dnslookup", `widen_domains`: not for senders, whose header lines could not be rewritten. */
function mayWiden(address: RouterAddress, own: Options): boolean {
  return address.purpose !== "verifySender" || !own.rewrite_headers;
}

function ask({ own, host, known }: Lookup, domain: string): Maybe<HostsFound> {
  return host.hosts.mx({
    domain,
    checkMx: true,
    checkAddress: !known.mxOnly,
    qualifySingle: own.qualify_single,
    searchParents: own.search_parents,
    ...(known.srv === "" ? {} : { srv: known.srv }),
    ...(known.ipv4Only ? { ipv4Only: true } : {}),
    ...(known.ipv4Prefer ? { ipv4Prefer: true } : {}),
    ...(own.check_secondary_mx ? { secondaryOnly: true } : {}),
    ...(known.mxFail ? { mxFail: true } : {}),
    ...(known.srvFail ? { srvFail: true } : {}),
  });
}

function judge(lookup: Lookup, widened: string | undefined, found: HostsFound): Maybe<RouterOutcome> {
  const { address, own } = lookup;
  if (found.kind === "defer") return { kind: "defer", message: found.message, timeout: true };
  if (found.kind === "notFound") return notFound(lookup, found);
  const full = widened ?? found.widened;
  if (full !== undefined && full !== address.domain) {
    const local = address.address.slice(0, address.address.length - address.domain.length - 1);
    return {
      kind: "rewrite",
      address: `${local}@${full}`,
      reason: `${address.domain} is ${full}`,
      rewriteHeaders: own.rewrite_headers,
    };
  }
  const copy = own.same_domain_copy_routing ? { sameDomainCopy: true } : {};
  const accepted = { kind: "ok", hosts: found.hosts, ...copy } as const;
  if (found.local !== "first") return accepted;
  const first = found.hosts[0];
  const message = first?.fromMx === false ? "remote host address is the local host" : "lowest numbered MX record points to local host";
  return { ...accepted, localHost: { name: first?.name ?? found.name, message } };
}

/** Manual §"Declining addresses by dnslookup". */
function notFound({ address, own, host }: Lookup, found: Extract<HostsFound, { kind: "notFound" }>): Maybe<RouterOutcome> {
  return chain(listed(own.fail_defer_domains, "fail_defer_domains", address, host), (defer): RouterOutcome => {
    if (typeof defer === "object") return defer;
    if (defer) return { kind: "defer", message: "missing MX, or all MXs point to missing A records, and defer requested" };
    const message = TOLD.has(found.why) ? { message: found.message } : {};
    return { kind: "decline", reason: found.message, ...message };
  });
}

/** What the user is told when no other router takes the address. */
const TOLD: ReadonlySet<string> = new Set(["noHosts", "nullMx", "ipInMx", "badName"]);

// oxlint-disable-next-line max-params
function truth(template: Template | undefined, name: string, address: RouterAddress, host: RouterServices): Maybe<boolean | RouterOutcome> {
  if (template === undefined) return false;
  return chain(host.expand(template), (result): boolean | RouterOutcome => {
    if (result.kind === "forcedFailure") return false;
    if (result.kind === "error") return failedExpansion(name, template, address, result.message);
    return !/^(?:|0|no|false)$/i.test(result.text);
  });
}

function service(template: Template | undefined, address: RouterAddress, host: RouterServices): Maybe<string | RouterOutcome> {
  if (template === undefined) return "";
  return chain(host.expand(template), (result): string | RouterOutcome => {
    if (result.kind === "forcedFailure") return "";
    return result.kind === "error" ? failedExpansion("check_srv", template, address, result.message) : trimSpace(result.text);
  });
}

// oxlint-disable-next-line max-params
function failedExpansion(name: string, template: Template, address: RouterAddress, why: string): RouterOutcome {
  return { kind: "defer", message: `${address.router} router: failed to expand "${template.source}" for ${name}: ${why}` };
}

// oxlint-disable-next-line max-params
function listed(list: DomainList | undefined, name: string, address: RouterAddress, host: RouterServices): Maybe<boolean | RouterOutcome> {
  if (list === undefined) return false;
  return chain(list.match(address.domain.toLowerCase(), host.scope), (result): boolean | RouterOutcome => {
    if (result.kind === "defer" || result.kind === "error") return { kind: "defer", message: `lookup defer for ${name}` };
    return result.kind === "yes";
  });
}
