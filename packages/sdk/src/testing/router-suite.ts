/**
 * What every router driver must hold to, ours and strangers' alike. The driver's own test calls it with ava's `test`,
 * the driver and its fixtures: settings with which it works, and what it then says of which address.
 */
import type { RouterDriver, RouterNeed, RouterOutcome, RouterServices, ChildAddress } from "../router.ts";
import type { HostTarget } from "../host-finder.ts";
import { fakeRouterAddress, fakeRouterServices, routerOptionValues } from "./router-fakes.ts";
import type { FakeWorld } from "./router-fakes.ts";
import type { SuiteAssertions, SuiteTest } from "./transport-suite.ts";

export interface RouterFixture {
  /** What is shown in the test's title. */
  readonly title: string;
  /** Text for expanded options and lists. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly world?: FakeWorld;
  readonly address?: string;
  readonly expect: RouterOutcome["kind"];
}

const NEEDS: ReadonlySet<string> = new Set<RouterNeed>([
  "expand", "dns", "files", "accounts", "processes", "lookups", "lists", "strings", "random", "clock", "hosts", "scope", "setting", "trace",
  "transports", "filters",
]); // prettier-ignore

/** Addresses that a client may send, whatever a grammar says. */
const HOSTILE: readonly string[] = [
  "@", "x@", "@example.com", "", "a@b@c", "\0@\0.com", "|/bin/sh@example.com", "../../etc/passwd@example.com", "$local_part@${run{x}}.com",
  "%00%ff@example.com", "__proto__@constructor", "a\r\nRCPT TO:<b>@example.com", `${"x".repeat(5000)}@${"y.".repeat(2000)}com`, "x@[", "x@[::::]",
  "x@[999.999.999.999]", '"a b"@example.com', "\xff\xfe@\xff.example", "x@-.-", "x@.", "x@..", "*@*", ":fail:@example.com", "^(a+)+$@example.com",
]; // prettier-ignore

// oxlint-disable-next-line typescript/no-explicit-any -- drivers of every options table meet here
type Driver = RouterDriver<any>;

export function routerCompliance(test: SuiteTest, driver: Driver, fixtures: readonly RouterFixture[]): void {
  test(`${driver.name}: tables are complete`, (t) => checkTables(t, driver));

  test(`${driver.name}: there are fixtures`, (t) => {
    t.true(fixtures.length > 0);
  });

  for (const fixture of fixtures) {
    test(`${driver.name}: ${fixture.title}: ${fixture.expect}`, async (t) => {
      const seen: RouterOutcome[] = [];
      for (const later of [false, true]) seen.push(await run(t, driver, fixture, { later }));
      t.is(seen[0]?.kind, fixture.expect, JSON.stringify(seen[0]));
      t.deepEqual(seen[1], seen[0], "the same whether services answer at once or later");
    });
  }

  test(`${driver.name}: hostile addresses get an outcome`, async (t) => {
    for (const fixture of fixtures) {
      for (const address of HOSTILE) {
        for (const purpose of ["deliver", "verifyRecipient", "verifySender", "test", "expn"] as const) {
          await run(t, driver, { ...fixture, address }, { purpose });
        }
      }
    }
  });

  test(`${driver.name}: a world in which nothing works gets an outcome`, async (t) => {
    const nothing: FakeWorld = { files: {}, accounts: [], hosts: {}, mx: {}, settings: {}, transports: {} };
    const broken: FakeWorld = {
      ...nothing,
      own: { kind: "error", message: "no transport" },
      run: () => ({ kind: "timeout", output: Buffer.alloc(0) }),
    };
    for (const fixture of fixtures) {
      for (const world of [nothing, broken]) await run(t, driver, { ...fixture, world }, {});
    }
  });

  test(`${driver.name}: options that fail to expand are outcomes`, async (t) => {
    for (const fixture of fixtures) {
      await run(t, driver, fixture, {});
      for (const [name, spec] of Object.entries(driver.options as Record<string, { type: string }>)) {
        if (spec.type !== "expanded" || !Object.hasOwn(fixture.options, name)) continue;
        for (const text of ["fail", "error:unknown variable", "defer:lookup deferred", ""]) {
          await run(t, driver, { ...fixture, options: { ...fixture.options, [name]: text } }, {});
        }
      }
    }
  });
}

function checkTables(t: SuiteAssertions, driver: Driver): void {
  t.is(driver.kind, "router");
  t.true(/^[a-z][a-z0-9_-]*$/.test(driver.name), "name");
  for (const [name, spec] of Object.entries(
    driver.options as Record<
      string,
      { doc: string; type: string; values?: readonly string[]; default: unknown; missing?: { why: string } }
    >,
  )) {
    t.true(/^[a-z][a-z0-9_]*$/.test(name), `option name ${name}`);
    t.true(spec.doc.length > 0 && spec.doc.endsWith("."), `option ${name} says what it does, in a sentence`);
    if (spec.type === "oneOf")
      t.true(spec.values?.includes(spec.default as string) === true, `option ${name}: the default is one of the values`);
    if (spec.missing !== undefined) t.true(spec.missing.why.length > 0, `option ${name} says what happens instead`);
  }
  for (const need of driver.needs) t.true(NEEDS.has(need), `service ${need}`);
  t.is(new Set(driver.needs).size, driver.needs.length, "each need once");
  const instance = { name: "r1", at: { file: "test.conf", line: 1, column: 1 }, isSet: () => false };
  for (const found of driver.check?.(routerOptionValues(driver.options) as never, instance) ?? []) {
    t.true(/^[A-Z]{2}\d{4}$/.test(found.code), `code ${found.code}`);
    t.true(found.message.length > 0 && !found.message.endsWith("."), "a message without a final period");
  }
}

interface RunOptions {
  readonly later?: boolean;
  readonly purpose?: "deliver" | "verifyRecipient" | "verifySender" | "test" | "expn";
}

/** One call: only declared services are there, options cannot be changed, the outcome is checked. */
// oxlint-disable-next-line max-params
async function run(
  t: SuiteAssertions,
  driver: Driver,
  fixture: RouterFixture,
  { later = false, purpose = "deliver" }: RunOptions,
): Promise<RouterOutcome> {
  const address = fakeRouterAddress(fixture.address, { purpose });
  const all = fakeRouterServices(address, { ...fixture.world, later });
  const undeclared: string[] = [];
  const services = new Proxy(all, {
    get(target, name) {
      if (!driver.needs.includes(name as RouterNeed)) undeclared.push(String(name));
      return target[name as keyof RouterServices];
    },
  });
  const options = Object.freeze(routerOptionValues(driver.options, fixture.options));
  const outcome = await driver.route(Object.freeze(address), options as never, services);
  t.deepEqual(undeclared, [], "uses only the services that it names in needs");
  const fault = outcomeFault(outcome);
  t.is(fault, undefined, `${JSON.stringify(address.address).slice(0, 80)}: ${JSON.stringify(outcome)?.slice(0, 200)}`);
  return outcome;
}

/** Why a value is no outcome; undefined = it is one. */
export function outcomeFault(outcome: RouterOutcome): string | undefined {
  if (typeof outcome !== "object" || outcome === null) return "not an object";
  switch (outcome.kind) {
    case "ok":
      return outcome.hosts?.map(hostFault).find((fault) => fault !== undefined);
    case "rerouted":
      if (outcome.children.length === 0) return "rerouted without children";
      return outcome.children.map(childFault).find((fault) => fault !== undefined);
    case "decline":
    case "pass":
    case "discard":
      return text(outcome.reason, "reason");
    case "fail":
    case "defer":
      return typeof outcome.message === "string" ? undefined : "no message";
    case "rewrite":
      return text(outcome.reason, "reason") ?? (outcome.address.includes("@") ? undefined : "an address without a domain");
    default:
      return `unknown kind ${JSON.stringify((outcome as { kind: unknown }).kind)}`;
  }
}

function text(value: unknown, what: string): string | undefined {
  return typeof value === "string" && value !== "" ? undefined : `no ${what}`;
}

function hostFault(host: HostTarget): string | undefined {
  if (typeof host.name !== "string" || typeof host.address !== "string") return "a host without name or address";
  if (host.port !== undefined && !(Number.isInteger(host.port) && host.port > 0 && host.port < 65536)) return `port ${host.port}`;
  return typeof host.fromMx === "boolean" ? undefined : "a host that does not say where it comes from";
}

function childFault(child: ChildAddress): string | undefined {
  switch (child.kind) {
    case "address":
      return text(child.address, "address");
    case "pipe":
      return typeof child.command === "string" ? undefined : "no command";
    case "file":
    case "directory":
      return text(child.path, "path");
    case "reply":
      return typeof child.reply === "object" ? undefined : "no reply";
    default:
      return "unknown kind of child";
  }
}
