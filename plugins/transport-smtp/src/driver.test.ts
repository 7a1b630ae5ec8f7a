import test from "ava";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostTarget, RecipientFact, TransportJob, TransportReport } from "@mailkit/sdk";
import {
  fakeBody,
  fakeJob,
  fakeMessage,
  fakeRecipient,
  fakeTransportServices,
  optionValues,
  transportCompliance,
} from "@mailkit/sdk/testing";
import { driver } from "./driver.ts";
import { startSink, type Script, type Sink } from "./sink.ts";
import { testCertificate, testKey } from "./test-certificate.ts";

const at = (sink: { port: number }, name = "sink.example"): HostTarget => ({ name, address: "127.0.0.1", port: sink.port, fromMx: false });

let instances = 0;

/** A delivery by an instance of its own, so that no other test's sessions are used. */
async function deliver(
  options: Readonly<Record<string, unknown>>,
  given: Partial<TransportJob>,
  services: Parameters<typeof fakeTransportServices>[1] = {},
): Promise<TransportReport> {
  const job = fakeJob({ transport: `smtp${instances++}`, ...given });
  return driver.deliver(job, optionValues(driver.options, options) as never, fakeTransportServices(job, services));
}

const people = (...names: string[]): TransportJob["recipients"] => names.map((name) => fakeRecipient(`${name}@test.ex`));
const shown = (fact: RecipientFact | undefined): string =>
  fact === undefined ? "" : fact.kind === "delivered" ? "delivered" : `${fact.kind} ${fact.errno ?? "-"} ${fact.message}`;

transportCompliance(test, driver, async () => {
  const sink = await startSink();
  return {
    options: { protocol: "smtp", message_linelength_limit: 0 },
    brokenOptions: { connect_timeout: 2000, hosts: "127.0.0.1::1", hosts_override: true, allow_localhost: true },
    hosts: [at(sink)],
    arrived: async () => sink.messages.map((message) => message.text),
    close: () => sink.close(),
  };
});

transportCompliance(
  (title, run) => test(`BDAT, ${title}`, run as never),
  driver,
  async () => {
    const sink = await startSink({ offers: ["PIPELINING", "CHUNKING"] });
    return {
      options: { message_linelength_limit: 0 },
      brokenOptions: { hosts_require_tls: "*" },
      hosts: [at(sink)],
      arrived: async () => sink.messages.map((message) => message.text),
      close: () => sink.close(),
    };
  },
);

/** What the server does; what is said of a@, b@, c@; all of 4.96's texts. */
const SCRIPTS: readonly (readonly [string, Script, readonly string[]])[] = [
  ["refused RCPT", { rcpt: (a) => (a.startsWith("b") ? "550 NO" : "250 OK") }, ["delivered", "failed - SMTP error from remote mail server after RCPT TO:<b@test.ex>: 550 NO", "delivered"]],
  ["deferred RCPT, no pipelining", { offers: [], rcpt: (a) => (a.startsWith("b") ? "451 later" : "250 OK") }, ["delivered", "deferred -44 SMTP error from remote mail server after RCPT TO:<b@test.ex>: 451 later", "delivered"]],
  ["all refused, 354 all the same", { rcpt: () => "550 NO", data: "354 go" }, ["a", "b", "c"].map((n) => `failed - SMTP error from remote mail server after RCPT TO:<${n}@test.ex>: 550 NO`)],
  ["greeting 4xx", { greeting: "451 host deferred" }, Array.from({ length: 3 }, () => "deferred 0 SMTP error from remote mail server after initial connection: 451 host deferred")],
  ["greeting 5xx", { greeting: "554 no" }, Array.from({ length: 3 }, () => "failed - SMTP error from remote mail server after initial connection: 554 no")],
  ["MAIL 4xx", { mail: "451 Temp error", offers: [] }, Array.from({ length: 3 }, () => "deferred -45 SMTP error from remote mail server after MAIL FROM:<sender@example.org>: 451 Temp error")],
  ["MAIL 5xx pipelined", { mail: "550 Perm error", offers: ["PIPELINING"] }, Array.from({ length: 3 }, () => "failed - SMTP error from remote mail server after pipelined MAIL FROM:<sender@example.org>: 550 Perm error")],
  ["DATA 4xx pipelined", { data: "403 Sorry temp data error" }, Array.from({ length: 3 }, () => "deferred -46 SMTP error from remote mail server after pipelined DATA: 403 Sorry temp data error")],
  ["dot 4xx", { dot: "450 post-data problem" }, Array.from({ length: 3 }, () => "deferred -46 SMTP error from remote mail server after end of data: 450 post-data problem")],
  ["BDAT 5xx", { offers: ["PIPELINING", "CHUNKING"], dot: "500 oops bdat" }, Array.from({ length: 3 }, () => "failed - SMTP error from remote mail server after pipelined end of data: 500 oops bdat")],
  ["lost at greeting", { greeting: "drop" }, Array.from({ length: 3 }, () => "deferred -18 Remote host closed connection in response to initial connection")],
  ["lost at EHLO", { hello: "drop" }, Array.from({ length: 3 }, () => "deferred -18 Remote host closed connection in response to EHLO mail.example.net")],
  ["lost at RCPT", { rcpt: (a) => (a.startsWith("b") ? "drop" : "250 OK") }, Array.from({ length: 3 }, () => "deferred -18 Remote host closed connection in response to pipelined RCPT TO:<b@test.ex>")],
  ["lost after the dot", { dot: "drop" }, Array.from({ length: 3 }, () => "deferred -18 Remote host closed connection in response to end of data")],
  ["empty line for a reply", { offers: [], mail: "" }, Array.from({ length: 3 }, () => "deferred -19 Malformed SMTP reply (an empty line) in response to MAIL FROM:<sender@example.org>")],
]; // prettier-ignore

