/** The port of routers. */
import test from "ava";
import type { FilterRequest, FilterResult } from "@mailkit/sdk";
import { makeFilterService } from "./service.ts";
import type { FilterPorts } from "./service.ts";
import { messageScope, routerAddress } from "./test-support.ts";

function ask(kind: "exim" | "sieve", text: string, given: Partial<FilterRequest> = {}, ports: FilterPorts = {}): FilterResult {
  const request: FilterRequest = {
    kind,
    text: `# ${kind} filter\n${text}`,
    address: routerAddress({ prefix: "p-" }),
    scope: messageScope({ headers: "From: a@b\nTo: p-fred@test.ex\nSubject: x\n" }),
    forbid: new Set(["fail", "freeze"]),
    prependHome: true,
    qualifyDomain: "test.ex",
    sieve: { inbox: "INBOX" },
    ...given,
  };
  return makeFilterService(ports).run(request) as FilterResult;
}

const EXIM: readonly (readonly [string, Partial<FilterRequest>, FilterResult])[] = [
  ["save x", {}, { kind: "done", delivered: true, children: [{ kind: "file", path: "/home/fred/x" }] }],
  ["unseen save x", { prependHome: false }, { kind: "done", delivered: false, children: [{ kind: "file", path: "x" }] }],
  ["seen finish", {}, { kind: "done", delivered: true, children: [] }],
  ["foo", {}, { kind: "error", message: 'unknown filtering command "foo" near line 2 of filter file' }],
  ["fail", {}, { kind: "error", message: 'filtering command "fail" is disabled: near line 2 of filter file' }],
  ['defer "later"', {}, { kind: "defer", message: "later" }],
  ['deliver a@b fail "no"', { forbid: new Set() }, { kind: "fail", message: "no", children: [{ kind: "address", address: "a@b" }] }],
  [
    "deliver a@b errors_to fred@test.ex",
    {},
    { kind: "done", delivered: true, children: [{ kind: "address", address: "a@b", extra: { errorsTo: "fred@test.ex" } }] },
  ],
  ["deliver a@b errors_to joe", {}, { kind: "error", message: "errors_to must point to the caller's address" }],
  ["if personal then seen finish endif", {}, { kind: "done", delivered: true, children: [] }],
  [
    "headers add x",
    {},
    { kind: "error", message: "header addition and removal is available only in system filters: near line 2 of filter file" },
  ],
];
for (const [text, given, expected] of EXIM) test(`exim: ${text}`, (t) => t.deepEqual(ask("exim", text, given), expected));

test("rewritten addresses are the user's own", async (t) => {
  const scope = messageScope({ headers: "From: a@b\nTo: Fred.Smith@test.ex\n" });
  const text = "if personal then seen finish endif";
  t.like(await ask("exim", text, { scope }, { rewritten: async () => "fred.smith@test.ex" }), { delivered: true });
  t.like(ask("exim", text, { scope }), { delivered: false });
});

test("log files are written for the address", (t) => {
  const written: unknown[] = [];
  const ports: FilterPorts = { writeLog: (entry, address) => void written.push([entry, address.localPart]) };
  t.like(ask("exim", "logfile /x logwrite a", {}, ports), { kind: "done" });
  t.deepEqual(written, [[{ path: "/x", mode: 0o600, text: "a\n" }, "fred"]]);
  t.like(ask("exim", "logfile /x logwrite a"), { kind: "error", message: 'failed to open filter log file "/x": Operation not permitted' });
});

test("sieve: inbox, and what is not set is disabled", (t) => {
  t.deepEqual(ask("sieve", "keep;"), { kind: "done", delivered: true, children: [{ kind: "file", path: "INBOX" }] });
  t.deepEqual(ask("sieve", 'require "vacation"; discard;'), { kind: "done", delivered: true, children: [{ kind: "file", path: "INBOX" }] });
  t.like(ask("sieve", 'require "vacation"; discard; vacation "x";', { sieve: { inbox: "i", vacationDirectory: "/v" } }), {
    children: { 0: { kind: "reply", reply: { from: "fred@test.ex", to: "bob@sender.ex" } } },
  });
});

test("sieve: notifications go out when the message is delivered, not when the address is verified", (t) => {
  const sent: string[] = [];
  const ports: FilterPorts = { notify: ({ recipients }) => void sent.push(...recipients) };
  const sieve = { inbox: "i", enotifyMailtoOwner: "o@x" };
  const text = 'require "enotify"; notify "mailto:a@b"; notify "mailto:c@d";';
  ask("sieve", text, { sieve, address: routerAddress({ purpose: "verifyRecipient" }) }, ports);
  t.deepEqual(sent, []);
  t.like(ask("sieve", text, { sieve }, ports), { children: { 0: { kind: "file", path: "i" } } });
  t.deepEqual(sent, ["a@b", "c@d"]);
});
