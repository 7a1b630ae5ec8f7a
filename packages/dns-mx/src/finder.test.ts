import test from "ava";
import type { HostsFound, MxQuestion } from "@mailkit/sdk";
import { makeHostFinder } from "./finder.ts";
import type { FinderOptions } from "./settings.ts";
import { dnsOf, fixedRandom, noShuffle, type ZoneData } from "./testing/zone.ts";

const LOCAL = "192.0.2.99";

function finder(zone: ZoneData, options: Partial<FinderOptions> = {}, secure: readonly string[] = []) {
  return makeHostFinder({ dns: dnsOf(zone, secure), random: noShuffle, isInterface: (address) => address === LOCAL, ...options });
}

function mx(zone: ZoneData, question: Partial<MxQuestion> = {}, options: Partial<FinderOptions> = {}): HostsFound {
  return finder(zone, options).mx({ domain: "x.test", checkMx: true, checkAddress: true, ...question }) as HostsFound;
}

const shown = (found: HostsFound): string =>
  found.kind === "found"
    ? found.hosts.map((host) => `${host.mx ?? "-"} ${host.name} ${host.address}`).join(", ") + ` ${found.local}`
    : found.kind === "notFound"
      ? found.why
      : found.kind;

const BASE: ZoneData = {
  "m1.test A": ["192.0.2.1"],
  "m1.test AAAA": ["2001:db8::1"],
  "m2.test A": ["192.0.2.2"],
  "here.test A": [LOCAL],
  "m4.test A": ["192.0.2.4"],
};