for (const [what, script, expected] of SCRIPTS) {
  test(`one host: ${what}`, async (t) => {
    const sink = await startSink(script);
    const report = await deliver({}, { hosts: [at(sink)], recipients: people("a", "b", "c") });
    t.deepEqual(report.facts.map(shown), expected);
    await sink.close();
  });
}

test("timeouts belong to the recipient after RCPT, to the message after the dot, to the host elsewhere", async (t) => {
  const cases: readonly (readonly [Script, string, string])[] = [
    [{ greeting: "silence" }, "SMTP timeout after initial connection", "host"],
    [{ offers: [], mail: "silence" }, "SMTP timeout after MAIL FROM:<sender@example.org>", "message"],
    [{ offers: [], rcpt: () => "silence" }, "SMTP timeout after RCPT TO:<user@example.com>", "recipient"],
    [{ offers: [], data: "silence" }, "SMTP timeout after DATA", "host"],
  ];
  for (const [script, message, scope] of cases) {
    const sink = await startSink(script);
    const report = await deliver({ command_timeout: 700 }, { hosts: [at(sink)] });
    t.like(report.facts[0], { kind: "deferred", errno: 110, message, scope });
    if (scope === "host") t.deepEqual(report.log, [`H=sink.example [127.0.0.1]: ${message}: Connection timed out`]);
    await sink.close();
  }
  const sink = await startSink({ dot: "silence" });
  const report = await deliver({ final_timeout: 700 }, { hosts: [at(sink)] });
  t.like(report.facts[0], { errno: 110, scope: "message" });
  t.regex((report.facts[0] as { message: string }).message, /^SMTP timeout after end of data \(\d+ bytes written\)$/);
  await sink.close();
});

test("a refused connection: number, class, log line, no text of its own; the next host gets the message", async (t) => {
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve));
  const port = (free.address() as { port: number }).port;
  await new Promise((resolve) => free.close(resolve));
  const dead: HostTarget = { name: "dead.example", address: "127.0.0.1", port, fromMx: true };
  const alone = await deliver({}, { hosts: [dead] });
  t.like(alone.facts[0], { kind: "deferred", errno: 111, message: "", retryError: "refused_MX", scope: "host" });
  const setting = (name: string): string | undefined => (name === "log_selector" ? "-all +outgoing_port" : undefined);
  t.deepEqual((await deliver({}, { hosts: [dead] }, { setting })).log, [`H=dead.example [127.0.0.1]:${port} Connection refused`]);
  t.deepEqual(alone.log, ["H=dead.example [127.0.0.1] Connection refused"]);
  t.like(alone.hosts?.[0], { result: "deferred", retryError: "refused_MX", port });
  const sink = await startSink();
  const both = await deliver({}, { hosts: [dead, at(sink)] });
  t.like(both.facts[0], { kind: "delivered", confirmation: "250 OK id=sink", host: { name: "sink.example" } });
  t.deepEqual(
    both.hosts?.map((fact) => fact.result),
    ["deferred", "ok"],
  );
  await sink.close();
});

