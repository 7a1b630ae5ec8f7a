/** The cost of Exim's default RCPT ACL (manual §"The default configuration file") for one recipient, in this process. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openEngine } from "../../packages/runtime/src/index.ts";
import type { Engine } from "../../packages/runtime/src/index.ts";
import { isPromise, newMessageFacts, newSessionFacts } from "../../packages/sdk/src/index.ts";
import { aclHostFor } from "../../packages/runtime/src/acl-host.ts";
import { makeAclRunner } from "../../packages/runtime/src/acls.ts";

const CONFIG = `primary_hostname = mx.host.test
domainlist local_domains = @ : truc.test : machin.test
domainlist relay_to_domains =
hostlist relay_from_hosts = localhost : 10.0.0.0/8
acl_smtp_rcpt = acl_check_rcpt
host_lookup =
spool_directory = FOLDER/spool
log_file_path = FOLDER/%slog
begin acl
acl_check_rcpt:
  accept hosts = :
    control = dkim_disable_verify
  deny message = Restricted characters in address
    domains = +local_domains
    local_parts = ^[.] : ^.*[@%!/|]
  deny message = Restricted characters in address
    domains = !+local_domains
    local_parts = ^[./|] : ^.*[@%!] : ^.*/\\\\.\\\\./
  accept local_parts = postmaster
    domains = +local_domains
VERIFY_SENDER
  accept hosts = +relay_from_hosts
    control = submission
    control = dkim_disable_verify
  accept authenticated = *
    control = submission
    control = dkim_disable_verify
  require message = relay not permitted
    domains = +local_domains : +relay_to_domains
VERIFY_RECIPIENT
  accept
begin routers
aliases:
  driver = redirect
  domains = +local_domains
  data = \${lookup{$local_part}lsearch{FOLDER/aliases.local}}
local:
  driver = accept
  domains = +local_domains
  local_parts = lsearch;FOLDER/users
  transport = nowhere
begin transports
nowhere:
  driver = appendfile
  file = /dev/null
`;

interface Case {
  readonly name: string;
  readonly peer: string;
  readonly recipient: (i: number) => string;
  readonly wanted: string;
}

const CASES: readonly Case[] = [
  { name: "relay denied", peer: "192.0.2.7", recipient: (i) => `user${i % 5000}@else${i % 977}.test`, wanted: "deny" },
  { name: "local recipient accepted", peer: "192.0.2.7", recipient: (i) => `user${i % 1000}@truc.test`, wanted: "accept" },
  {
    name: "relayed for a client of the network",
    peer: "10.1.2.3",
    recipient: (i) => `user${i % 5000}@else${i % 977}.test`,
    wanted: "accept",
  },
];

/** A table in microseconds. */
export async function defaultAcl(folder: string): Promise<string> {
  writeFileSync(join(folder, "users"), Array.from({ length: 1000 }, (_, i) => `user${i}: x\n`).join(""));
  writeFileSync(join(folder, "aliases.local"), Array.from({ length: 1000 }, (_, i) => `alias${i}: user${i}\n`).join(""));
  const plain = await openAcl(folder, false);
  const verifying = await openAcl(folder, true);
  const rows: string[] = [];
  for (const one of CASES) {
    const cells = [await perRcpt(plain, one), await perRcpt(verifying, one)].map((cost) => cost.toFixed(1));
    rows.push(`| ${one.name} | ${cells.join(" | ")} |`);
  }
  await Promise.all([plain.close(), verifying.close()]);
  return ["| µs for one RCPT | without verify | with verify = sender, recipient |", "| --- | ---: | ---: |", ...rows].join("\n");
}

function openAcl(folder: string, verify: boolean): Promise<Engine> {
  const text = CONFIG.replaceAll("FOLDER", folder)
    .replace("VERIFY_SENDER\n", verify ? "  require verify = sender\n" : "")
    .replace("VERIFY_RECIPIENT\n", verify ? "  require verify = recipient\n" : "");
  const path = join(folder, verify ? "acl-verify.conf" : "acl.conf");
  writeFileSync(path, text);
  return openEngine({ source: { kind: "file", path }, env: process.env, cwd: folder });
}

/** Ten recipients a message, a sender of its own for each, as a server sees them; the best of three rounds. */
async function perRcpt(engine: Engine, { name, peer, recipient, wanted }: Case): Promise<number> {
  const { config, compilers, scopes, acls } = engine;
  const host = aclHostFor(() => engine);
  const runner = makeAclRunner({ config, compilers, scopes, host: () => host }, acls);
  const count = 5000;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 4; round++) {
    const began = performance.now();
    for (let i = 0; i < count; i += 10) {
      const session = newSessionFacts({ peer: { address: peer, port: 4711 }, helo: "client.test", heloKind: "EHLO", hostLookup: "failed" });
      const message = newMessageFacts({ sender: `user${i % 1000}@machin.test` });
      for (let n = i; n < i + 10; n++) {
        const verdict = runner.run({ where: "rcpt", session, message, recipient: recipient(n) });
        const { kind, logMessage = "" } = isPromise(verdict) ? await verdict : verdict;
        if (kind !== wanted) throw new Error(`${name}: ${kind} instead of ${wanted}: ${logMessage}`);
      }
    }
    if (round > 0) best = Math.min(best, ((performance.now() - began) * 1000) / count);
  }
  return best;
}
