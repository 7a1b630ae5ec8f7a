import { fromUnicode } from "@mailkit/sdk";
import test from "ava";
import fc from "fast-check";
import { makeTimedCache } from "./cache.ts";
import { parseHostsFile } from "./hosts-file.ts";
import { interfaceAddresses } from "./local.ts";
import { canonicalAddress, fitsWire, isLoopback, mixCase, reversedAddress, reverseName, sameAddress } from "./names.ts";
import { orderSrv } from "./order.ts";
import { parseResolvConf, parseServers } from "./resolv-conf.ts";
import { defaultValidName, withDnsRules } from "./rules.ts";
import { dnsOf, fixedRandom } from "./testing/zone.ts";

test("addresses", (t) => {
  t.is(reversedAddress("192.0.2.1"), "1.2.0.192");
  t.is(reverseName("::1"), `1.${"0.".repeat(31)}ip6.arpa`);
  t.is(reversedAddress("no"), undefined);
  t.is(canonicalAddress("::ffff:1.2.3.4"), "1.2.3.4");
  t.true(sameAddress("2001:DB8::1", "2001:db8:0:0::0001"));
  t.true(isLoopback("127.9.9.9") && isLoopback("::1") && isLoopback("::ffff:127.0.0.1"));
  t.false(isLoopback("128.0.0.1") || isLoopback("::2"));
});

test("names on the wire", (t) => {
  for (const good of ["", "a", "a.b.", "x".repeat(63)]) t.true(fitsWire(good), good);
  for (const bad of ["a..b", ".a", "x".repeat(64), "a.".repeat(127) + "b"]) t.false(fitsWire(bad), bad);
  t.is(mixCase("ab-c1", Buffer.from([0b10101])), "Ab-c1");
  t.is(mixCase("abcdef", Buffer.from([0xff])), "ABCDEF");
});

test("dns_check_names_pattern", (t) => {
  for (const good of ["a", "a.b", "a-b.c", "0/25.2.1", "a_b.c", "_a.b_"]) t.true(defaultValidName(good), good);
  for (const bad of ["", "-a.b", "a-.b", "a..b", "a b", "a.b."]) t.false(defaultValidName(bad), bad);
  const dns = dnsOf({ "_25._tcp.a.b TLSA": ["x"] });
  const ruled = withDnsRules(dns, { validName: defaultValidName });
  t.like(ruled.query({ name: "a+b.c", type: "A" }), { kind: "noDomain" });
  t.deepEqual(dns.asked, []);
  t.like(ruled.query({ name: "_25._tcp.a.b", type: "TLSA" }), { kind: "found" });
});

test("U-labels are asked for as A-labels", (t) => {
  const dns = dnsOf({ "xn--bcher-kva.test A": ["192.0.2.1"] });
  const ruled = withDnsRules(dns, { validName: defaultValidName });
  t.like(ruled.query({ name: fromUnicode("bücher.test"), type: "A" }), { kind: "found" });
  t.like(ruled.query({ name: "\xff\xfe.test", type: "A" }), { kind: "noDomain" });
  t.deepEqual(dns.asked, ["xn--bcher-kva.test A"]);
});

test("dns_again_means_nonexist: not for TLSA", (t) => {
  const ruled = withDnsRules(dnsOf({ "x.test A": "servfail", "x.test TLSA": "servfail" }), {
    againMeansNonexist: (name) => name === "x.test",
  });
  t.is((ruled.query({ name: "x.test", type: "A" }) as { kind: string }).kind, "noDomain");
  t.is((ruled.query({ name: "x.test", type: "TLSA" }) as { kind: string }).kind, "defer");
});

test("cache: least used goes first, time ends all", (t) => {
  const cache = makeTimedCache<number>(2);
  cache.set("a", 1, 0, 10);
  cache.set("b", 2, 0, 10);
  cache.get("a", 1);
  cache.set("c", 3, 0, 10);
  t.deepEqual([cache.get("a", 1), cache.get("b", 1), cache.get("c", 1)], [1, undefined, 3]);
  t.is(cache.get("a", 10_000), undefined);
  cache.set("z", 1, 0, 0);
  t.is(cache.size, 1);
  cache.set("ahead", 1, 9_000_000, 10);
  t.is(cache.get("ahead", 1), undefined, "the clock was set back: who knows how old it is");
});

