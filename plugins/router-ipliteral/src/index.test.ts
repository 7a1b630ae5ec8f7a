import test from "ava";
import { fakeRouterAddress, fakeRouterServices, routerCompliance } from "@mailkit/sdk/testing";
import type { FakeWorld } from "@mailkit/sdk/testing";
import { driver } from "./index.ts";

routerCompliance(test, driver, [
  { title: "an address in brackets", options: {}, address: "x@[192.0.2.5]", expect: "ok" },
  { title: "a domain", options: {}, address: "x@example.com", expect: "decline" },
]);

const route = (domain: string, world: FakeWorld = {}) => {
  const address = fakeRouterAddress(`x@${domain}`);
  return driver.route(address, {}, fakeRouterServices(address, world));
};

/** Domain, then address and port of the host; undefined = declined. */
const LITERALS: readonly (readonly [string, string | undefined, number?])[] = [
  ["[192.0.2.5]", "192.0.2.5"],
  ["[192.0.2.5.2525]", "192.0.2.5", 2525],
  ["[ipv4:192.0.2.5]", "192.0.2.5"],
  ["[IPv6:2001:db8::1]", "2001:db8::1"],
  ["[ipv6:fe80::a00:20ff:fe86:a061.5678]", "fe80::a00:20ff:fe86:a061", 5678],
  ["[192.0.2.256]", undefined],
  ["[192.0.2]", undefined],
  ["[foo]", undefined],
  ["192.0.2.5", undefined],
];

for (const [domain, address, port] of LITERALS) {
  test(domain, async (t) => {
    const outcome = await route(domain);
    if (address === undefined) return void t.is(outcome.kind, "decline");
    t.deepEqual(outcome.kind === "ok" && outcome.hosts, [
      { name: domain, address, fromMx: false, ...(port === undefined ? {} : { port }) },
    ]);
  });
}

test("this host is told to the generic option self", async (t) => {
  const outcome = await route("[127.0.0.1]");
  t.deepEqual(outcome.kind === "ok" && outcome.localHost, { name: "[127.0.0.1]", message: "remote host address is the local host" });
});
