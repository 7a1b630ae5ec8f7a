import test from "ava";
import type { LookupDriver } from "@mailkit/sdk";
import { lookupCompliance } from "@mailkit/sdk/testing";
import fc from "fast-check";
import * as ldapts from "ldapts";
import { parseFilter } from "./filter.ts";
import { ldapDrivers } from "./index.ts";
import type { Answer } from "./client.ts";
import { parseQuery } from "./query.ts";
import { quoteDn, quoteFilter } from "./quote.ts";
import { resultOf, type LdapEntry } from "./result.ts";
import { serversOf } from "./servers.ts";
import { tlsSettings } from "./tls.ts";
import { parseLdapUrl, type LdapUrl } from "./url.ts";

test("quoting, as Exim 4.96 does it", (t) => {
  t.is(quoteFilter(" a(bc)*, a<yz>; "), "%20a%5C28bc%5C29%5C2A%2C%20a%3Cyz%3E%3B%20");
  t.is(quoteFilter("\\\xe9!$'-._+/~=&?%"), "%5C5C%E9!$'-._+%2F%7E%3D%26%3F%25");
  t.is(quoteDn(" a(bc)*, a<yz>; "), "%5C%20a(bc)*%5C%2C%20a%5C%3Cyz%5C%3E%5C%3B%5C%20");
  t.is(quoteDn("  ab"), "%5C%20%5C%20ab");
  t.is(quoteDn("##ab#"), "%5C%23%5C%23ab%23");
  t.is(quoteDn("#x "), "%5C%23x%5C%20");
  t.is(quoteDn(" "), "%5C%20");
  t.is(quoteDn(""), "");
});

test("URLs", (t) => {
  const base = { scheme: "ldap", host: "", base: "", attributes: [], scope: "base", filter: "(objectClass=*)" };
  t.deepEqual(parseLdapUrl("ldap://") as unknown, base);
  t.deepEqual(parseLdapUrl("LDAPS://h:7/o=a%20b,c=d?x,y?SUB?(u=%2A)?ext") as unknown, {
    ...base,
    scheme: "ldaps",
    host: "h:7",
    base: "o=a b,c=d",
    attributes: ["x", "y"],
    scope: "sub",
    filter: "(u=*)",
  });
  t.deepEqual(parseLdapUrl("ldapi://%2Ftmp%2Fsock/o=b??one?u=v") as unknown, {
    ...base,
    scheme: "ldapi",
    host: "/tmp/sock",
    base: "o=b",
    scope: "one",
    filter: "(u=v)",
  });
  t.regex(
    parseLdapUrl("ldap:/127.0.0.1:13890/o=base") as string,
    /does not start with .* \(it starts with "ldap:\/127\.0\.0\.1:\.\.\."\)$/,
  );
  t.regex(parseLdapUrl("ldap:///o?a?bad") as string, /bad scope "bad"/);
});

/** Query, what it says or the fault. */
const QUERIES: readonly (readonly [string, object | string])[] = [
  ["ldap:///o=b", { user: undefined, password: undefined, servers: undefined, size: 0, time: 0, netTime: 0, dereference: "never" }],
  ['user="cn=a b,o=c" pass=se%20cret ldap:///', { user: "cn=a b,o=c", password: "se%20cret" }],
  ['  USER=cn%3Da pass="a\\"b\\\\c\\x41\\n"  ldap:///', { user: "cn=a", password: 'a"b\\cA\n' }],
  ["user= pass= ldap:///", { user: "", password: "" }],
  [
    "connect=3 time=4 size=5 servers=a::1:b dereference=FINDING ldap:///",
    { netTime: 3, time: 4, size: 5, servers: "a::1:b", dereference: "find" },
  ],
  ["time=x dereference=what ldap:///", { time: 0, dereference: "never" }],
  ["referrals=what ldap:///", 'LDAP option REFERRALS is not "follow" or "nofollow"'],
  ["foo=1 ldap:///", 'unknown parameter "foo=" precedes LDAP URL'],
  ["user=a pass = b ldap:///", 'unknown parameter "pass =" precedes LDAP URL'],
  ['user="a"pass=b ldap:///', "malformed parameter setting precedes LDAP URL"],
  ['user="a ldap:///', "malformed parameter setting precedes LDAP URL"],
  ["user=a", "malformed parameter setting precedes LDAP URL"],
  ["http:///o=base", "malformed parameter setting precedes LDAP URL"],
];

