import test from "ava";
import type { RouterOutcome } from "@mailkit/sdk";
import { fakeRouterAddress, fakeRouterServices, routerCompliance, routerOptionValues } from "@mailkit/sdk/testing";
import type { FakeWorld } from "@mailkit/sdk/testing";
import { driver } from "./index.ts";

const WORLD: FakeWorld = {
  hosts: { "h1.test": ["192.0.2.1"], "h2.test": ["192.0.2.2", "2001:db8::2"], "me.test": ["127.0.0.1"], "again.test": "defer" },
  mx: { "x.test": [[20, "h2.test"], [10, "h1.test"]], "mine.test": [[1, "me.test"]] }, // prettier-ignore
  transports: { smtp1: "remote", smtp2: "remote", file1: "local" },
  own: { kind: "transport", name: "smtp1", where: "remote" },
  variables: { address: "x" },
};

routerCompliance(test, driver, [
  { title: "a rule for all", options: { route_list: "* h1.test" }, world: WORLD, expect: "ok" },
  { title: "no rule", options: { route_list: "other.test h1.test" }, world: WORLD, expect: "decline" },
  { title: "route_data", options: { route_data: "h1.test smtp2" }, world: WORLD, expect: "ok" },
  { title: "no such host", options: { route_list: "* gone.test" }, world: WORLD, expect: "defer" },
]);

interface Case {
  readonly why: string;
  readonly list?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly world?: FakeWorld;
  readonly purpose?: "verifyRecipient";
  readonly domain?: string;
  readonly expect: RouterOutcome;
}

const h1 = { name: "h1.test", address: "192.0.2.1", fromMx: false };
const h2 = [
  { name: "h2.test", address: "192.0.2.2", fromMx: false },
  { name: "h2.test", address: "2001:db8::2", fromMx: false },
];
const lost = 'lookup of host "gone.test" failed in r1 router';
const allIgnored = (action: string) => `lookup failed for all hosts in r1 router: host_find_failed=ignore host_all_ignored=${action}`;

