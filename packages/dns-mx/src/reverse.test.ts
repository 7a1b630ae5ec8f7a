import test from "ava";
import type { HostNames } from "@mailkit/sdk";
import { findHostNames } from "./reverse.ts";
import { dnsOf, noShuffle, type ZoneData } from "./testing/zone.ts";

const PTR = "1.2.0.192.in-addr.arpa PTR";
const shown = (names: HostNames) => (names.kind === "names" ? names.names.join(",") : `${names.kind}: ${names.message}`);
const files = {
  derived: (_: string, __: string, derive: (content: string) => unknown) => ({ value: derive("192.0.2.1 file.test alias.test\n") }),
} as never;

function names(zone: ZoneData, extra: object = {}, address = "192.0.2.1"): string {
  return shown(findHostNames(address, { dns: dnsOf(zone), random: noShuffle, isInterface: () => false, ...extra }) as HostNames);
}

const table: [string, ZoneData, string][] = [
  ["confirmed", { [PTR]: ["A.test"], "a.test A": ["192.0.2.1"] }, "a.test"],
  ["one of two leads back", { [PTR]: ["b.test", "a.test"], "a.test A": ["192.0.2.1"], "b.test A": ["192.0.2.2"] }, "a.test"],
  ["does not lead back", { [PTR]: ["b.test"], "b.test A": ["192.0.2.2"] }, "unknown: 192.0.2.1 does not match any IP address for b.test"],
  ["leads nowhere", { [PTR]: ["b.test"] }, "unknown: no IP address found for host b.test"],
  ["none", {}, "unknown: no host name found for IP address 192.0.2.1"],
  ["PTR fails", { [PTR]: "servfail" }, "defer: host name lookup for 192.0.2.1 did not complete: servfail"],
  ["the way back fails", { [PTR]: ["b.test"], "b.test A": "timeout" }, "defer: lookup of host name b.test did not complete: timeout"],
  ["names that are no host names", { [PTR]: ["evil$name\n.test"] }, "unknown: no host name found for IP address 192.0.2.1"],
];
for (const [title, zone, expected] of table) test(`reverse: ${title}`, (t) => t.is(names(zone), expected));

test("hosts file after DNS, or before, with its aliases", (t) => {
  const forward = { "a.test A": ["192.0.2.1"], "file.test A": ["192.0.2.1"], [PTR]: ["a.test"] };
  t.is(names({ "other.test A": ["192.0.2.9"] }, { files }), "file.test,alias.test");
  t.is(names(forward, { files, hostLookupOrder: ["byaddr", "bydns"] }), "file.test,alias.test");
  t.is(names(forward, { files }), "a.test");
  t.is(names(forward, { files, hostLookupOrder: [] }), "unknown: no host name found for IP address 192.0.2.1");
});

test("IPv6 and mapped IPv4", (t) => {
  t.is(names({ [PTR]: ["a.test"], "a.test A": ["192.0.2.1"] }, {}, "::ffff:192.0.2.1"), "a.test");
  const six = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR";
  t.is(names({ [six]: ["s.test"], "s.test AAAA": ["2001:0db8::0001"] }, {}, "2001:db8::1"), "s.test");
});
