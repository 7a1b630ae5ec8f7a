import test from "ava";
import { defineTransport, type LocalJob, type NewLocalMessage, type RecipientFact, type TransportJob } from "@mailkit/sdk";
import { fakeTemplate } from "@mailkit/sdk/testing";
import { runAttempt } from "./run-attempt.ts";
import { instanceOf, message, recipient, recorder, request } from "./test-support.ts";
import type { AttemptRequest } from "./types.ts";

async function seenBy(
  generic: Readonly<Record<string, unknown>>,
  given: Parameters<typeof request>[1] = {},
): Promise<LocalJob | RecipientFact | undefined> {
  const seen: LocalJob[] = [];
  const report = await runAttempt(request(instanceOf(recorder(seen), generic), given));
  return seen[0] ?? report.facts[0];
}

test("headers: traces in front, removals before additions, router's before the transport's", async (t) => {
  const job = (await seenBy(
    {
      return_path_add: true,
      envelope_to_add: true,
      delivery_date_add: true,
      headers_remove: "x-gone : x-r* : fail",
      headers_add: "X-A: one\n two\nfail\nX-B: $domain",
      return_path: "v-$local_part@x",
    },
    {
      recipients: [recipient("user@example.com"), recipient("u2@example.com")],
      router: { name: "r1", headersAdd: ["X-R: r"], headersRemove: ["to"] },
    },
  )) as LocalJob;
  t.is(
    job.message.headers,
    "Return-path: <v-@x>\nEnvelope-to: user@example.com,\n u2@example.com\nDelivery-date: Tue, 24 Nov 2026 04:09:16 +0000\n" +
      "Subject: t\nX-R: r\nX-A: one\n two\nX-B: example.com\n",
  );
  t.is(job.message.sender, "v-@x", "no local part for a batch");
});

test("headers_rewrite sees the message's own lines only", async (t) => {
  const rewriteHeaders: AttemptRequest["ports"]["rewriteHeaders"] = (_rules, lines) =>
    lines.map((line) => ({ ...line, text: line.text.toUpperCase() }));
  const job = (await seenBy(
    { headers_rewrite: fakeTemplate("rules"), headers_add: "X-New: a" },
    { ports: { rewriteHeaders } as never },
  )) as LocalJob;
  t.is(job.message.headers, "SUBJECT: T\nX-GONE: 1\nTO: X@Y\nX-New: a\n");
});

test("affixes come off, unless they are wanted", async (t) => {
  const recipients = [recipient("Abc-xyz@some.domain", { localPart: "xyz", prefix: "abc-", prefixVariable: "abc" })];
  t.is(((await seenBy({}, { recipients })) as LocalJob).recipients[0]?.address, "xyz@some.domain");
  t.is(((await seenBy({ rcpt_include_affixes: true }, { recipients })) as LocalJob).recipients[0]?.address, "Abc-xyz@some.domain");
});

/** Faults of generic options, in a real Exim 4.96's words. */
const FAULTS: readonly (readonly [Record<string, unknown>, RecipientFact["kind"], number | undefined, string])[] = [
  [{ return_path: "error:bad" }, "deferred", -27, 'Failed to expand return path "error:bad" in t1 transport: bad'],
  [{ message_size_limit: "10" }, "failed", undefined, "message is too big (transport limit = 10)"],
  [{ message_size_limit: "10z" }, "deferred", -1, 'invalid message_size_limit in t1 transport: invalid integer "10z"'],
  [{ home_directory: "rel" }, "deferred", -21, 'home directory path "rel" is not absolute for t1 transport'],
  [{ home_directory: "error:x" }, "deferred", -27, 'home directory "error:x" failed to expand for t1 transport: x'],
  [{ current_directory: "rel" }, "deferred", -21, 'current directory path "rel" is not absolute for t1 transport'],
  [{ headers_add: "error:x" }, "deferred", -25, "failed to expand headers_add or headers_remove: x"],
  [{ user: { kind: "template", template: fakeTemplate("error:x") } }, "deferred", -29, 'Failed to expand user string "error:x" for the t1 transport: x'],
  [{ user: { kind: "template", template: fakeTemplate("nobody-here") } }, "deferred", -29, 'Failed to find user "nobody-here" from expanded string "nobody-here" for the t1 transport'],
  [{ user: { kind: "number", id: 0 }, group: { kind: "number", id: 0 } }, "deferred", -29, "User 0 set for t1 transport is on the never_users list"],
  [{ user: { kind: "number", id: 77 } }, "deferred", -29, "User set without group for t1 transport"],
  [{ max_parallel: "x" }, "deferred", -1, 'Failed to expand max_parallel option in t1 transport (user@example.com): integer expected but "x" found'],
]; // prettier-ignore