test("the least used of the cache goes, whatever was asked and taken out before", (t) => {
  const step = fc.tuple(fc.constantFrom("get", "set", "set", "late", "clear"), fc.nat(9));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const cache = makeTimedCache<number>(4);
      let model: number[] = [];
      steps.forEach(([what, key], i) => {
        if (what === "clear" && i % 7 !== 0) return;
        if (what === "clear") cache.clear();
        if (what === "set") cache.set(`k${key}`, key, 0, 10);
        if (what === "get") t.is(cache.get(`k${key}`, 1), model.includes(key) ? key : undefined);
        if (what === "late") cache.get(`k${key}`, 20_000);
        const others = model.filter((known) => known !== key);
        if (what === "clear") model = [];
        else if (what === "set" || (what === "get" && model.includes(key))) model = [...others, key].slice(-4);
        else if (what === "late") model = others;
        t.is(cache.size, model.length);
      });
      for (const key of model) t.is(cache.get(`k${key}`, 1), key);
    }),
  );
});

test("resolv.conf", (t) => {
  const settings = parseResolvConf(
    "# x\nnameserver 192.0.2.1\nnameserver ::1 ; y\nnameserver no\nsearch a.b c\noptions timeout:3 attempts:9 trust-ad rotate\n",
  );
  t.deepEqual(settings, {
    servers: [
      { address: "192.0.2.1", port: 53 },
      { address: "::1", port: 53 },
    ],
    trustAd: true,
    retrans: 3000,
    retry: 5,
    rotate: true,
    search: ["a.b", "c"],
  });
  t.deepEqual(parseResolvConf("").servers, [{ address: "127.0.0.1", port: 53 }]);
  fc.assert(fc.property(fc.string(), (text) => (parseResolvConf(text), parseHostsFile(text), parseServers(text), true)));
});

test("MAILKIT_DNS", (t) => {
  t.deepEqual(parseServers("127.0.0.1:5301, [::1]:54,::1"), [
    { address: "127.0.0.1", port: 5301 },
    { address: "::1", port: 54 },
    { address: "::1", port: 53 },
  ]);
  for (const bad of ["", "host:53", "127.0.0.1:0", "127.0.0.1:x", "127.0.0.1:99999"]) t.is(typeof parseServers(bad), "string", bad);
});

test("SRV: priority, then weight by draw; weight 0 has a small chance only", (t) => {
  const record = (data: string, preference: number, weight: number) => ({
    name: "x",
    type: "SRV" as const,
    ttl: 1,
    data,
    preference,
    weight,
    port: 25,
  });
  const records = [record("late", 2, 0), record("big", 1, 90), record("small", 1, 10), record("zero", 1, 0)];
  const names = (...draws: number[]) => orderSrv(records, fixedRandom(...draws)).map((host) => host.name);
  // Three draws shuffle four records at first: keep them (3, 2, 1), then draw tickets.
  t.deepEqual(names(0, 0, 0).at(-1), "late");
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 12 }), (draws) => {
      const order = names(...draws);
      return new Set(order).size === 4 && order.at(-1) === "late";
    }),
  );
});

const clock = { now: () => 0, sleep: async () => {} };

test("own addresses: of all interfaces by default, loopback among them, nothing else of 127/8", (t) => {
  const isLocal = interfaceAddresses(clock);
  t.true(isLocal("127.0.0.1"));
  t.false(isLocal("127.0.0.2") || isLocal("192.0.2.222"));
});

test("own addresses: listed ones only, unless a wildcard is among them", (t) => {
  const listed = interfaceAddresses(clock, { listed: ["2001:DB8::9"] });
  t.true(listed("2001:db8:0::9"));
  t.false(listed("127.0.0.1"));
  const both = interfaceAddresses(clock, { listed: ["2001:DB8::9", "0.0.0.0"] });
  t.true(both("2001:db8::9") && both("127.0.0.1"));
  t.false(both("::1"), "the other family has no wildcard");
});