const CASES: readonly Case[] = [
  { why: "hosts in order", list: "* h2.test:h1.test", expect: { kind: "ok", hosts: [...h2, h1] } },
  { why: "ports: a doubled colon", list: "* h1.test::2525", expect: { kind: "ok", hosts: [{ ...h1, port: 2525 }] } },
  {
    why: "ports: brackets",
    list: '* "</ [192.0.2.9]:26 / [2001:db8::9]:27 / 2001:db8::10"',
    expect: {
      kind: "ok",
      hosts: [
        { name: "192.0.2.9", address: "192.0.2.9", fromMx: false, port: 26 },
        { name: "2001:db8::9", address: "2001:db8::9", fromMx: false, port: 27 },
        { name: "2001:db8::10", address: "2001:db8::10", fromMx: false },
      ],
    },
  },
  {
    why: "name/MX",
    list: "* x.test/MX::26",
    expect: {
      kind: "ok",
      hosts: [
        { name: "h1.test", address: "192.0.2.1", mx: 10, fromMx: true, port: 26 },
        { name: "h2.test", address: "192.0.2.2", mx: 20, fromMx: true, port: 26 },
        { name: "h2.test", address: "2001:db8::2", mx: 20, fromMx: true, port: 26 },
      ],
    },
  },
  { why: "+ without randomize is passed over", list: "* h1.test:+:h2.test", expect: { kind: "ok", hosts: [h1, ...h2] } },
  { why: "randomize, in groups", list: "* h1.test:h2.test:+:h1.test randomize", expect: { kind: "ok", hosts: [...h2, h1, h1] } },
  { why: "hosts_randomize, and a rule against it", list: "* h1.test:h2.test no_randomize", options: { hosts_randomize: true }, expect: { kind: "ok", hosts: [h1, ...h2] } },
  { why: "the first rule that matches", list: "other.test h2.test ; example.com h1.test ; * h2.test", expect: { kind: "ok", hosts: [h1] } },
  { why: "variables of the pattern", list: "^(ex)ample h1.test::$0 ; ^n(.) h$1.test", domain: "n1.x", expect: { kind: "ok", hosts: [h1] } },
  { why: "a transport in the rule", list: "* h1.test smtp2", expect: { kind: "ok", hosts: [h1], transport: "smtp2" } },
  { why: "a local transport: hosts as text", list: '* "a b" file1', expect: { kind: "ok", hosts: [{ name: "a b", address: "", fromMx: false }], transport: "file1" } },
  { why: "a local transport without hosts", list: "example.com", world: { own: { kind: "transport", name: "file1", where: "local" } }, expect: { kind: "ok", hosts: [] } },
  {
    why: "an unknown word",
    list: "* h1.test foo bar",
    expect: {
      kind: "defer",
      message: 'error in router: unknown routing option or transport name "foo bar"',
      notes: { log: ['Error in r1 router: unknown routing option or transport name "foo bar"'] },
    },
  },
  {
    why: "no hosts for a remote transport",
    list: "*",
    expect: {
      kind: "defer",
      message: "error in r1 router: no host(s) specified for domain example.com",
      notes: { log: ["error in r1 router: no host(s) specified for domain example.com"] },
    },
  },
  { why: "verification without a transport: the pattern is enough", list: "* gone.test", world: { own: { kind: "none" } }, purpose: "verifyRecipient", expect: { kind: "ok" } },
  { why: "host_find_failed: freeze is the default", list: "* gone.test", expect: { kind: "defer", message: lost, freeze: true, errno: -32 } },
  { why: "host_find_failed = defer", list: "* gone.test", options: { host_find_failed: "defer" }, expect: { kind: "defer", message: lost, freeze: false, errno: -32 } },
  { why: "host_find_failed = fail", list: "* gone.test", options: { host_find_failed: "fail" }, expect: { kind: "fail", message: lost } },
  { why: "host_find_failed = pass", list: "* gone.test", options: { host_find_failed: "pass" }, expect: { kind: "pass", reason: lost } },
  { why: "host_find_failed = decline", list: "* gone.test", options: { host_find_failed: "decline" }, expect: { kind: "decline", reason: lost } },
  { why: "host_find_failed = ignore", list: "* gone.test:h1.test", options: { host_find_failed: "ignore" }, expect: { kind: "ok", hosts: [h1] } },
  { why: "all ignored: deferred by default", list: "* gone.test", options: { host_find_failed: "ignore" }, expect: { kind: "defer", message: allIgnored("defer"), freeze: false, errno: -32 } },
  {
    why: "all ignored: host_all_ignored",
    list: "* gone.test",
    options: { host_find_failed: "ignore", host_all_ignored: "fail" },
    expect: { kind: "fail", message: allIgnored("fail") },
  },
  { why: "a lookup that does not complete", list: "* again.test", options: { host_find_failed: "ignore" }, expect: { kind: "defer", message: "host lookup did not complete", timeout: true } },
  {
    why: "this host comes first",
    list: "* me.test:h1.test",
    expect: {
      kind: "ok",
      hosts: [{ name: "me.test", address: "127.0.0.1", fromMx: false }, h1],
      localHost: { name: "me.test", message: "remote host address is the local host" },
    },
  },
  { why: "this host comes later: it and the rest go", list: "* h1.test:me.test:h2.test", expect: { kind: "ok", hosts: [h1] } },
  { why: "this host is the best MX of a later item", list: "* h1.test:mine.test/MX:h2.test", expect: { kind: "ok", hosts: [h1] } },
  { why: "hosts: forced failure", list: "* fail", expect: { kind: "decline", reason: 'hosts of rule *: "if" failed and "fail" requested' } },
  { why: "hosts: another failure", list: "* error:oops", expect: { kind: "defer", message: 'r1 router: failed to expand "error:oops": oops' } },
  { why: "a pattern that cannot be said", list: "defer h1.test", expect: { kind: "defer", message: "lookup defer in route_list of r1 router: lookup deferred" } },
  { why: "same_domain_copy_routing", list: "* h1.test", options: { same_domain_copy_routing: true }, expect: { kind: "ok", hosts: [h1], sameDomainCopy: true } },
  { why: "route_data: empty", options: { route_data: "" }, expect: { kind: "decline", reason: "route_data is empty" } },
  { why: "route_data: forced failure", options: { route_data: "fail" }, expect: { kind: "decline", reason: 'route_data: "if" failed and "fail" requested' } },
  { why: "route_data: another failure", options: { route_data: "error:oops" }, expect: { kind: "defer", message: 'failed to expand "error:oops": oops' } },
  { why: "route_data: hosts are expanded again", options: { route_data: "$data smtp2" }, world: { variables: { data: "h$n.test", n: "1" } }, expect: { kind: "ok", hosts: [h1], transport: "smtp2" } },
  {
    why: "route_data: never what came from outside",
    options: { route_data: "$data" },
    world: { variables: { data: { text: "h$n.test", tainted: true }, n: "1" } },
    expect: { kind: "defer", message: 'lookup of host "h$n.test" failed in r1 router', freeze: true, errno: -32 },
  },
]; // prettier-ignore

for (const { why, list, options = {}, world = {}, purpose = "deliver", domain = "example.com", expect } of CASES) {
  test(why, async (t) => {
    const address = fakeRouterAddress(`x@${domain}`, { purpose });
    const own = routerOptionValues(driver.options, { ...options, ...(list === undefined ? {} : { route_list: list }) });
    t.deepEqual(await driver.route(address, own as never, fakeRouterServices(address, { ...WORLD, ...world })), expect);
  });
}

test("byname, bydns and ipv4_only reach the finder", async (t) => {
  const address = fakeRouterAddress("x@example.com");
  const services = fakeRouterServices(address, WORLD);
  const asked: unknown[] = [];
  const hosts = {
    ...services.hosts,
    addresses: (question: Parameters<typeof services.hosts.addresses>[0]) => (asked.push(question), services.hosts.addresses(question)),
  };
  const own = routerOptionValues(driver.options, { route_list: "* h1.test byname ipv4_only" });
  await driver.route(address, own as never, { ...services, hosts });
  t.deepEqual(asked, [{ name: "h1.test", ipv4Only: true, byName: true, byDns: false }]);
});

test("check: exactly one of route_list and route_data", (t) => {
  const at = { file: "x.conf", line: 3, column: 1 };
  const check = (given: Readonly<Record<string, unknown>>) =>
    driver
      .check?.(routerOptionValues(driver.options, given) as never, { name: "r1", at, isSet: () => false })
      .map((found) => found.eximText);
  const both = "route_list or route_data (but not both) must be specified";
  t.deepEqual(check({}), [both]);
  t.deepEqual(check({ route_list: "* h", route_data: "h" }), [both]);
  t.deepEqual(check({ route_list: "* h" }), []);
});
