import test from "ava";
import type { StoredMessage } from "@mailkit/sdk";
import * as fc from "fast-check";
import { fromEximFiles } from "./exim-read.ts";
import { eximHeaderFile, toEximFiles } from "./exim-write.ts";
import { inlineBody } from "./bodies.ts";
import { applyProgress, newStanding } from "./state.ts";
import { envelopeOf, HEADERS, idOf, open, scratch } from "./testing/fixtures.ts";

/** Written by a real Exim 4.96. */
const REAL = `1xViCh-0001NR-2d-H
root 0 0
<me@q.ex>
1795494747 2
-received_time_usec .817571
-received_time_complete 1795494747.819575
--helo_name x
--host_address [1.2.3.4]:567
--host_name foo.bar
--host_auth AUTH
--interface_address [127.0.0.1]:25
--ident ident
-received_protocol esmtpa
-aclc 0 5
hello
-aclc _x 3
a
b
-aclm 1 3
foo
--aclm _tai 1
y
-body_linecount 2
-max_received_linelength 10
--auth_id id x
-frozen 1795494747
-tls_resumption A
-dsn_envid env1+2B
-dsn_ret 2
YN d@one.ex
NN a@x
6
a@succ.ex rfc822;orig@succ.ex 19,12  0,-1#3
c@defer.ex  0,16  0,-1#3
d@one.ex  0,2  0,-1#3
y@smtp.ex
x@d.ex  0,0  0,2#3
y@d.ex err@q.ex 8,2#1

175P Received: from foo.bar
	([1.2.3.4] helo=x ident=ident)
	by myhost.ex with esmtpa (Exim 4.96)
	(envelope-from <me@q.ex>)
	id 1xViCh-0001NR-2d;
	Tue, 24 Nov 2026 04:32:27 +0000
011* Subject: t
008  X: a
 b
`;
const DATA = "1xViCh-0001NR-2d-D\nhello\nworld\n";

test("files of a real Exim are read", (t) => {
  const read = fromEximFiles(Buffer.from(REAL), Buffer.from(DATA));
  if (!read.ok) return t.fail(read.message);
  const { envelope, headers, body, progress } = read.message;
  t.deepEqual(envelope.recipients, [
    { address: "a@succ.ex", dsn: { notify: ["success", "failure"], orcpt: "rfc822;orig@succ.ex" } },
    { address: "c@defer.ex", dsn: { notify: ["delay"] } },
    { address: "d@one.ex", dsn: { notify: ["never"] } },
    { address: "y@smtp.ex" },
    { address: "x@d.ex", parent: "d@one.ex" },
    { address: "y@d.ex", errorsTo: "err@q.ex", parent: "d@one.ex" },
  ]);
  t.like(envelope, {
    id: "1xViCh-0001NR-2d",
    sender: "me@q.ex",
    received: 1795494747817,
    protocol: "esmtpa",
    bodyLines: 2,
    bodySize: 12,
    dsn: { ret: "hdrs", envid: "env1+2B" },
    origin: {
      login: "root",
      uid: 0,
      local: false,
      host: { address: "1.2.3.4", port: 567, name: "foo.bar" },
      interface: { address: "127.0.0.1", port: 25 },
      helo: "x",
      ident: "ident",
      authenticator: "AUTH",
      authenticatedId: "id x",
    },
  });
  t.deepEqual(envelope.aclVariables, [
    ["c0", { text: "hello", tainted: false }],
    ["c_x", { text: "a\nb", tainted: false }],
    ["m1", { text: "foo", tainted: false }],
    ["m_tai", { text: "y", tainted: true }],
  ]);
  t.deepEqual(
    headers.map((h) => h.type),
    ["P", "*", " "],
  );
  t.is(headers[2]?.text, "X: a\n b\n");
  t.is(body.toString(), "hello\nworld\n");
  t.deepEqual(progress, [
    { kind: "done", addresses: ["d@one.ex", "a@x"] },
    { kind: "attempted", at: 0, waiting: [], warnings: 2 },
    { kind: "freeze", at: 1795494747000, why: "imported frozen" },
  ]);
});

