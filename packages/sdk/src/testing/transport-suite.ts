/**
 * What every transport driver must hold to, ours and strangers' alike. The driver's own test calls it with ava's `test`
 * and a maker of fixtures; a fixture is one place where mail arrives.
 */
import type { Generated, LocalTransport, TransportDriver, TransportJob, TransportServices } from "../transport.ts";
import type { TransportReport } from "../transport-report.ts";
import type { HostTarget } from "../host-finder.ts";
import { fakeBody, fakeJob, fakeMessage, fakeRecipient, fakeTransportServices, localJobOf, optionValues } from "./transport-fakes.ts";

/** The part of ava that the suite uses. */
export interface SuiteAssertions {
  is(actual: unknown, expected: unknown, message?: string): unknown;
  true(actual: unknown, message?: string): unknown;
  deepEqual(actual: unknown, expected: unknown, message?: string): unknown;
}
export type SuiteTest = (title: string, run: (t: SuiteAssertions) => void | Promise<void>) => void;

export interface TransportFixture {
  /** With these a delivery works. Text for expanded options. */
  readonly options: Readonly<Record<string, unknown>>;
  /** With these, over the others, nothing can be delivered now. */
  readonly brokenOptions: Readonly<Record<string, unknown>>;
  readonly hosts?: readonly HostTarget[];
  readonly generated?: Generated;
  readonly services?: Partial<TransportServices>;
  /** The messages that arrived, headers and body, undone of whatever the format did to them. LF line ends. */
  arrived(): Promise<readonly string[]>;
  close?(): Promise<void>;
}

export interface SuiteLimits {
  /** A reason skips the checks of what arrives (autoreply sends another message than it gets). */
  readonly noCopy?: string;
}

const SERVICES: readonly string[] = [
  "expand", "expandFor", "dns", "files", "accounts", "processes", "lists", "lookups", "hints", "clock", "random", "hosts", "scope", "setting",
  "trace", "admit", "authenticators", "submit",
]; // prettier-ignore

// oxlint-disable-next-line typescript/no-explicit-any -- drivers of every options table meet here
type AnyDriver = TransportDriver<any>;

export function transportCompliance(
  test: SuiteTest,
  driver: AnyDriver,
  makeFixture: () => Promise<TransportFixture>,
  limits: SuiteLimits = {},
): void {
  const withFixture = (run: (t: SuiteAssertions, fixture: TransportFixture) => Promise<void>) => async (t: SuiteAssertions) => {
    const fixture = await makeFixture();
    try {
      await run(t, fixture);
    } finally {
      await fixture.close?.();
    }
  };

  test(`${driver.name}: tables are complete`, (t) => {
    t.is(driver.kind, "transport");
    t.true(/^[a-z][a-z0-9_-]*$/.test(driver.name), "name");
    for (const [name, spec] of Object.entries(driver.options as Record<string, { doc: string; missing?: { why: string } }>)) {
      t.true(/^[a-z][a-z0-9_]*$/.test(name), `option name ${name}`);
      t.true(spec.doc.length > 0, `option ${name} says what it does`);
      if (spec.missing !== undefined) t.true(spec.missing.why.length > 0, `option ${name} says what happens instead`);
    }
    for (const need of driver.needs) t.true(SERVICES.includes(need), `service ${need}`);
  });

  test(
    `${driver.name}: delivers, one fact for each recipient`,
    withFixture(async (t, fixture) => {
      const recipients = ["a@example.com", "b@example.com"].slice(0, batchOf(driver, fixture)).map(fakeRecipient);
      const report = await run(driver, fixture, { recipients });
      t.deepEqual(
        report.facts.map((fact) => fact.kind),
        recipients.map(() => "delivered"),
        JSON.stringify(report),
      );
      if (limits.noCopy === undefined) t.is((await fixture.arrived()).length, 1);
    }),
  );

  for (const [what, text] of BODIES) {
    if (limits.noCopy !== undefined) break;
    test(
      `${driver.name}: body arrives as it is: ${what}`,
      withFixture(async (t, fixture) => {
        for (const streamed of [false, true]) {
          const message = fakeMessage({ body: fakeBody(text, { streamed }) });
          const report = await run(driver, fixture, { message });
          t.is(report.facts[0]?.kind, "delivered", JSON.stringify(report));
          const copy = (await fixture.arrived()).at(-1) ?? "";
          t.true(copy.includes(`${message.headers}\n${text}`), `${what}${streamed ? ", streamed" : ""}`);
        }
      }),
    );
  }

  test(
    `${driver.name}: messages at the same time all arrive, once`,
    withFixture(async (t, fixture) => {
      const reports = await Promise.all(
        Array.from({ length: 12 }, (_, i) => run(driver, fixture, { message: fakeMessage({ text: `number ${i}.\n` }) })),
      );
      t.true(
        reports.every((report) => report.facts[0]?.kind === "delivered"),
        JSON.stringify(reports.find((r) => r.facts[0]?.kind !== "delivered")),
      );
      if (limits.noCopy !== undefined) return;
      const copies = await fixture.arrived();
      t.is(copies.length, 12);
      for (let i = 0; i < 12; i++) t.is(copies.filter((copy) => copy.includes(`number ${i}.\n`)).length, 1, `message ${i}`);
    }),
  );

  test(
    `${driver.name}: what cannot be delivered is a fact, not an exception`,
    withFixture(async (t, fixture) => {
      const recipients = ["a@example.com", "b@example.com"].map(fakeRecipient);
      const report = await run(driver, { ...fixture, options: { ...fixture.options, ...fixture.brokenOptions } }, { recipients });
      t.is(report.facts.length, 2);
      for (const fact of report.facts) {
        t.true(fact.kind !== "delivered");
        if (fact.kind !== "delivered")
          t.true(fact.message !== "" || (fact.kind === "deferred" && (fact.errno ?? 0) > 0), "a reason is given");
      }
    }),
  );
}

const BODIES: readonly (readonly [string, string])[] = [
  ["a line", "hello\n"],
  ["empty", ""],
  ["dots at line starts", ".\n..\n.a\nb.\n"],
  ["From at line starts", "From here\n>From there\nfrom\nFrom \n"],
  ["octets above 127", "\xff\xfe\x80 caf\xe9\n"],
  ["600 KB", "0123456789 .From\n.From the\nFrom\n".repeat(19_000)],
];

function batchOf(driver: AnyDriver, fixture: TransportFixture): number {
  const most = driver.batchMax?.(optionValues(driver.options, fixture.options) as never) ?? 1;
  return most === 0 ? 2 : most;
}

/** One delivery; a local driver's order goes through JSON, as it does on its way to a helper. */
async function run(driver: AnyDriver, fixture: TransportFixture, given: Partial<TransportJob>): Promise<TransportReport> {
  const job = fakeJob({
    hosts: fixture.hosts ?? [],
    ...(fixture.generated === undefined ? {} : { generated: fixture.generated }),
    ...given,
  });
  const options = optionValues(driver.options, fixture.options) as never;
  const services = fakeTransportServices(job, fixture.services);
  if (driver.where === "remote") return driver.deliver(job, options, services);
  const local = driver as unknown as LocalTransport;
  const prepared = await local.prepare(job, options, services);
  if (prepared.kind === "report") return prepared.report;
  const order: unknown = JSON.parse(JSON.stringify(prepared.order));
  return local.perform(order, localJobOf(job));
}
