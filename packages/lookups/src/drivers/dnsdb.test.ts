import test from "ava";
import * as fc from "fast-check";
import type { DnsAnswer, DnsRecord, DnsType } from "@mailkit/sdk";
import { bench, type World } from "../test-support.ts";
import { parseDnsdbQuery } from "../dnsdb/parse-query.ts";

function found(type: DnsType, records: readonly Partial<DnsRecord>[], secure = false): DnsAnswer {
  const full = records.map((record) => ({ name: "n", type, ttl: 60, data: "", ...record }));
  return { kind: "found", records: full, name: "n", secure, ttl: 60 };
}

const DOWN: DnsAnswer = { kind: "defer", reason: "servfail", message: "server failure" };

const DNS: World["dns"] = {
  "A one.ex": found("A", [{ data: "1.1.1.1" }, { data: "1.1.1.2" }]),
  "AAAA one.ex": found("AAAA", [{ data: "2001:db8::1" }]),
  "A two.ex": found("A", [{ data: "2.2.2.2" }], true),
  "A down.ex": DOWN,
  "MX one.ex": found("MX", [
    { preference: 10, data: "mx1.ex" },
    { preference: 20, data: "mx2.ex" },
  ]),
  "SRV _s._tcp.one.ex": found("SRV", [{ preference: 1, weight: 2, port: 3, data: "t.ex" }]),
  "TXT one.ex": found("TXT", [
    { data: "firstsecond", strings: ["first", "second"] },
    { data: "lone", strings: ["lone"] },
  ]),
  "SPF one.ex": found("SPF", [{ data: "v=spf1 -all", strings: ["v=spf1 ", "-all"] }]),
  "NS ex": found("NS", [{ data: "ns.ex" }]),
  "SOA b.ex": found("SOA", [{ data: "ns.b.ex", fields: ["ns.b.ex", "root.b.ex", "1", "2", "3", "4", "5"] }]),
  "TLSA _25._tcp.one.ex": found("TLSA", [{ data: "3 1 1 abcd", fields: ["3", "1", "1", "abcd"] }]),
  "CNAME w.ex": found("CNAME", [{ data: "real.ex" }]),
  "PTR 5.4.168.192.in-addr.arpa": found("PTR", [{ data: "h.ex" }]),
  [`PTR 1.${"0.".repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`]: found("PTR", [{ data: "six.ex" }]),
  "PTR odd.name": found("PTR", [{ data: "odd.ex" }]),
  "SRV _client._smtp.yes.ex.com": found("SRV", [{ preference: 1, weight: 2, port: 0, data: "yes.ex.com" }]),
  "SRV _client._smtp.no.ex.com": found("SRV", [{ preference: 1, weight: 1, port: 0, data: "no.ex.com" }]),
  "SRV _client._smtp.strict.com": found("SRV", [{ preference: 1, weight: 2, port: 1, data: "strict.com" }]),
};

/** Query, text (undefined = not found). Manual §"More about dnsdb" to §"Multiple dnsdb lookups". */
const CASES: readonly (readonly [string, string | undefined])[] = [
  ["a=one.ex", "1.1.1.1\n1.1.1.2"],
  ["A = one.ex", "1.1.1.1\n1.1.1.2"],
  [">: a=one.ex", "1.1.1.1:1.1.1.2"],
  ["> a=one.ex", "1.1.1.1 1.1.1.2"],
  ["a=one.ex:two.ex", "1.1.1.1\n1.1.1.2\n2.2.2.2"],
  ["a=<; one.ex ; two.ex", "1.1.1.1\n1.1.1.2\n2.2.2.2"],
  ["a=nope.ex", undefined],
  ["a=", undefined],
  ["", undefined],
  ["a=down.ex:two.ex", "2.2.2.2"],
  ["defer_never,a=down.ex", undefined],
  [">; a+=one.ex", "2001:db8::1;1.1.1.1;1.1.1.2"],
  ["mx=one.ex", "10 mx1.ex\n20 mx2.ex"],
  [">:,- mx=one.ex", "10-mx1.ex:20-mx2.ex"],
  ["mxh=one.ex", "mx1.ex\nmx2.ex"],
  ["srv=_s._tcp.one.ex", "1 2 3 t.ex"],
  ["one.ex", "first\nlone"],
  ["txt=one.ex", "first\nlone"],
  [">\n,: txt=one.ex", "first:second\nlone"],
  [">\n; txt=one.ex", "firstsecond\nlone"],
  ["spf=one.ex", "v=spf1 -all"],
  ["zns=a.b.ex", "ns.ex"],
  ["zns=a.b.other", undefined],
  ["soa=a.x.b.ex", "ns.b.ex"],
  [">:,; soa=a.b.ex", "ns.b.ex;root.b.ex;1;2;3;4;5"],
  ["tlsa=_25._tcp.one.ex", "3 1 1 abcd"],
  ["cname=w.ex", "real.ex"],
  ["ptr=192.168.4.5", "h.ex"],
  ["ptr=2001:db8::1", "six.ex"],
  ["ptr = <; 192.168.4.5 ; 2001:db8::1", "h.ex\nsix.ex"],
  ["ptr=odd.name", "odd.ex"],
  ["csa=yes.ex.com", "Y yes.ex.com"],
  ["csa=no.ex.com", "N no.ex.com"],
  ["csa=a.b.strict.com", "X strict.com"],
  ["csa=a.b.c.d.e.f.g.strict.com", undefined],
  ["dnssec_strict,a=two.ex", "2.2.2.2"],
];

for (const [query, text] of CASES) {
  for (const later of [false, true]) {
    test(`dnsdb{${JSON.stringify(query)}}${later ? ", later" : ""}`, async (t) => {
      const expected = text === undefined ? { kind: "notFound" as const } : { kind: "found" as const, text };
      t.deepEqual(await bench({ dns: DNS, later }).find("dnsdb", query), expected);
    });
  }
}

/** Texts of Exim 4.96 where it has them. */
const DEFERRED: readonly (readonly [string, string])[] = [
  ["zz=x", "unsupported DNS record type"],
  ["defer_foo,a=x", "unsupported dnsdb defer behaviour"],
  ["dnssec_foo,a=x", "unsupported dnsdb dnssec behaviour"],
  ["retrans_x,a=x", "unsupported dnsdb timeout value"],
  ["retry_x,a=x", "dnsdb modifier syntax error"],
  ["a=down.ex", "server failure"],
  ["defer_strict,a=two.ex:down.ex", "server failure"],
  ["dnssec_strict,a=one.ex", "DNS answer for one.ex is not authenticated"],
];

for (const [query, message] of DEFERRED) {
  test(`dnsdb{${query}} defers`, (t) => t.deepEqual(bench({ dns: DNS }).find("dnsdb", query), { kind: "defer", message }));
}

test("wishes reach the resolver", (t) => {
  const { find, asked } = bench({ dns: DNS });
  find("dnsdb", "dnssec_never,retrans_1m5s,retry_3,a=one.ex");
  t.deepEqual(asked, [{ name: "one.ex", type: "A", dnssec: false, retransmit: 65_000, retries: 3 }]);
});

test("any text is a query or a fault", (t) => {
  const text = fc.string({ unit: fc.constantFrom(">", ",", ";", ":", "=", " ", "a", "mx", "defer_", "lax", "retry_", "1", "s", ".") });
  fc.assert(fc.property(text, (query) => ["string", "object"].includes(typeof parseDnsdbQuery(query))));
  t.pass();
});