for (const [generic, kind, errno, text] of FAULTS) {
  test(`generic option: ${text.slice(0, 60)}`, async (t) => {
    const fact = (await seenBy(generic)) as RecipientFact;
    t.like(fact, { kind, message: text });
    if (fact.kind === "deferred") t.is(fact.errno, errno);
  });
}

test("return_path: forced failure keeps the old one, <> is the null sender", async (t) => {
  t.is(((await seenBy({ return_path: "fail" })) as LocalJob).message.sender, "s@x.y");
  t.is(((await seenBy({ return_path: "<>" })) as LocalJob).message.sender, "");
});

test("identity: transport before router, group by itself, the group of the user last", async (t) => {
  const asked: unknown[] = [];
  const helpers = {
    perform: async (identity: unknown, task: { job: LocalJob }) => (
      asked.push(identity),
      { facts: task.job.recipients.map(() => ({ kind: "delivered" as const })) }
    ),
    close: async () => {},
  };
  const router = { name: "r1", headersAdd: [], headersRemove: [], identity: { uid: 500, gid: 501, initgroups: "joe" } };
  const cases: readonly (readonly [Record<string, unknown>, Partial<AttemptRequest>, unknown])[] = [
    [{}, { router }, { uid: 500, gid: 501, initgroups: "joe" }],
    [{ group: { kind: "name", name: "mail" } }, { router }, { uid: 500, gid: 8, initgroups: "joe" }],
    [{ user: { kind: "name", name: "fred" } }, {}, { uid: 1234, gid: 1235 }],
    [{ user: { kind: "name", name: "fred" }, initgroups: true }, { router }, { uid: 1234, gid: 501, initgroups: "fred" }],
  ];
  for (const [generic, given, expected] of cases) {
    await runAttempt(request(instanceOf(recorder([]), generic), { ...given, ports: { helpers } as never }));
    t.deepEqual(asked.pop(), expected);
  }
});

test("home, working directory and their variables", async (t) => {
  const router = { name: "r1", headersAdd: [], headersRemove: [], home: "/router" };
  t.like(await seenBy({}, { router }), { home: "/router", cwd: "/router" });
  t.like(await seenBy({ home_directory: "/own", current_directory: "$home/sub" }, { router }), { home: "/own", cwd: "/own/sub" });
  t.like(await seenBy({}), { cwd: "/" });
});

test("transport_filter: its output is the message; its failure defers; $pipe_addresses are words", async (t) => {
  const job = (await seenBy({ transport_filter: "/bin/sh -c 'echo \"\\$*\"; tr a-z A-Z' x $pipe_addresses" })) as LocalJob;
  t.is((await job.message.body.read()).toString(), "user@example.com\nSUBJECT: T\nX-GONE: 1\nTO: X@Y\n\nHELLO\n");
  t.is(job.message.parts, "body");
  t.like(await seenBy({ transport_filter: "/no/such" }), {
    kind: "deferred",
    errno: -24,
    message: "transport filter process failed (127): unable to execute command",
  });
  t.like(await seenBy({ transport_filter: "/bin/sh -c 'cat; exit 9'" }), { message: "transport filter process failed (9)" });
  t.like(await seenBy({ transport_filter: "/bin/sleep 20", transport_filter_timeout: 100 }), {
    kind: "deferred",
    message: "transport filter timeout while writing to pipe",
  });
  t.is(
    ((await seenBy({ transport_filter: "$empty" }, { scope: request(instanceOf(recorder([]))).scope })) as RecipientFact).kind,
    "deferred",
  );
});

test("a large filter output goes through a file and comes out whole", async (t) => {
  let size = 0;
  const driver = recorder([], (job) => ((size = job.message.body.size), { facts: [{ kind: "delivered" }] }));
  const body = "x".repeat(99) + "\n";
  await runAttempt(request(instanceOf(driver, { transport_filter: "/bin/cat" }), { message: message("A: b\n", body.repeat(30_000)) }));
  t.is(size, 6 + 3_000_000);
});

