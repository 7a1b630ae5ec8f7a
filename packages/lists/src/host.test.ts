import test from "ava";
import type { HostNames, ListResult } from "@mailkit/sdk";
import { bench, host, type World } from "./test-support.ts";

const WORLD: World = {
  files: { "/nets": "172.16.0.0/12 # private\n3ffe:ffff:836f::/48\n!9.9.9.9\n*.named.ex\n+include_unknown\n" },
  lookups: {
    "lsearch;/h;1.2.3.4": "by address",
    "lsearch;/h;192.168.34.0/24": "by net",
    "lsearch;/h;2001.0db8.0000.0000.0000.0000.0000.0001": "dotted",
    "lsearch;/h;2001.0db8.0000.0000.0000.0000.0000.0000/64": "dotted net",
    "iplsearch;/h;2001:0db8:0000:0000:0000:0000:0000:0001": "colons",
    "lsearch;/h;mail.named.ex": "by name",
    "passwd;root": "query",
    "lsearch;/h;7.7.7.7": "defer:cannot open",
  },
  named: {
    "host:relay": "10.0.0.0/8 : good.ex",
    "host:names": "*.named.ex : 5.5.5.5",
    "host:neg": "!1.2.3.4",
  },
  addresses: { "good.ex": ["6.6.6.6", "2001:db8::6"], "slow.ex": "defer", "MyHost.ex": ["4.4.4.4"] },
};

const NAMED: HostNames = { kind: "names", names: ["Mail.named.ex", "alias.other.ex"] };
const UNKNOWN: HostNames = { kind: "unknown", message: "no host name found for IP address" };
const SLOW: HostNames = { kind: "defer", message: "host lookup did not complete" };

type Row = readonly [list: string, address: string | undefined, names: HostNames, kind: ListResult["kind"], data?: string];

const CASES: readonly Row[] = [
  // No host.
  [":", undefined, UNKNOWN, "yes"],
  [":", "1.2.3.4", UNKNOWN, "no"],
  ["*", undefined, UNKNOWN, "yes"],
  ["*", "1.2.3.4", UNKNOWN, "yes"],
  ["1.2.3.4 : *.x : good.ex : net-lsearch;/h : passwd;root", undefined, UNKNOWN, "no"],
  ["!*.x : *", undefined, UNKNOWN, "yes"],
  // Addresses.
  ["1.2.3.5 : !1.2.3.4/32 : *", "1.2.3.4", UNKNOWN, "no"],
  ["192.168.23.236/31", "192.168.23.237", UNKNOWN, "yes"],
  ["192.168.23.236/31", "192.168.23.238", UNKNOWN, "no"],
  ["1.2.3.4/33", "1.2.3.4", UNKNOWN, "yes"],
  ["1.2.3.4/", "1.2.3.4", UNKNOWN, "yes"],
  ["1.2.3.0/24", "::ffff:1.2.3.4", UNKNOWN, "yes"],
  ["<; ::ffff:1.2.3.4", "1.2.3.4", UNKNOWN, "no"],
  ["<; 172.16.0.0/12; 3ffe:ffff:836f::/48", "3FFE:FFFF:836F:1::9", UNKNOWN, "yes"],
  ["3ffe::ffff::836f::::/48", "3ffe:ffff:836f::1", UNKNOWN, "yes"],
  ["@[]", "127.0.0.1", UNKNOWN, "yes"],
  ["@[]", "1.2.3.4", UNKNOWN, "no"],
  // Lookups by address.
  ["net-lsearch;/h", "1.2.3.4", UNKNOWN, "yes", "by address"],
  ["net-lsearch;/h", "::ffff:1.2.3.4", UNKNOWN, "yes", "by address"],
  ["net24-lsearch;/h", "192.168.34.6", UNKNOWN, "yes", "by net"],
  ["net32-lsearch;/h", "1.2.3.4", UNKNOWN, "no"],
  ["net-lsearch;/h", "2001:db8::1", UNKNOWN, "yes", "dotted"],
  ["net64-lsearch;/h", "2001:db8::1", UNKNOWN, "yes", "dotted net"],
  ["net-iplsearch;/h", "2001:db8::1", UNKNOWN, "yes", "colons"],
  ["net-passwd;root", "1.2.3.4", UNKNOWN, "yes", "query"],
  ["passwd;root", "1.2.3.4", UNKNOWN, "yes", "query"],
  ["net-lsearch;/h", "7.7.7.7", UNKNOWN, "defer"],
  // Names: forward for plain ones, reverse for patterns.
  ["good.ex", "6.6.6.6", UNKNOWN, "yes"],
  ["good.ex", "2001:db8:0::6", UNKNOWN, "yes"],
  ["good.ex", "6.6.6.7", UNKNOWN, "no"],
  ["@", "4.4.4.4", UNKNOWN, "yes"],
  ["*.named.ex", "1.2.3.4", NAMED, "yes", "*.named.ex"],
  ["*.other.ex", "1.2.3.4", NAMED, "yes", "*.other.ex"],
  ["^(?i)mail\\.", "1.2.3.4", NAMED, "yes", "^(?i)mail\\."],
  ["^ail", "1.2.3.4", NAMED, "no"],
  ["lsearch;/h", "1.1.1.1", NAMED, "yes", "by name"],
  // Unknown.
  ["*.x.example : 1.2.3.4", "1.2.3.4", UNKNOWN, "no"],
  ["1.2.3.4 : *.x.example", "1.2.3.4", UNKNOWN, "yes"],
  ["nowhere.ex : 1.2.3.4", "1.2.3.4", UNKNOWN, "no"],
  ["!*.x.example : 1.2.3.4", "1.2.3.4", UNKNOWN, "no"],
  ["+ignore_unknown : *.x.example : 1.2.3.4", "1.2.3.4", UNKNOWN, "yes"],
  ["+ignore_unknown : nowhere.ex : 1.2.3.4", "1.2.3.4", UNKNOWN, "yes"],
  ["+include_unknown : *.enemy.ex", "1.2.3.4", UNKNOWN, "yes"],
  ["+include_unknown : *.enemy.ex", "1.2.3.4", NAMED, "no"],
  ["+include_unknown : +ignore_unknown : *.enemy.ex", "1.2.3.4", UNKNOWN, "no"],
  ["+include_unknown : +names : 5.5.5.5", "5.5.5.5", UNKNOWN, "yes"],
  ["+include_unknown : +names", "5.5.5.5", UNKNOWN, "no"],
  ["!+names", "5.5.5.5", UNKNOWN, "yes"],
  ["/nets", "8.8.8.8", UNKNOWN, "no"],
  ["+include_unknown", "8.8.8.8", UNKNOWN, "no"],
  // Not for now.
  ["*.x.example : 1.2.3.4", "1.2.3.4", SLOW, "defer"],
  ["+ignore_defer : *.x.example : 1.2.3.4", "1.2.3.4", SLOW, "yes"],
  ["+include_defer : *.x.example", "1.2.3.4", SLOW, "yes"],
  ["slow.ex", "1.2.3.4", UNKNOWN, "defer"],
  ["+ignore_unknown : slow.ex : *", "1.2.3.4", UNKNOWN, "defer"],
  // Files and named lists.
  ["/nets", "172.20.1.1", UNKNOWN, "yes"],
  ["/nets", "9.9.9.9", NAMED, "no"],
  ["/nets", "3ffe:ffff:836f::7", UNKNOWN, "yes"],
  ["+relay", "10.9.8.7", UNKNOWN, "yes"],
  ["+relay", "6.6.6.6", UNKNOWN, "yes"],
  ["! +relay : *", "10.9.8.7", UNKNOWN, "no"],
  ["+neg : 1.2.3.4", "1.2.3.4", UNKNOWN, "yes"],
];

