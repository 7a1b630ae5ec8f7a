/**
 * What every lookup driver must hold to, ours and strangers' alike. The driver's own test calls it with ava's `test`, a
 * maker of the driver and its fixtures: what is asked, and what kind of answer that gives.
 */
import type { CredentialsAnswer, DriverQuestion, LookupDriver, LookupHost, LookupResult } from "../lookups.ts";
import { fakeRouterAddress, fakeRouterServices } from "./router-fakes.ts";
import type { SuiteAssertions, SuiteTest } from "./transport-suite.ts";

export interface LookupFixture {
  /** What is shown in the test's title. */
  readonly title: string;
  /** Which driver, in a package of several. */
  readonly driver?: string;
  readonly key: string;
  readonly file?: string;
  readonly options?: string;
  /** Main options. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What the file service has. */
  readonly files?: Readonly<Record<string, string>>;
  readonly expect: LookupResult["kind"];
  /** Of what is found. */
  readonly text?: string;
}

/** Keys and queries that a client may send. */
const HOSTILE: readonly string[] = [
  "", " ", "\0", "\n\r\t", "'", '"', "\\", "';--", "*", "(", ")", "%", "%zz", "servers=", "servers=;", "servers=a/b/c/d;x", "ldap://", "ldap:///%",
  "user=\"", "a=b c=d", "\xff\xfe", "\xc3", "__proto__", "constructor", "../../etc/passwd", "${run{x}}", "x".repeat(10_000), "(".repeat(2000),
]; // prettier-ignore

const OCTETS = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet)).join("");

export function lookupCompliance(test: SuiteTest, make: () => LookupDriver, all: readonly LookupFixture[]): void {
  const { name } = make();
  const fixtures = all.filter(({ driver = name }) => driver === name);

  test(`${name}: name and style`, (t) => {
    const driver = make();
    t.true(/^[a-z][a-z0-9_]*$/.test(driver.name), "name");
    t.true(driver.style === "single-key" || driver.style === "query", "style");
    t.true(fixtures.length > 0, "there are fixtures");
    t.true(driver.quoteOptions === undefined || driver.quote !== undefined, "words after quote_TYPE need a quote function");
  });

  for (const fixture of fixtures) {
    test(`${name}: ${fixture.title}: ${fixture.expect}`, async (t) => {
      const driver = make();
      const first = await ask(driver, fixture, fixture.key);
      t.is(first.kind, fixture.expect, JSON.stringify(first));
      checkAnswer(t, first);
      if (fixture.text !== undefined && first.kind === "found") t.is(first.text, fixture.text);
      await driver.close?.();
      await driver.close?.();
      t.is((await ask(driver, fixture, fixture.key)).kind, fixture.expect, "a driver that was closed begins anew");
      await driver.close?.();
    });
  }

  test(`${name}: hostile keys get an answer`, async (t) => {
    const driver = make();
    for (const fixture of fixtures) {
      for (const key of HOSTILE) {
        checkAnswer(t, await ask(driver, fixture, key));
        const answer = await driver.authenticate?.(questionOf(fixture, key), hostOf(fixture));
        if (answer !== undefined) t.true(CREDENTIALS.has(answer.kind), "credentials");
      }
    }
    await driver.close?.();
  });

  test(`${name}: quoting takes any octets and gives octets`, (t) => {
    const driver = make();
    for (const option of [undefined, ...(driver.quoteOptions ?? [])]) {
      for (const text of ["", OCTETS, ...HOSTILE]) {
        const quoted = driver.quote?.(text, option);
        t.true(quoted === undefined || isOctets(quoted), JSON.stringify(text));
      }
    }
  });
}

const CREDENTIALS: ReadonlySet<string> = new Set<CredentialsAnswer["kind"]>(["accepted", "refused", "defer"]);

async function ask(driver: LookupDriver, fixture: LookupFixture, key: string): Promise<LookupResult> {
  return driver.find(questionOf(fixture, key), hostOf(fixture));
}

function questionOf({ file = "", options = "" }: LookupFixture, key: string): DriverQuestion {
  return { file, options, key };
}

function hostOf({ settings, files = {} }: LookupFixture): LookupHost {
  const services = fakeRouterServices(fakeRouterAddress(), { files });
  return { ...services, setting: (name: string) => settings?.[name] } as unknown as LookupHost;
}

function checkAnswer(t: SuiteAssertions, answer: LookupResult): void {
  switch (answer.kind) {
    case "found":
      t.true(isOctets(answer.text), "the text is octets");
      break;
    case "notFound":
      break;
    case "defer":
      t.true(answer.message.length > 0, "a deferral says why");
      break;
    default:
      t.true(false, `an outcome of another kind: ${JSON.stringify(answer)}`);
  }
}

function isOctets(text: string): boolean {
  return !/[^\0-\xff]/.test(text);
}