test("only recipients that are still open go to the next host", async (t) => {
  const first = await startSink({ rcpt: (a) => (a.startsWith("a") ? "250 OK" : a.startsWith("b") ? "450 later" : "550 never") });
  const second = await startSink();
  const report = await deliver({}, { hosts: [at(first), at(second, "second.example")], recipients: people("a", "b", "c") });
  t.deepEqual(
    report.facts.map((fact) => fact.kind),
    ["delivered", "delivered", "failed"],
  );
  t.deepEqual(
    second.messages.map((message) => message.recipients),
    [["b@test.ex"]],
  );
  await first.close();
  await second.close();
});

test("hosts_max_try: skipped hosts do not count, the first of a higher MX value is tried at the limit, the hard limit is hard", async (t) => {
  const sinks = await Promise.all(Array.from({ length: 5 }, () => startSink({ greeting: "451 busy" })));
  const hosts = sinks.map((sink, i) => ({ ...at(sink, `h${i}.example`), fromMx: true, mx: i < 3 ? 10 : 20 }));
  const tried = async (options: object, skip = -1, outlived = false): Promise<string[]> => {
    const report = await deliver(
      options as never,
      { hosts },
      {
        admit: (host) =>
          host.name === `h${skip}.example` ? { ok: false, reason: "retry time not reached" } : { ok: true, outlived: () => outlived },
      },
    );
    return (report.hosts ?? []).filter((fact) => fact.result !== "skipped").map((fact) => fact.host.name);
  };
  t.deepEqual(await tried({ hosts_max_try: 1 }), ["h0.example", "h3.example"]);
  t.deepEqual(await tried({ hosts_max_try: 1 }, 0), ["h1.example", "h3.example"]);
  t.is((await tried({ hosts_max_try: 1 }, -1, true)).length, 5, "a message past its last cutoff tries them all");
  t.deepEqual(await tried({ hosts_max_try: 5, hosts_max_try_hardlimit: 2 }), ["h0.example", "h1.example"]);
  await Promise.all(sinks.map((sink) => sink.close()));
});

test("nothing may be tried: says so, and which hosts were passed over", async (t) => {
  const report = await deliver(
    {},
    { hosts: [{ name: "h", address: "127.0.0.1", fromMx: true }] },
    { admit: () => ({ ok: false, reason: "retry time not reached" }) },
  );
  t.like(report.facts[0], { kind: "deferred", errno: -54, message: "retry time not reached for any host for 'example.com'" });
  t.like(report.hosts?.[0], { result: "skipped", port: 25 });
});

test("fallback hosts take what the others put off", async (t) => {
  const down = await startSink({ greeting: "451 down" });
  const spare = await startSink();
  const report = await deliver({ allow_localhost: true }, { hosts: [at(down)], fallbackHosts: [`127.0.0.1::${spare.port}`] });
  t.is(report.facts[0]?.kind, "delivered");
  t.is(spare.messages.length, 1);
  await down.close();
  await spare.close();
});

test("a session is kept for the next message and marked as continued", async (t) => {
  const sink = await startSink();
  const transport = "kept";
  const options = { connection_max_messages: 2 };
  const one = async (): Promise<RecipientFact | undefined> => (await deliver(options, { hosts: [at(sink)], transport })).facts[0];
  const host = (fact: RecipientFact | undefined): boolean | undefined => (fact?.kind === "delivered" ? fact.host?.continued : undefined);
  t.is(host(await one()), undefined);
  t.is(host(await one()), true);
  t.is(host(await one()), undefined, "connection_max_messages ends it");
  t.deepEqual(
    sink.messages.map((message) => message.connection),
    [0, 0, 1],
  );
  t.is(sink.commands[0]?.at(-1), "QUIT");
  await sink.close();
});

