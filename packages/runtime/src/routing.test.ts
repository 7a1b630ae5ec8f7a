import { newMessageFacts, newSessionFacts } from "@mailkit/sdk";
import test from "ava";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "./engine.ts";

/** Routers against real lists and expansions: what only both together decide. Answers are those of Exim 4.96. */
const CONFIG = `primary_hostname = mx.test
begin routers
numbers:
  driver = redirect
  domains = ^(.*)\\.a\\$
  condition = \${if match{$local_part}{(x)}{yes}}
  address_data = [$1]
  set = r_one = $1
  allow_defer
  data = :defer: $address_data $r_one $1
senders:
  driver = redirect
  domains = *.b
  senders = ^(.*)@q
  allow_defer
  data = :defer: <$1>
cases:
  driver = redirect
  domains = c
  local_part_suffix = +*
  local_part_suffix_optional
  local_parts = +caseful : Only : ^(O)nce
  allow_defer
  data = :defer: $local_part <$1>
`;

const rows: [address: string, why: string, message: string][] = [
  ["x@q.a", "$1 of a list lasts through the router; an item keeps what it matched itself", "[q] q q"],
  ["x@q.b", "a list of senders leaves nothing", "<>"],
  ["Only@c", "+caseful sees the case that was written, the router does not", "only <>"],
  ["Only+y@c", "without the suffix", "only <>"],
  ["Once@c", "$1 has the case that was written", "once <O>"],
  ["only@c", "another local part", "Unrouteable address"],
];

test("numeric variables and case in the preconditions of routers", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mailkit-routing-"));
  const path = join(folder, "exim.conf");
  writeFileSync(path, CONFIG);
  const engine = await openEngine({ source: { kind: "file", path }, env: {}, cwd: folder });
  t.teardown(async () => {
    await engine.close();
    rmSync(folder, { recursive: true });
  });
  t.deepEqual(
    engine.diagnostics.filter(({ severity }) => severity === "error"),
    [],
  );
  for (const [address, why, message] of rows) {
    const result = await engine.routers.route({ address, purpose: "test", sender: "s@q", scope: engine.scopes.bare() });
    t.is("message" in result ? result.message : result.kind, message, `${address}: ${why}`);
  }
});

const SENDERS = `primary_hostname = mx.test
begin routers
nobody:
  driver = redirect
  senders = :
  allow_fail
  data = :fail: from nobody <$sender_address>
somebody:
  driver = redirect
  allow_fail
  data = :fail: from somebody <$sender_address>
`;

test("while a sender is verified, there is no sender; while a recipient is, there is", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mailkit-routing-"));
  const path = join(folder, "exim.conf");
  writeFileSync(path, SENDERS);
  const engine = await openEngine({ source: { kind: "file", path }, env: {}, cwd: folder });
  t.teardown(async () => {
    await engine.close();
    rmSync(folder, { recursive: true });
  });
  const message = newMessageFacts({ sender: "x@y" });
  const verify = async (kind: "sender" | "recipient"): Promise<unknown> =>
    engine.verify.verify({ kind, address: "x@y", session: newSessionFacts({}), message });
  t.like(await verify("sender"), { kind: "fail", message: "from nobody <>" });
  t.like(await verify("recipient"), { kind: "fail", message: "from somebody <x@y>" });
});