for (const [source, address, names, kind, data] of CASES) {
  test(`${source} | ${address} ${names.kind} => ${kind}`, (t) => {
    const { scope, list } = bench(WORLD);
    const result = list("host", source).match(host(address, names), scope);
    if (result instanceof Promise) return t.fail("must not wait");
    t.is(result.kind, kind);
    if (result.kind === "yes") t.is(result.data?.text, data);
  });
}

test("a line +include_unknown of a file is a name, not a directive", (t) => {
  const { scope, list } = bench({ files: { "/f": "+include_unknown\n10.0.0.1\n" } });
  t.like(list("host", "/f").match(host("10.0.0.1"), scope), { kind: "no", item: "+include_unknown" });
});

/** `match_ip`: manual §"Expansion conditions"; results seen on Exim 4.96. */
const MATCH_IP: readonly (readonly [string, string, "yes" | "no", string?])[] = [
  ["lsearch;/h", "1.2.3.4", "yes", "by address"],
  ["iplsearch;/h", "2001:db8::1", "yes", "colons"],
  ["good.ex : 6.6.6.6", "6.6.6.6", "no"],
  ["^1 : *", "1.2.3.4", "no"],
  ["@", "4.4.4.4", "no"],
  ["+include_unknown : foo", "1.2.3.4", "yes"],
  ["+ignore_unknown : foo : 1.2.3.4", "1.2.3.4", "yes"],
];

function notAsked(): HostNames {
  throw new Error("names are not asked for");
}

for (const [source, address, kind, data] of MATCH_IP) {
  test(`match_ip ${address} in ${source} => ${kind}`, (t) => {
    const { scope, list } = bench(WORLD);
    const result = list("host", source).match({ address, names: notAsked, addressOnly: true }, scope) as ListResult;
    t.is(result.kind, kind);
    if (result.kind === "yes") t.is(result.data?.text, data);
    t.deepEqual(list("host", source, { addressOnly: true }).match({ address, names: notAsked }, scope), result);
  });
}

test("names are asked for only when an item needs them, and can be waited for", async (t) => {
  const { scope, list } = bench(WORLD);
  let asked = 0;
  const names = (): Promise<HostNames> => {
    asked++;
    return Promise.resolve(NAMED);
  };
  const mixed = list("host", "1.2.3.4 : *.named.ex : !9.9.9.9");
  t.like(mixed.match({ address: "1.2.3.4", names }, scope), { kind: "yes" });
  t.is(asked, 0);
  t.like(await mixed.match({ address: "1.2.3.5", names }, scope), { kind: "yes", item: "*.named.ex" });
  t.is(asked, 1);
  t.like(await list("host", "*.nope.ex : !9.9.9.9").match({ address: "9.9.9.9", names }, scope), { kind: "no", item: "!9.9.9.9" });
});

test("a long run of addresses is an index with the same answers", (t) => {
  const { scope, list } = bench(WORLD);
  const many = list("host", `${Array.from({ length: 50 }, (_, i) => `10.0.0.${i}`).join(" : ")} : 10.1.0.0/16`);
  t.like(many.match(host("10.0.0.33"), scope), { kind: "yes", item: "10.0.0.33" });
  t.like(many.match(host("::ffff:10.0.0.33"), scope), { kind: "yes", item: "10.0.0.33" });
  t.like(many.match(host("10.1.0.33"), scope), { kind: "yes", item: "10.1.0.0/16" });
  t.like(many.match(host("10.0.0.50"), scope), { kind: "no" });
});
