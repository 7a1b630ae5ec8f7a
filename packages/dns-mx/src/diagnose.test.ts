import test from "ava";
import { diagnoseMx, type MxDiagnosis } from "./diagnose.ts";
import { dnsOf, noShuffle, type ZoneData } from "./testing/zone.ts";

const diagnose = (zone: ZoneData) =>
  diagnoseMx("Machin.com.", { dns: dnsOf(zone), random: noShuffle, isInterface: () => false }) as MxDiagnosis;
const faults = (zone: ZoneData) => diagnose(zone).faults.map((fault) => fault.kind);

const GOOD: ZoneData = { "mx1.machin.com A": ["198.51.100.1"] };
const table: [string, ZoneData, readonly string[]][] = [
  ["1 final dot missing", { "machin.com MX": ["10 mx1.machin.com.machin.com"] }, ["missing-dot"]],
  [
    "1 final dot missing, other domain",
    { "machin.com MX": ["10 mx.other.org.machin.com"], "mx.other.org A": ["198.51.100.2"] },
    ["missing-dot"],
  ],
  ["2 alias", { "machin.com MX": ["10 al.machin.com"], "al.machin.com CNAME": ["mx1.machin.com"] }, ["alias"]],
  ["3 no such host", { "machin.com MX": ["10 gone.machin.com"] }, ["no-such-host"]],
  ["4 an address", { "machin.com MX": ["10 198.51.100.7"] }, ["address-instead-of-name"]],
  ["6 SERVFAIL", { "machin.com MX": "servfail" }, ["servfail"]],
  [
    "7 silly addresses",
    { "machin.com MX": ["10 m.machin.com"], "m.machin.com A": ["127.0.0.1", "10.1.1.1", "198.51.100.3"] },
    ["silly-address", "silly-address"],
  ],
  ["null MX beside others", { "machin.com MX": ["0 ", "10 mx1.machin.com"] }, ["null-mx-not-alone"]],
  ["nothing wrong", { "machin.com MX": ["10 mx1.machin.com"] }, []],
];
for (const [title, zone, expected] of table) test(`fault ${title}`, (t) => t.deepEqual(faults({ ...GOOD, ...zone }), expected));

test("fault 5, no preference: the answer cannot be read", (t) => {
  const dns = { query: () => ({ kind: "defer", reason: "malformed", message: "MX data too short" }) as const };
  const report = diagnoseMx("x.test", { dns, random: noShuffle, isInterface: () => false }) as MxDiagnosis;
  t.deepEqual(
    report.faults.map((fault) => fault.kind),
    ["malformed"],
  );
});

test("kinds, and what delivery would do", (t) => {
  t.like(diagnose({ ...GOOD, "machin.com MX": ["20 gone.test", "10 mx1.machin.com"] }), {
    kind: "mx",
    domain: "machin.com",
    result: { kind: "found", hosts: [{ address: "198.51.100.1" }] },
    records: [
      { preference: 10, status: "usable" },
      { preference: 20, status: "no such host" },
    ],
  });
  t.is(diagnose({ "machin.com A": ["198.51.100.1"] }).kind, "addresses");
  t.is(diagnose({ "machin.com MX": ["0 "] }).kind, "null mx");
  t.is(diagnose({}).kind, "no such domain");
  t.is(diagnose({ "machin.com TXT": ["x"] }).kind, "no mail host");
});