test("what was read is written the same, but for what mailkit does not keep", async (t) => {
  const read = fromEximFiles(Buffer.from(REAL), Buffer.from(DATA));
  if (!read.ok) return t.fail(read.message);
  const partition = await open(scratch(t));
  const stored = await partition.accept(read.message);
  const { header, data } = await toEximFiles(stored);
  t.is(data.toString(), DATA);
  const masked = (text: string): string =>
    text
      .replace(/^-received_time_.*\n/gm, "")
      .replace("-tls_resumption A\n", "")
      .replace("x@d.ex  0,0  0,2#3\ny@d.ex err@q.ex 8,2#1", "x@d.ex  0,0  0,2#3\ny@d.ex  0,0 err@q.ex 8,2#3")
      .replace("YN d@one.ex\nNN a@x", "YN d@one.ex\nNN a@x");
  t.is(masked(header.toString()), masked(REAL));
  await partition.close();
});

test("a newline in a value does not make a line", (t) => {
  const entry = { envelope: envelopeOf(idOf(1), { sender: "a\n-frozen 1@b" }), headers: HEADERS, state: newStanding() };
  t.true(eximHeaderFile(entry).includes("<a?-frozen 1@b>\n"));
});

test("older forms and wire format", (t) => {
  const header =
    "16VDhn-0001bo-D3-H\nmail 8 8\n<>\n1000000000 0\n-acl 3 2\nhi\n-acl 12 2\nho\n-host_address 1.2.3.4.25\n-spool_file_wireformat\n-N\nXX\n1\na b@c\n\n";
  const read = fromEximFiles(Buffer.from(header), Buffer.from("16VDhn-0001bo-D3-D\na\r\nb\r\n"));
  if (!read.ok) return t.fail(read.message);
  t.like(read.message.envelope, {
    sender: "",
    recipients: [{ address: "a b@c" }],
    dontDeliver: true,
    origin: { host: { address: "1.2.3.4", port: 25 } },
  });
  t.deepEqual(
    read.message.envelope.aclVariables.map(([name]) => name),
    ["c3", "m2"],
  );
  t.is(read.message.body.toString(), "a\nb\n");
});

test("what is no such file is refused with a reason, wherever it is cut or changed", (t) => {
  for (let cut = 0; cut < REAL.length; cut++) {
    const read = fromEximFiles(Buffer.from(REAL.slice(0, cut)), Buffer.from(DATA));
    if (!read.ok) t.true(read.message.length > 0);
  }
  t.false(fromEximFiles(Buffer.from(REAL), Buffer.from("other-D\n")).ok);
  t.false(fromEximFiles(Buffer.from(REAL.replace("\n6\n", "\n7\n")), Buffer.from(DATA)).ok);
  t.false(fromEximFiles(Buffer.from(REAL.replace("175P", "999P")), Buffer.from(DATA)).ok);
  t.false(fromEximFiles(Buffer.from("../../etc/passwd-H\n"), Buffer.from(DATA)).ok);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => typeof fromEximFiles(octets, octets).ok === "boolean"));
});

test("any done addresses survive the tree", (t) => {
  const address = fc.string({ unit: fc.constantFrom(..."abc@. x"), minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.uniqueArray(address, { maxLength: 40 }), (addresses) => {
      const standing = newStanding();
      applyProgress(standing, [{ kind: "done", addresses }]);
      const message: StoredMessage = {
        envelope: envelopeOf(idOf(1)),
        headers: HEADERS,
        body: inlineBody(Buffer.alloc(0)),
        state: standing,
      };
      const read = fromEximFiles(Buffer.from(eximHeaderFile(message), "latin1"), Buffer.from(`${idOf(1)}-D\n`));
      const done = read.ok ? read.message.progress.find((step) => step.kind === "done")?.addresses : undefined;
      return JSON.stringify([...(done ?? [])].sort()) === JSON.stringify([...addresses].sort());
    }),
  );
  t.pass();
});