test("a kept session that died is not held against the host", async (t) => {
  let drop = false;
  const sink = await startSink({ get mail() { return drop ? ((drop = false), "drop") : "250 OK"; } }); // prettier-ignore
  const one = async (): Promise<RecipientFact | undefined> => (await deliver({}, { hosts: [at(sink)], transport: "died" })).facts[0];
  await one();
  drop = true;
  const second = await one();
  t.is(second?.kind, "delivered");
  t.is(sink.connections(), 2);
  await sink.close();
});

test("LMTP: a reply for each recipient", async (t) => {
  const sink = await startSink({
    lmtp: true,
    dot: (rcpts) => rcpts.map((a) => (a.startsWith("a") ? "250 OK" : a.startsWith("b") ? "550 Bad user" : "450 TEMPERROR")),
  });
  const report = await deliver({ protocol: "lmtp" }, { hosts: [at(sink)], recipients: people("a", "b", "c") });
  t.deepEqual(report.facts.map(shown), [
    "delivered",
    "failed - LMTP error after DATA: 550 Bad user",
    "deferred 0 LMTP error after DATA: 450 TEMPERROR",
  ]);
  t.is(sink.commands[0]?.[0], "LHLO mail.example.net");
  await sink.close();
});

test("LMTP: IGNOREQUOTA where it is offered", async (t) => {
  const sink = await startSink({ lmtp: true, offers: ["IGNOREQUOTA"] });
  await deliver({ protocol: "lmtp", lmtp_ignore_quota: true }, { hosts: [at(sink)] });
  t.true(sink.commands[0]?.includes("RCPT TO:<user@example.com> IGNOREQUOTA"));
  await sink.close();
});

test("SIZE, DSN, 8BITMIME are said where offered; a transaction holds max_rcpt recipients", async (t) => {
  const sink = await startSink({ offers: ["SIZE", "8BITMIME", "DSN"] });
  const recipients = people("a", "b", "c").map((one) => ({ ...one, dsn: { notify: ["failure" as const], orcpt: "rfc822;x@y" } }));
  const message = fakeMessage({ eightBit: true, dsn: { ret: "hdrs", envid: "42" }, text: "x".repeat(100) + "\n" });
  const report = await deliver({ max_rcpt: 2 }, { hosts: [at(sink)], recipients, message });
  const size = message.headers.length + 1 + 101 + 1024;
  t.is(sink.commands[0]?.[1], `MAIL FROM:<sender@example.org> SIZE=${size} BODY=8BITMIME RET=HDRS ENVID=42`);
  t.is(sink.commands[0]?.[2], "RCPT TO:<a@test.ex> NOTIFY=FAILURE ORCPT=rfc822;x@y");
  t.deepEqual(
    sink.messages.map((one) => one.recipients.length),
    [2, 1],
  );
  t.true(report.facts.every((fact) => fact.kind === "delivered" && fact.dsnPassedOn === true));
  await sink.close();
});

test("who is too many for one message (452) gets the next one; who alone is refused so waits", async (t) => {
  let taken = 0;
  const sink = await startSink({ offers: [], rcpt: () => (taken++ % 3 === 2 ? "452 too many recipients" : "250 OK") });
  const report = await deliver({}, { hosts: [at(sink)], recipients: people("a", "b", "c", "d") });
  t.deepEqual(
    sink.messages.map((one) => one.recipients),
    [["a@test.ex", "b@test.ex", "d@test.ex"], ["c@test.ex"]],
  );
  t.true(report.facts.every((fact) => fact.kind === "delivered"));
  await sink.close();
  const full = await startSink({ rcpt: () => "452 full" });
  const refused = await deliver({}, { hosts: [at(full)] });
  t.is(shown(refused.facts[0]), "deferred -44 SMTP error from remote mail server after RCPT TO:<user@example.com>: 452 full");
  t.is(full.connections(), 1);
  await full.close();
});

