import test from "ava";
import type { RouterOutcome } from "@mailkit/sdk";
import { fakeRouterAddress, fakeRouterServices, routerCompliance, routerOptionValues } from "@mailkit/sdk/testing";
import type { FakeWorld } from "@mailkit/sdk/testing";
import { driver } from "./index.ts";

const WORLD: FakeWorld = {
  mx: {
    "two.test": [
      [20, "b.two.test"],
      [10, "a.two.test"],
    ],
    "mine.test": [[5, "me.test"]],
    "second.test": [
      [5, "a.two.test"],
      [10, "me.test"],
      [20, "b.two.test"],
    ],
    "null.test": "null",
    "again.test": "defer",
    "gone.test": [[10, "nowhere.test"]],
    "short.full.test": [[10, "a.two.test"]],
  },
  hosts: {
    "a.two.test": ["192.0.2.1"],
    "b.two.test": ["192.0.2.2"],
    "me.test": ["127.0.0.1"],
    "plain.test": ["192.0.2.3"],
    "self.test": ["127.0.0.1"],
  },
};

routerCompliance(test, driver, [
  { title: "a domain with MX", options: {}, world: WORLD, address: "x@two.test", expect: "ok" },
  { title: "a domain without records", options: {}, world: WORLD, address: "x@none.test", expect: "decline" },
  { title: "DNS does not answer", options: {}, world: WORLD, address: "x@again.test", expect: "defer" },
  { title: "check_srv, ipv4_only", options: { check_srv: "smtp", ipv4_only: "yes" }, world: WORLD, address: "x@two.test", expect: "ok" },
]);

interface Case {
  readonly why: string;
  readonly domain: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly purpose?: "verifySender";
  readonly expect: RouterOutcome | ((outcome: RouterOutcome) => boolean);
}

const declined = (message?: string) => (outcome: RouterOutcome) => outcome.kind === "decline" && outcome.message === message;

const CASES: readonly Case[] = [
  {
    why: "hosts in order of preference",
    domain: "two.test",
    expect: {
      kind: "ok",
      hosts: [
        { name: "a.two.test", address: "192.0.2.1", mx: 10, fromMx: true },
        { name: "b.two.test", address: "192.0.2.2", mx: 20, fromMx: true },
      ],
    },
  },
  {
    why: "no MX: the domain's own address",
    domain: "plain.test",
    expect: { kind: "ok", hosts: [{ name: "plain.test", address: "192.0.2.3", fromMx: false }] },
  },
  { why: "mx_domains: no address records", domain: "plain.test", options: { mx_domains: "plain.test" }, expect: declined() },
  { why: "null MX", domain: "null.test", expect: declined("an MX or SRV record indicated no SMTP service") },
  { why: "MX to nowhere", domain: "gone.test", expect: declined("all relevant MX records point to non-existent hosts") },
  {
    why: "fail_defer_domains",
    domain: "none.test",
    options: { fail_defer_domains: "*" },
    expect: { kind: "defer", message: "missing MX, or all MXs point to missing A records, and defer requested" },
  },
  {
    why: "no answer: deferred, and pass_on_timeout may take it",
    domain: "again.test",
    expect: { kind: "defer", message: "host lookup did not complete", timeout: true },
  },
  { why: "mx_fail_domains: as if there were no MX", domain: "again.test", options: { mx_fail_domains: "*" }, expect: declined() },
  {
    why: "this host is the best MX",
    domain: "mine.test",
    expect: (o) =>
      o.kind === "ok" && o.localHost?.message === "lowest numbered MX record points to local host" && o.localHost.name === "me.test",
  },
  {
    why: "this host by address",
    domain: "self.test",
    expect: (o) => o.kind === "ok" && o.localHost?.message === "remote host address is the local host",
  },
  {
    why: "this host is a later MX: it and what is behind it goes",
    domain: "second.test",
    expect: (o) => o.kind === "ok" && o.hosts?.length === 1 && o.localHost === undefined,
  },
  { why: "check_secondary_mx holds", domain: "second.test", options: { check_secondary_mx: true }, expect: (o) => o.kind === "ok" },
  {
    why: "check_secondary_mx does not hold",
    domain: "two.test",
    options: { check_secondary_mx: true },
    expect: (o) => o.kind === "decline",
  },
  {
    why: "widen_domains",
    domain: "short",
    options: { widen_domains: "none.test:full.test" },
    expect: { kind: "rewrite", address: "x@short.full.test", reason: "short is short.full.test", rewriteHeaders: true },
  },
  {
    why: "widen_domains is not for senders",
    domain: "short",
    options: { widen_domains: "full.test" },
    purpose: "verifySender",
    expect: (o) => o.kind === "decline",
  },
  {
    why: "unless their headers are not rewritten",
    domain: "short",
    options: { widen_domains: "full.test", rewrite_headers: false },
    purpose: "verifySender",
    expect: (o) => o.kind === "rewrite" && o.rewriteHeaders === false,
  },
  {
    why: "same_domain_copy_routing",
    domain: "two.test",
    options: { same_domain_copy_routing: true },
    expect: (o) => o.kind === "ok" && o.sameDomainCopy === true,
  },
  {
    why: "a list that cannot be said",
    domain: "two.test",
    options: { mx_domains: "defer" },
    expect: { kind: "defer", message: "lookup defer for mx_domains" },
  },
  {
    why: "an option that cannot be expanded",
    domain: "two.test",
    options: { ipv4_only: "error:oops" },
    expect: { kind: "defer", message: 'r1 router: failed to expand "error:oops" for ipv4_only: oops' },
  },
  { why: "a forced failure of check_srv: no SRV", domain: "two.test", options: { check_srv: "fail" }, expect: (o) => o.kind === "ok" },
  { why: "a literal is no domain", domain: "[IPv6:::1]", expect: declined('mail domain "[ipv6:::1]" is syntactically invalid') },
];

for (const { why, domain, options = {}, purpose = "deliver", expect } of CASES) {
  test(why, async (t) => {
    const address = fakeRouterAddress(`x@${domain}`, { purpose });
    const outcome = await driver.route(address, routerOptionValues(driver.options, options) as never, fakeRouterServices(address, WORLD));
    if (typeof expect === "function") t.true(expect(outcome), JSON.stringify(outcome));
    else t.deepEqual(outcome, expect);
  });
}

test("what is asked of the finder", async (t) => {
  const address = fakeRouterAddress("x@two.test");
  const services = fakeRouterServices(address, WORLD);
  const asked: unknown[] = [];
  const hosts = {
    ...services.hosts,
    mx: (question: Parameters<typeof services.hosts.mx>[0]) => (asked.push(question), services.hosts.mx(question)),
  };
  const options = {
    check_srv: "smtp",
    ipv4_prefer: "yes",
    ipv4_only: "no",
    mx_domains: "two.test",
    srv_fail_domains: "*",
    search_parents: true,
  };
  await driver.route(address, routerOptionValues(driver.options, options) as never, { ...services, hosts });
  t.deepEqual(asked, [
    {
      domain: "two.test",
      checkMx: true,
      checkAddress: false,
      qualifySingle: true,
      searchParents: true,
      srv: "smtp",
      ipv4Prefer: true,
      srvFail: true,
    },
  ]);
});