test("a shadow transport runs after success only, and its fault is told beside", async (t) => {
  const main = (fact: RecipientFact, generic = {}) =>
    instanceOf(
      recorder([], () => ({ facts: [fact] })),
      { shadow_transport: "sh", ...generic },
    );
  const shadow = instanceOf(
    recorder([], () => ({ facts: [{ kind: "deferred", message: "creating x", errno: 13, scope: "none" }] })),
    {},
    "sh",
  );
  const ports = { instance: (name: string) => (name === "sh" ? shadow : undefined) } as never;
  const delivered = await runAttempt(request(main({ kind: "delivered" }), { ports }));
  t.like(delivered.facts[0], { kind: "delivered", shadow: { transport: "sh", error: "Permission denied: creating x" } });
  t.like((await runAttempt(request(main({ kind: "failed", message: "m" }), { ports }))).facts[0], { kind: "failed" });
  t.deepEqual((await runAttempt(request(main({ kind: "delivered" }, { shadow_condition: "no" }), { ports }))).facts, [
    { kind: "delivered" },
  ]);
});

test("max_parallel counts runs, and lets go", async (t) => {
  const running = new Map([["t1", 1]]);
  const instance = instanceOf(recorder([]), { max_parallel: "1" });
  t.like((await runAttempt(request(instance, { ports: { running } as never }))).facts[0], {
    kind: "deferred",
    errno: -57,
    message: "concurrency limit reached for transport",
  });
  running.clear();
  t.is((await runAttempt(request(instance, { ports: { running } as never }))).facts[0]?.kind, "delivered");
  t.is(running.size, 0);
});

test("what a driver throws is a deferral; what it writes goes to the queue as its user", async (t) => {
  const broken = recorder([], () => { throw new Error("oh"); }); // prettier-ignore
  t.like((await runAttempt(request(instanceOf(broken)))).facts[0], { kind: "deferred", message: "t1 transport broke: oh" });
  const sent: NewLocalMessage[] = [];
  const writer = recorder([], () => ({ facts: [{ kind: "delivered" }], submit: [{ sender: "", recipients: ["a@b"], text: "x" }] }));
  const identity = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const ports = { neverUsers: [], submit: async (one: NewLocalMessage) => (sent.push(one), "id") } as never;
  const report = await runAttempt(
    request(instanceOf(writer), { router: { name: "r", headersAdd: [], headersRemove: [], identity }, ports }),
  );
  t.deepEqual(sent, [{ sender: "", recipients: ["a@b"], text: "x", identity }]);
  t.is(report.submit, undefined);
});

test("file_format: the delivery goes on with the transport that it names", async (t) => {
  const first = instanceOf(recorder([], (job) => ({ facts: job.recipients.map(() => ({ kind: "delivered" })), passTo: "other" })));
  const seen: LocalJob[] = [];
  const other = instanceOf(recorder(seen), {}, "other");
  const ports = { instance: (name: string) => (name === "other" ? other : undefined) } as never;
  t.is((await runAttempt(request(first, { ports }))).facts[0]?.kind, "delivered");
  t.is(seen.length, 1);
  t.like((await runAttempt(request(first))).facts[0], {
    kind: "deferred",
    errno: -30,
    message: "other transport (for other format) not found",
  });
});

test("a remote driver gets hosts, fallback hosts and services", async (t) => {
  const seen: TransportJob[] = [];
  const remote = defineTransport({
    name: "remote",
    where: "remote",
    options: {},
    needs: [],
    deliver: async (job, _options, host) => {
      seen.push(job);
      const name = await host.expandFor(
        { name: "h.x", address: "192.0.2.1", port: 26, fromMx: false },
        fakeTemplate("$host $host_port $transport_name"),
      );
      return { facts: [{ kind: "delivered", confirmation: name.kind === "value" ? name.text : "" }] };
    },
  });
  const hosts = [{ name: "a", address: "192.0.2.2", fromMx: true }];
  const router = { name: "r1", headersAdd: [], headersRemove: [], fallbackHosts: ["b"] };
  const report = await runAttempt(request(instanceOf(remote), { hosts, router }));
  t.like(report.facts[0], { confirmation: "h.x 26 t1" });
  t.deepEqual([seen[0]?.hosts, seen[0]?.fallbackHosts], [hosts, ["b"]]);
});