test("PRDR: the replies for the recipient and for the message; a timeout tells the unanswered ones no host", async (t) => {
  const sink = await startSink({ offers: ["PRDR"], dot: () => ["353 each", "250 first", "550 not me", "250 whole"] });
  const report = await deliver({}, { hosts: [at(sink)], recipients: people("a", "b") });
  t.like(report.facts[0], { kind: "delivered", confirmation: "250 first\n250 whole", host: { prdr: true } });
  t.is(shown(report.facts[1]), "failed - PRDR error after DATA: 550 not me");
  await sink.close();
  const slow = await startSink({ offers: [], rcpt: (address) => (address.startsWith("a") ? "250 OK" : "silence") });
  const { facts } = await deliver({ command_timeout: 700 }, { hosts: [at(slow)], recipients: people("a", "b", "c") });
  t.deepEqual(
    facts.map((fact) => fact.kind === "deferred" && [fact.message, fact.host?.name]),
    ["sink.example", "sink.example", undefined].map((host) => ["SMTP timeout after RCPT TO:<b@test.ex>", host]),
  );
  await slow.close();
});

test("AUTH= of MAIL: who is known to have sent it, said to nobody without AUTH unless forced", async (t) => {
  const sink = await startSink();
  const message = fakeMessage({ authenticatedSender: "known@x" });
  await deliver({}, { hosts: [at(sink)], message });
  await deliver({ authenticated_sender_force: true, size_addition: -1 }, { hosts: [at(sink)], message });
  t.deepEqual(
    sink.commands.map((lines) => lines[1]?.includes("AUTH")),
    [false, true],
  );
  t.is(sink.commands[1]?.[1], "MAIL FROM:<sender@example.org> AUTH=known@x");
  await sink.close();
});

test("lines too long for the limit fail without a connection", async (t) => {
  const sink = await startSink();
  const message = fakeMessage({ body: fakeBody("x".repeat(999) + "\n") });
  t.is(shown((await deliver({}, { hosts: [at(sink)], message })).facts[0]), "failed - message has lines too long for transport");
  t.is((await deliver({ message_linelength_limit: 999 }, { hosts: [at(sink)], message })).facts[0]?.kind, "delivered");
  t.is(sink.connections(), 1);
  await sink.close();
});

test("AUTH: tried in order, logged when it fails, required where the list says so", async (t) => {
  const sink = await startSink({ offers: ["AUTH PLAIN LOGIN"], auth: "535 no" });
  const candidate = (name: string) => ({
    name,
    mechanism: name.toUpperCase(),
    start: () => ({ kind: "send" as const, octets: Buffer.from("\0u\0p"), state: undefined }),
    next: () => ({ kind: "cancel" as const, message: "" }),
  });
  const authenticators = { candidates: () => [candidate("plain"), candidate("login")] };
  const tried = await deliver({ hosts_try_auth: "*" }, { hosts: [at(sink)] }, { authenticators });
  t.is(tried.facts[0]?.kind, "delivered");
  t.deepEqual(
    tried.log,
    ["plain", "login"].map((name) => `${name} authenticator failed H=sink.example [127.0.0.1] 535 no`),
  );
  const required = await deliver({ hosts_require_auth: "*" }, { hosts: [at(sink)] }, { authenticators });
  t.is(shown(required.facts[0]), "deferred -42 authentication required but authentication attempt(s) failed");
  await sink.close();
  const good = await startSink({ offers: ["AUTH PLAIN"] });
  const report = await deliver({ hosts_try_auth: "*", authenticated_sender: "me" }, { hosts: [at(good)] }, { authenticators });
  t.like(report.facts[0], { kind: "delivered", host: { authenticator: "plain" } });
  t.is(good.commands[0]?.[1], `AUTH PLAIN ${Buffer.from("\0u\0p").toString("base64")}`);
  t.is(good.commands[0]?.[2], "MAIL FROM:<sender@example.org> AUTH=me");
  await good.close();
});

test("TLS required but not offered; TLS that fails is tried in clear unless forbidden", async (t) => {
  const plain = await startSink();
  t.is(
    shown((await deliver({ hosts_require_tls: "*" }, { hosts: [at(plain)] })).facts[0]),
    "deferred -38 a TLS session is required, but the server did not offer TLS support",
  );
  await plain.close();
  const broken = await startSink({ offers: ["STARTTLS"], tls: { key: "", cert: "" } });
  const clear = await deliver({ command_timeout: 3000 }, { hosts: [at(broken)] });
  t.is(clear.facts[0]?.kind, "delivered", JSON.stringify(clear));
  t.regex(clear.log?.[0] ?? "", /^TLS session failure: delivering unencrypted to sink.example \[127.0.0.1\] \(not in hosts_require_tls\)/);
  const kept = await deliver({ tls_tempfail_tryclear: false, command_timeout: 3000 }, { hosts: [at(broken)] });
  t.like(kept.facts[0], { kind: "deferred", errno: -37 });
  await broken.close();
});

