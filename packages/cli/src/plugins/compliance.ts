/** `mailkit plugins test`: a driver against the contract of its kind, with the fixtures of its package. */
import type { FoundPlugin } from "@mailkit/runtime";
import {
  fakeRouterAddress,
  fakeRouterServices,
  lookupCompliance,
  routerCompliance,
  routerOptionValues,
  transportCompliance,
} from "@mailkit/sdk/testing";
import type { LookupFixture, RouterFixture, SuiteAssertions, SuiteTest, TransportFixture } from "@mailkit/sdk/testing";
import type { AuthenticatorDriver, AuthHost, LookupDriver, PluginModule, RouterDriver, TransportDriver } from "@mailkit/sdk";
import { deepStrictEqual, ok } from "node:assert/strict";

/** What `compliance.js` of a driver's package exports. */
export interface ComplianceModule {
  readonly fixtures?: readonly unknown[];
  readonly makeFixture?: () => Promise<TransportFixture>;
  readonly limits?: { readonly noCopy?: string };
}

export interface CheckResult {
  readonly title: string;
  /** Undefined = passed. */
  readonly fault: string | undefined;
}

export async function checkDriver(found: FoundPlugin, module: PluginModule, compliance: ComplianceModule): Promise<readonly CheckResult[]> {
  const tests: (readonly [string, Parameters<SuiteTest>[1]])[] = [];
  const suite: SuiteTest = (title, run) => void tests.push([title, run]);
  const { fixtures = [] } = compliance;
  switch (found.manifest.kind) {
    case "router":
      routerCompliance(suite, module.driver as RouterDriver, fixtures as RouterFixture[]);
      break;
    case "transport":
      suite("there is a fixture", (t) => void t.true(compliance.makeFixture !== undefined, "compliance.js exports makeFixture"));
      if (compliance.makeFixture !== undefined)
        transportCompliance(suite, module.driver as TransportDriver, compliance.makeFixture, compliance.limits ?? {});
      break;
    case "lookup":
      for (const driver of module.drivers ?? [module.driver as LookupDriver])
        lookupCompliance(suite, () => driver, fixtures as LookupFixture[]);
      break;
    case "authenticator":
      authenticatorCompliance(suite, module.driver as AuthenticatorDriver, fixtures as AuthenticatorFixture[]);
      break;
    case "condition":
      suite("its kind", (t) => void t.true(false, "drivers of kind condition are not taken yet"));
  }
  const results: CheckResult[] = [];
  for (const [title, run] of tests) results.push({ title, fault: await faultOf(run) });
  return results;
}

async function faultOf(run: Parameters<SuiteTest>[1]): Promise<string | undefined> {
  try {
    await run(ASSERTIONS);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const ASSERTIONS: SuiteAssertions = {
  is: (actual, expected, message) =>
    deepStrictEqual(actual, expected, message === undefined ? undefined : `${message}: ${shown(actual)}, wanted ${shown(expected)}`),
  true: (actual, message) => ok(actual === true, message ?? `${shown(actual)}, wanted true`),
  deepEqual: (actual, expected, message) => deepStrictEqual(actual, expected, message),
};

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 200);
}

const HOSTILE = [
  "",
  "\0",
  "../../etc/passwd",
  "__proto__",
  "a\r\nb",
  "'; drop table users; --",
  "x".repeat(5000),
  "\xff\xfe",
  "*",
  "$local_part",
];
const STEPS = new Set(["challenge", "done", "fail", "defer", "malformed"]);

interface AuthenticatorFixture {
  readonly title: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly initial?: string;
  readonly expect: string;
}

function authenticatorCompliance(suite: SuiteTest, driver: AuthenticatorDriver, fixtures: readonly AuthenticatorFixture[]): void {
  const services = fakeRouterServices(fakeRouterAddress());
  const host = {
    expand: services.expand,
    random: services.random,
    clock: services.clock,
    primaryHostname: "mx.example",
    variable: () => "",
  } as unknown as AuthHost;
  const octets = (text: string | undefined): Buffer | undefined => (text === undefined ? undefined : Buffer.from(text, "latin1"));
  suite(`${driver.name}: its tables`, (t) => {
    t.is(driver.kind, "authenticator");
    t.true(/^[a-z][a-z0-9_]*$/.test(driver.name), "name");
    t.true(driver.serverStart !== undefined || driver.clientStart !== undefined || driver.serverTls !== undefined, "it can do something");
  });
  const { serverStart, serverNext } = driver;
  if (serverStart === undefined) return;
  for (const fixture of fixtures)
    suite(`${driver.name}: ${fixture.title}: ${fixture.expect}`, async (t) => {
      const step = await serverStart(octets(fixture.initial), routerOptionValues(driver.options, fixture.options) as never, host);
      t.is(step.kind, fixture.expect, shown(step));
    });
  suite(`${driver.name}: hostile clients get a step`, async (t) => {
    const options = routerOptionValues(driver.options, fixtures[0]?.options ?? {}) as never;
    for (const text of HOSTILE) {
      const step = await serverStart(octets(text), options, host);
      t.true(STEPS.has(step.kind), shown(text));
      const first = await serverStart(undefined, options, host);
      if (first.kind === "challenge" && serverNext !== undefined)
        t.true(STEPS.has((await serverNext(octets(text) as Buffer, first.state, options, host)).kind), shown(text));
    }
  });
}
