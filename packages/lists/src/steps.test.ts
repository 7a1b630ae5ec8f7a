/** The index over a run of items gives what a walk along them gives. */
import test from "ava";
import * as fc from "fast-check";
import { addressFamily, addressTarget } from "./address.ts";
import { hostFamily, hostTarget } from "./host.ts";
import { parseList } from "./parse-list.ts";
import { makeSteps } from "./steps.ts";
import type { StepFamily } from "./steps.ts";
import { bench, environmentOf } from "./test-support.ts";
import { domainSubject, textSubject } from "./text-matcher.ts";
import type { CompileContext } from "./text-matcher.ts";
import { textFamily } from "./text-steps.ts";
import { firstDecision, newWalk } from "./walk.ts";

const { scope } = bench();
const CONTEXT: CompileContext = { environment: environmentOf({}), tainted: false, hostList: () => ({ kind: "host" }) as never };

const label = fc.constantFrom("a", "b", "A", "ab", "x");
const domain = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join("."));
const suffix = fc.oneof(domain.map((name) => `*.${name}`), domain.map((name) => `*${name}`), fc.constant("*")); // prettier-ignore
const negatable = (item: fc.Arbitrary<string>) => fc.tuple(fc.nat(12), item).map(([sign, text]) => (sign === 0 ? `!${text}` : text));
const octet = fc.constantFrom(0, 1, 2, 128, 255);
const ipv4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join("."));
const ipv6 = fc.tuple(octet, octet).map(([a, b]) => `2001:db8:${a.toString(16)}::${b.toString(16)}`);
const network = fc.oneof(
  fc.tuple(ipv4, fc.integer({ min: 0, max: 32 })).map(([ip, bits]) => `${ip}/${bits}`),
  fc.tuple(ipv6, fc.integer({ min: 0, max: 128 })).map(([ip, bits]) => `${ip}/${bits}`),
  ipv4,
);
const address = fc.oneof(
  fc.tuple(label, domain).map((parts) => parts.join("@")),
  domain.map((name) => `*@${name}`),
  suffix.map((name) => `*@${name}`),
  domain,
);

interface Kind<Subject> {
  readonly kind: "domain" | "localpart" | "address" | "host";
  readonly family: StepFamily<Subject>;
  readonly items: fc.Arbitrary<string>;
  readonly subjects: fc.Arbitrary<string>;
  readonly subject: (text: string) => Subject;
}

function same<Subject>({ kind, family, items, subjects, subject }: Kind<Subject>): void {
  const list = fc.array(negatable(items), { minLength: 8, maxLength: 30 });
  fc.assert(
    fc.property(list, subjects, fc.boolean(), (written, text, caseful) => {
      const parsed = parseList(kind, written.join(" ; "), ";").items;
      const verdictOf = (steps: ReturnType<typeof makeSteps<Subject>>) => firstDecision(steps, subject(text), newWalk(scope, caseful), 0);
      const indexed = verdictOf(makeSteps(parsed, family));
      const walked = verdictOf(parsed.map((item) => family.make(item)));
      if (JSON.stringify(indexed) !== JSON.stringify(walked))
        throw new Error(`${JSON.stringify(indexed)} instead of ${JSON.stringify(walked)}`);
    }),
    { numRuns: 2000, seed: 7 },
  );
}

test("domains", (t) => {
  t.notThrows(() =>
    same({
      kind: "domain",
      family: textFamily("domain", "", CONTEXT),
      items: fc.oneof(domain, suffix),
      subjects: domain,
      subject: domainSubject,
    }),
  );
});

test("local parts", (t) => {
  t.notThrows(() =>
    same({
      kind: "localpart",
      family: textFamily("localpart", "", CONTEXT),
      items: fc.oneof(domain, suffix),
      subjects: domain,
      subject: textSubject,
    }),
  );
});

test("addresses", (t) => {
  t.notThrows(() =>
    same({
      kind: "address",
      family: addressFamily("", CONTEXT),
      items: address,
      subjects: fc.oneof(
        fc.tuple(label, domain).map((parts) => parts.join("@")),
        fc.constant(""),
        label,
      ),
      subject: addressTarget,
    }),
  );
});

test("networks", (t) => {
  t.notThrows(() =>
    same({
      kind: "host",
      family: hostFamily("", CONTEXT),
      items: network,
      subjects: fc.oneof(
        ipv4,
        ipv6,
        ipv4.map((ip) => `::ffff:${ip}`),
        fc.constant(""),
      ),
      subject: (text) => hostTarget({ address: text === "" ? undefined : text, names: () => ({ kind: "unknown", message: "" }) }),
    }),
  );
});

test("100,000 items are not walked", (t) => {
  const items = Array.from({ length: 100_000 }, (_, i) => (i % 2 === 0 ? `d${i}.test` : `*.w${i}.test`));
  let made = 0;
  const family = textFamily("domain", "", CONTEXT);
  const steps = makeSteps(parseList("domain", items.join(" : "), ":").items, { ...family, make: (item) => (made++, family.make(item)) });
  t.is(steps.length, 1);
  const walk = newWalk(scope, false);
  t.like(firstDecision(steps, domainSubject("a.w99999.test"), walk, 0), {
    kind: "yes",
    item: "*.w99999.test",
    captures: ["a.w99999.test", "a"],
  });
  t.is(firstDecision(steps, domainSubject("nowhere.test"), walk, 0), undefined);
  t.is(made, 1);
});