test("serialize_hosts: a host that somebody is connected to is passed over", async (t) => {
  const held = new Map<string, unknown>([["host-serialize-sink.example", { since: 1_700_000_000_000 }]]);
  const hints = {
    update: (_: string, key: string, change: (old: unknown) => unknown) =>
      void held.set(key, change(held.has(key) ? { key, value: held.get(key), updated: 0 } : undefined)),
    delete: (_: string, key: string) => void held.delete(key),
  } as never;
  const sink: Sink = await startSink();
  const busy = await deliver({ serialize_hosts: "*" }, { hosts: [at(sink)] }, { hints });
  t.is(shown(busy.facts[0]), "deferred -54 connection limit reached for all hosts for 'example.com'");
  held.clear();
  t.is((await deliver({ serialize_hosts: "*" }, { hosts: [at(sink)] }, { hints })).facts[0]?.kind, "delivered");
  t.is(held.size, 0, "let go");
  await sink.close();
});

test("the transport's own hosts: looked up, shuffled in groups, never this host itself", async (t) => {
  const sink = await startSink();
  const hosts = {
    addresses: ({ name }: { name: string }) => ({
      kind: "found",
      hosts: [{ name, address: "127.0.0.1", fromMx: false }],
      name,
      local: "no",
      secure: false,
    }),
    isLocal: () => false,
  } as never;
  const report = await deliver({ hosts: `one.example::${sink.port}` }, {}, { hosts });
  t.like(report.facts[0], { kind: "delivered", host: { name: "one.example" } });
  const local = { ...(hosts as object), isLocal: () => true } as never;
  t.is(
    shown((await deliver({ hosts: "one.example" }, {}, { hosts: local })).facts[0]),
    "deferred -1 remote host address is the local host",
  );
  t.is((await deliver({ hosts: "fail" }, {}, { hosts })).facts[0]?.kind, "deferred");
  await sink.close();
});

test("TLS: verified by its authority, by name; required verification that fails; TLS from the start", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mailkit-tls-"));
  const authority = join(folder, "ca.pem");
  writeFileSync(authority, testCertificate);
  const tls = { key: testKey, cert: testCertificate };
  const sink = await startSink({ offers: ["STARTTLS", "PIPELINING"], tls });
  const tlsOf = (report: TransportReport): unknown =>
    report.facts[0]?.kind === "delivered" ? report.facts[0].host?.tls : shown(report.facts[0]);
  const verified = await deliver({ tls_verify_certificates: authority, tls_verify_hosts: "*" }, { hosts: [at(sink)] });
  t.like(tlsOf(verified), { version: "TLS1.3", bits: 256, verified: true, peerDn: "/CN=sink.example" });
  t.deepEqual(sink.commands[0]?.slice(0, 3), ["EHLO mail.example.net", "STARTTLS", "EHLO mail.example.net"]);
  const wrongName = { tls_verify_certificates: authority, tls_verify_hosts: "*", hosts_require_tls: "*" };
  t.like((await deliver(wrongName, { hosts: [at(sink, "other.example")] })).facts[0], { kind: "deferred", errno: -37 });
  t.like(tlsOf(await deliver({ ...wrongName, tls_verify_cert_hostnames: undefined }, { hosts: [at(sink, "other.example")] })), {
    verified: true,
  });
  t.like(tlsOf(await deliver({}, { hosts: [at(sink)] })), { verified: false }, "tried, not required");
  t.is(tlsOf(await deliver({ hosts_avoid_tls: "*" }, { hosts: [at(sink)] })), undefined);
  await sink.close();
  const secure = await startSink({ implicitTls: true, tls });
  t.like(tlsOf(await deliver({ protocol: "smtps" }, { hosts: [at(secure)] })), { version: "TLS1.3" });
  await secure.close();
  rmSync(folder, { recursive: true });
});