for (const [text, said] of QUERIES) {
  test(`query: ${text}`, (t) => {
    const query = parseQuery(text);
    if (typeof said === "string") t.is(query as string, said);
    else t.like(query, said);
  });
}

test("no query makes the parser throw", (t) => {
  const word = fc.constantFrom("user=", "pass=", '"', "\\", " ", "ldap://", "a", "?", "%4", "=", "time=9");
  fc.assert(fc.property(fc.array(word), (words) => void t.notThrows(() => parseQuery(words.join("")))));
});

const entry = (dn: string, ...attributes: readonly (readonly [string, ...string[]])[]): LdapEntry => ({
  dn,
  attributes: attributes.map(([name, ...values]) => ({ name, values })),
});

test("results", (t) => {
  const one = entry("cn=x", ["a", "1,2", 'q"\\\n'], ["b", ""]);
  t.deepEqual(resultOf("ldap", [one], 1), { kind: "found", text: '1,,2,q"\\\n,', variables: { ldap_dn: "cn=x" } });
  t.deepEqual(resultOf("ldap", [one], 0), { kind: "found", text: 'a="1,,2,q\\"\\\\\\n" b=""', variables: { ldap_dn: "cn=x" } });
  t.deepEqual(resultOf("ldap", [entry("cn=x")], 0), { kind: "notFound" });
  t.deepEqual(resultOf("ldapdn", [entry("cn=x")], 0), { kind: "found", text: "cn=x", variables: { ldap_dn: "cn=x" } });
  t.like(resultOf("ldapdn", [entry("cn=x"), entry("cn=y")], 0), { kind: "defer" });
  const several = [entry("cn=o"), entry("cn=x", ["a", "1"]), entry("cn=y"), entry("cn=z", ["a", "2"])];
  t.deepEqual(resultOf("ldapm", several, 1), { kind: "found", text: "1\n\n2", variables: { ldap_dn: "cn=z" } });
  t.deepEqual(resultOf("ldapm", [], 1), { kind: "notFound" });
});

test("servers: the URL's, the list's, the library's", (t) => {
  const url = (text: string) => parseLdapUrl(text) as LdapUrl;
  const server = { path: undefined, host: "a", port: 389, secure: false };
  t.deepEqual(serversOf(url("ldap://a/"), "b"), [server]);
  t.deepEqual(serversOf(url("ldap:///"), "a : b::145 : /tmp/s : <"), [
    server,
    { ...server, host: "b", port: 145 },
    { ...server, path: "/tmp/s", host: "", port: 0 },
    { ...server, host: "<" },
  ]);
  t.deepEqual(serversOf(url("ldaps:///"), "a:/tmp/s"), [
    { ...server, port: 636, secure: true },
    { ...server, path: "/tmp/s", host: "", port: 0 },
  ]);
  t.deepEqual(serversOf(url("ldap:///"), undefined), [{ ...server, host: "localhost" }]);
  t.like(serversOf(url("ldapi:///"), undefined)[0], { path: "/var/run/slapd/ldapi" });
  t.deepEqual(serversOf(url("ldapi:///"), "a:/s")[0], { fault: 'ldapi requires an absolute path ("a" given)' });
  t.like(serversOf(url("ldap://[::1]:7/"), undefined)[0], { host: "::1", port: 7 });
});

test("filters: escapes are octets", (t) => {
  const filter = parseFilter("(&(cn=caf\\C3\\A9)(!(sn=a*\xc3\xa9*\\C3\\A9))(guid=\\ff\\00))", ldapts) as unknown as {
    filters: [{ value: Buffer }, { filter: { any: string[]; final: string } }, { value: Buffer }];
  };
  t.is(filter.filters[0].value.toString("utf8"), "caf\u{e9}");
  t.deepEqual([filter.filters[1].filter.any, filter.filters[1].filter.final], [["\u{e9}"], "\u{e9}"]);
  t.deepEqual([...filter.filters[2].value], [255, 0]);
  t.is(parseFilter("(cn=x", ldapts), undefined);
});