const table: [string, ZoneData, Partial<MxQuestion>, string][] = [
  [
    "by preference, IPv6 first",
    { "x.test MX": ["20 m2.test", "10 m1.test"] },
    {},
    "10 m1.test 2001:db8::1, 10 m1.test 192.0.2.1, 20 m2.test 192.0.2.2 no",
  ],
  ["ipv4_prefer", { "x.test MX": ["10 m1.test"] }, { ipv4Prefer: true }, "10 m1.test 192.0.2.1, 10 m1.test 2001:db8::1 no"],
  ["ipv4_only", { "x.test MX": ["10 m1.test"] }, { ipv4Only: true }, "10 m1.test 192.0.2.1 no"],
  ["same name twice: the better place counts", { "x.test MX": ["10 m2.test", "20 M2.test"] }, {}, "10 m2.test 192.0.2.2 no"],
  ["no MX: own addresses", { "x.test A": ["192.0.2.7"] }, {}, "- x.test 192.0.2.7 no"],
  ["no MX, own AAAA alone counts too", { "x.test AAAA": ["2001:db8::7"] }, {}, "- x.test 2001:db8::7 no"],
  ["no MX, but the domain must have one", { "x.test A": ["192.0.2.7"] }, { checkAddress: false }, "noMx"],
  ["MX failed: no fallback", { "x.test MX": "servfail", "x.test A": ["192.0.2.7"] }, {}, "defer"],
  [
    "mx_fail_domains: as if there were none",
    { "x.test MX": "servfail", "x.test A": ["192.0.2.7"] },
    { mxFail: true },
    "- x.test 192.0.2.7 no",
  ],
  [
    "srv_fail_domains",
    { "_smtp._tcp.x.test SRV": "timeout", "x.test MX": ["10 m2.test"] },
    { srv: "smtp", srvFail: true },
    "10 m2.test 192.0.2.2 no",
  ],
  ["null MX: no fallback", { "x.test MX": ["0 "], "x.test A": ["192.0.2.7"] }, {}, "nullMx"],
  ["null MX beside another: the other one", { "x.test MX": ["0 ", "10 m2.test"] }, {}, "10 m2.test 192.0.2.2 no"],
  ["nothing at all", {}, {}, "noDomain"],
  ["domain without mail", { "x.test TXT": ["hi"] }, {}, "noData"],
  ["dead host dropped", { "x.test MX": ["10 dead.test", "20 m2.test"] }, {}, "20 m2.test 192.0.2.2 no"],
  ["all dead: no fallback to A", { "x.test MX": ["10 dead.test"], "x.test A": ["192.0.2.7"] }, {}, "noHosts"],
  [
    "one cannot be looked up, the other is used",
    { "x.test MX": ["10 f.test", "20 m2.test"], "f.test A": "servfail" },
    {},
    "20 m2.test 192.0.2.2 no",
  ],
  ["one dead, one cannot be looked up: later", { "x.test MX": ["10 f.test", "20 dead.test"], "f.test A": "servfail" }, {}, "defer"],
  ["AAAA fails, A is there", { "x.test MX": ["10 m2.test"], "m2.test AAAA": "timeout" }, {}, "10 m2.test 192.0.2.2 no"],
  ["AAAA fails, A is not there: open", { "x.test MX": ["10 q.test"], "q.test AAAA": "timeout" }, {}, "defer"],
  ["MX to alias: followed", { "x.test MX": ["10 al.test"], "al.test CNAME": ["m2.test"] }, {}, "10 m2.test 192.0.2.2 no"],
  ["MX to address: refused", { "x.test MX": ["10 192.0.2.5"] }, {}, "ipInMx"],
  ["MX to address beside a good one", { "x.test MX": ["10 192.0.2.5", "20 m2.test"] }, {}, "20 m2.test 192.0.2.2 no"],
  [
    "ignored addresses are as good as absent",
    { "x.test MX": ["10 m1.test"] },
    { ignore: (address) => address.includes(":") },
    "10 m1.test 192.0.2.1 no",
  ],
  ["all ignored", { "x.test MX": ["10 m1.test"] }, { ignore: async () => true }, "noHosts"],
  ["local first", { "x.test MX": ["10 here.test", "20 m2.test"] }, {}, `10 here.test ${LOCAL}, 20 m2.test 192.0.2.2 first`],
  [
    "local among the best: named first",
    { "x.test MX": ["10 m2.test", "10 here.test"] },
    {},
    `10 here.test ${LOCAL}, 10 m2.test 192.0.2.2 first`,
  ],
  [
    "local second: it, equals and worse go",
    { "x.test MX": ["10 m2.test", "20 m4.test", "20 here.test", "30 m1.test"] },
    {},
    "10 m2.test 192.0.2.2 later",
  ],
  ["a better one that does not exist keeps the local one out", { "x.test MX": ["5 gone.test", "10 here.test"] }, {}, "noHosts"],
  [
    "a better one that cannot be looked up now keeps the local one out",
    { "x.test MX": ["5 f.test", "10 here.test"], "f.test A": "servfail" },
    {},
    "defer",
  ],
  ["own address is local", { "x.test A": [LOCAL] }, {}, `- x.test ${LOCAL} first`],
  ["check_secondary_mx: not in the list", { "x.test MX": ["10 m2.test"] }, { secondaryOnly: true }, "noMx"],
  [
    "check_secondary_mx: in the list",
    { "x.test MX": ["10 m2.test", "20 here.test"] },
    { secondaryOnly: true },
    "10 m2.test 192.0.2.2 later",
  ],
  ["check_secondary_mx: primary", { "x.test MX": ["10 here.test"] }, { secondaryOnly: true }, "noMx"],
  [
    "SRV before MX",
    { "_smtp._tcp.x.test SRV": ["1 0 26 m2.test"], "x.test MX": ["10 m1.test"] },
    { srv: "smtp" },
    "0 m2.test 192.0.2.2 no",
  ],
  ["no SRV: MX", { "x.test MX": ["10 m2.test"] }, { srv: "smtp" }, "10 m2.test 192.0.2.2 no"],
  ["SRV says no", { "_smtp._tcp.x.test SRV": ["0 0 0 "], "x.test MX": ["10 m1.test"] }, { srv: "smtp" }, "nullMx"],
  ["SRV failed", { "_smtp._tcp.x.test SRV": "timeout", "x.test MX": ["10 m1.test"] }, { srv: "smtp" }, "defer"],
  ["localhost needs no DNS", { "x.test MX": ["10 localhost"] }, { ipv4Only: true }, "10 localhost 127.0.0.1 no"],
];

for (const [title, zone, question, expected] of table) {
  test(`mx: ${title}`, async (t) =>
    t.is(shown(await finder({ ...BASE, ...zone }).mx({ domain: "x.test", checkMx: true, checkAddress: true, ...question })), expected));
}

