import test from "ava";
import { addressKey, consult, learned } from "./cache.ts";
import type { Consulted, DomainRecord, Records, Wanted } from "./cache.ts";

const times = { positive: 100, negative: 10, domainPositive: 1000, domainNegative: 50 };
const plain: Wanted = { sender: "", random: false, postmaster: false };
const domain = (value: Partial<DomainRecord>, updated = 0): Records["domain"] => ({
  key: "d",
  updated,
  value: { result: "accept", postmaster: "unknown", postmasterAt: 0, random: "unknown", randomAt: 0, ...value },
});
const address = (result: "accept" | "reject", updated = 0): Records["address"] => ({ key: "a", updated, value: { result } });
const nothing = { domain: undefined, address: undefined, now: 1, times };

const cases: [string, Partial<Wanted>, Partial<Records>, Consulted][] = [
  ["nothing known", {}, {}, { kind: "ask", random: false, postmaster: false }],
  ["address known", {}, { address: address("accept") }, { kind: "accept", by: "address" }],
  ["address known, too old", {}, { address: address("accept"), now: 101 }, { kind: "ask", random: false, postmaster: false }],
  ["address refused", {}, { address: address("reject") }, { kind: "reject", stage: "recipient" }],
  ["refused, too old", {}, { address: address("reject"), now: 11 }, { kind: "ask", random: false, postmaster: false }],
  ["host refused all", { sender: "x@y" }, { domain: domain({ result: "reject" }) }, { kind: "reject", stage: "mail" }],
  ["host refused, too old", {}, { domain: domain({ result: "reject" }), now: 51 }, { kind: "ask", random: false, postmaster: false }],
  ["<> refused", {}, { domain: domain({ result: "rejectNull" }) }, { kind: "reject", stage: "mail" }],
  [
    "<> refused, other sender",
    { sender: "x@y" },
    { domain: domain({ result: "rejectNull" }) },
    { kind: "ask", random: false, postmaster: false },
  ],
  ["learnt by a clock that was ahead", {}, { address: address("reject", 2) }, { kind: "ask", random: false, postmaster: false }],
  ["any local part", { random: true }, { domain: domain({ random: "accept" }) }, { kind: "accept", by: "random" }],
  ["any local part, not asked", {}, { domain: domain({ random: "accept" }) }, { kind: "ask", random: false, postmaster: false }],
  ["random refused", { random: true }, { domain: domain({ random: "reject" }) }, { kind: "ask", random: false, postmaster: false }],
  ["postmaster refused", { postmaster: true }, { domain: domain({ postmaster: "reject" }) }, { kind: "reject", stage: "postmaster" }],
  [
    "postmaster still to ask",
    { postmaster: true },
    { domain: domain({}), address: address("accept") },
    { kind: "ask", random: false, postmaster: true },
  ],
  [
    "postmaster known, address too",
    { postmaster: true },
    { domain: domain({ postmaster: "accept" }), address: address("accept") },
    { kind: "accept", by: "address" },
  ],
];

for (const [why, wanted, records, expected] of cases)
  test(why, (t) => t.deepEqual(consult({ ...plain, ...wanted }, { ...nothing, ...records }), expected));

test("a sender makes a record of its own", (t) => {
  t.is(addressKey("a@b", ""), "a@b");
  t.is(addressKey("a@b", "s@x"), "a@b/<s@x>");
});

test("what is learned is added to what was known", (t) => {
  t.is(learned(undefined, {}), undefined);
  const before = domain({ postmaster: "accept", postmasterAt: 5 })?.value;
  t.deepEqual(learned(before, { result: "accept", random: "reject", randomAt: 7 }), {
    result: "accept",
    postmaster: "accept",
    postmasterAt: 5,
    random: "reject",
    randomAt: 7,
  });
});