test("TLS settings", async (t) => {
  const host = (settings: Readonly<Record<string, string>>) =>
    ({
      setting: (name: string) => settings[name],
      files: {
        read: (path: string) => (path.startsWith("/c") ? `BEGIN ${path}` : { code: "ENOENT", message: "No such file" }),
        list: () => ["c1", "c2"],
      },
    }) as unknown as Parameters<typeof tlsSettings>[0];
  t.deepEqual(await tlsSettings(host({})), { startTls: false, options: { rejectUnauthorized: true } });
  const given = {
    ldap_start_tls: "yes",
    ldap_require_cert: "never",
    ldap_ca_cert_file: "/c",
    ldap_cert_file: "/cc",
    ldap_cert_key: "/ck",
    ldap_cipher_suite: "X",
  };
  t.deepEqual(await tlsSettings(host(given)), {
    startTls: true,
    options: { rejectUnauthorized: false, ca: "BEGIN /c", cert: "BEGIN /cc", key: "BEGIN /ck", ciphers: "X" },
  });
  t.like(await tlsSettings(host({ ldap_ca_cert_dir: "/c" })), { options: { ca: "\nBEGIN /c/c1\nBEGIN /c/c2" } });
  t.is((await tlsSettings(host({ ldap_cert_key: "/x" }))) as string, "ldap_cert_key: /x: No such file");
});

test("which faults send the query to the next server", async (t) => {
  const asked: string[] = [];
  const fault = { kind: "fault", stage: "search", message: "m", code: undefined } as const;
  const answers: Readonly<Record<string, Answer>> = {
    down: { ...fault, stage: "bind", next: true },
    refuses: { ...fault, code: 50, next: false },
    up: { kind: "entries", entries: [entry("cn=x", ["a", "1"])] },
    many: { kind: "entries", entries: [entry("cn=x", ["a", "1"]), entry("cn=y", ["a", "1"])] },
  };
  const [driver] = ldapDrivers({
    search: async ({ server }) => {
      asked.push(server.host);
      return answers[server.host] as Answer;
    },
    check: async ({ server }) => ({ ...fault, stage: "bind", code: server.host === "up" ? 49 : undefined, next: server.host !== "up" }),
    close: async () => {},
  });
  const host = (servers: string) => ({ setting: (name: string) => (name === "ldap_default_servers" ? servers : undefined) }) as never;
  const find = (servers: string) => driver?.find({ file: "", key: "ldap:///o=b?a", options: "" }, host(servers));
  t.like(await find("down:up:many"), { kind: "found", text: "1" });
  t.deepEqual(await find("refuses:up"), { kind: "defer", message: "ldap_search failed: m" });
  t.like(await find("many:up"), { kind: "defer" });
  t.deepEqual(await find("up:down:"), { kind: "found", text: "1", variables: { ldap_dn: "cn=x" } });
  t.deepEqual(await find("down"), { kind: "defer", message: "failed to bind the LDAP connection to server down:389 - m" });
  t.deepEqual(asked, ["down", "up", "refuses", "many", "up", "down"]);
  const check = (servers: string) => driver?.authenticate?.({ file: "", key: "user=u pass=p ldap:///", options: "" }, host(servers));
  t.deepEqual(await check("down:up"), { kind: "refused" });
  t.like(await check("down"), { kind: "defer" });
});

for (const index of [0, 1, 2]) {
  const make = () =>
    ldapDrivers({
      search: async ({ server, query }) => {
        if (server.host === "down") return { kind: "fault", stage: "bind", message: "refused", code: undefined, next: true };
        return { kind: "entries", entries: query.url.base === "o=none" ? [] : [entry("cn=x", ["a", "1"])] };
      },
      check: async () => undefined,
      close: async () => {},
    })[index] as LookupDriver;
  lookupCompliance(test, make, [
    { title: "an entry", key: "ldap:///o=b?a", settings: { ldap_default_servers: "down:up" }, expect: "found" },
    { title: "no entry", key: "ldap:///o=none?a", settings: { ldap_default_servers: "up" }, expect: "notFound" },
    { title: "no server", key: "ldap://down/o=b?a", expect: "defer" },
  ]);
}