test("allow_mx_to_ip, disable_ipv6, dns_ipv4_lookup, hosts_treat_as_local", (t) => {
  const zone = { ...BASE, "x.test MX": ["10 m1.test"] };
  t.is(shown(mx({ "x.test MX": ["10 192.0.2.5"] }, {}, { allowMxToIp: true })), "10 192.0.2.5 192.0.2.5 no");
  t.is(shown(mx(zone, {}, { disableIpv6: true })), "10 m1.test 192.0.2.1 no");
  t.is(shown(mx(zone, {}, { ipv4Lookup: (name) => name === "m1.test" })), "10 m1.test 192.0.2.1 no");
  t.regex(shown(mx(zone, {}, { treatAsLocal: (name) => name === "m1.test" })), / first$/);
});

test("equal preferences are shuffled, and so are the addresses of a host", (t) => {
  const zone = { "x.test MX": ["10 a.test", "10 b.test"], "a.test A": ["192.0.2.1", "192.0.2.2"], "b.test A": ["192.0.2.3"] };
  t.is(shown(mx(zone)), "10 a.test 192.0.2.1, 10 a.test 192.0.2.2, 10 b.test 192.0.2.3 no");
  t.is(shown(mx(zone, {}, { random: fixedRandom() })), "10 b.test 192.0.2.3, 10 a.test 192.0.2.2, 10 a.test 192.0.2.1 no");
});

test("DNSSEC: a host is secure when MX and address are; required means the rest is no answer", (t) => {
  const zone = { ...BASE, "x.test MX": ["10 m2.test"] };
  const ask = (secure: readonly string[], dnssecRequire = false) =>
    finder(zone, {}, secure).mx({ domain: "x.test", checkMx: true, checkAddress: true, dnssecRequest: true, dnssecRequire }) as HostsFound;
  t.like(ask(["x.test", "m2.test"]), { hosts: [{ secure: true }], secure: true });
  t.like(ask(["x.test"]), { hosts: [{ secure: false }] });
  t.like(ask(["m2.test"]), { hosts: [{ secure: false }] });
  t.is(ask(["m2.test"], true).kind, "defer");
  t.is(ask(["x.test"], true).kind, "defer");
  t.is(ask(["x.test", "m2.test"], true).kind, "found");
});

test("addresses of one host: literal, localhost, DNS, then the hosts file; byname the other way round", (t) => {
  const files = {
    derived: (_: string, __: string, derive: (content: string) => unknown) => ({
      value: derive("192.0.2.50 both.test\n192.0.2.51 FileOnly.test\n"),
    }),
  };
  const hosts = finder({ "both.test A": ["192.0.2.60"], "bad.test A": "servfail" }, { files: files as never });
  const ask = (name: string, byName = false) => shown(hosts.addresses({ name, byName }) as HostsFound);
  t.is(ask("192.0.2.1"), "- 192.0.2.1 192.0.2.1 no");
  t.is(ask("localhost"), "- localhost ::1, - localhost 127.0.0.1 no");
  t.is(ask("both.test"), "- both.test 192.0.2.60 no");
  t.is(ask("both.test", true), "- both.test 192.0.2.50 no");
  t.is(ask("fileonly.test"), "- fileonly.test 192.0.2.51 no");
  t.is(ask("none.test"), "noDomain");
  t.is(shown(hosts.addresses({ name: "fileonly.test", byDns: true }) as HostsFound), "noDomain");
  t.is(ask("bad.test"), "defer", "a failing DNS is not asked past");
});

test("qualify_single and search_parents: the resolver's search list", (t) => {
  const zone = { "one.corp.test A": ["192.0.2.1"], "a.b.home.test A": ["192.0.2.2"] };
  const hosts = finder(zone, { search: ["corp.test", "home.test"] });
  const ask = (domain: string, more: object) => hosts.mx({ domain, checkMx: true, checkAddress: true, ...more }) as HostsFound;
  t.like(ask("one", { qualifySingle: true }), { kind: "found", widened: "one.corp.test" });
  t.like(ask("one", {}), { kind: "notFound" });
  t.like(ask("a.b", { searchParents: true }), { kind: "found", widened: "a.b.home.test" });
  t.like(ask("a.b", { qualifySingle: true }), { kind: "notFound", why: "noDomain" });
});

test("a name that dns_check_names_pattern refuses is not asked for, and the reason is told", (t) => {
  const found = mx({ "x.test MX": ["10 m2.test"] }, { domain: "X.test" }, { validName: () => false });
  t.deepEqual(found, { kind: "notFound", why: "badName", message: 'mail domain "x.test" is syntactically invalid' });
});

test("an address without brackets is no domain", (t) => {
  t.is(shown(mx({}, { domain: "192.0.2.1" })), "noDomain");
});
