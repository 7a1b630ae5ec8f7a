/**
 * Configurations like those that people run (a small host, a distribution's with macros and hubbed hosts, two hosting
 * panels), with the files they read, users, forward files and a DNS: `scripts/route-differential.ts` must find no address
 * that mailkit routes otherwise than the real Exim.
 */
import test from "ava";
import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/program.ts";
import { findProgram, needsThat, run } from "../support/programs.ts";
import type { Ran } from "../support/programs.ts";
import { isRoot, temporaryFolder } from "../support/temporary.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/differential/routes");

const missing = ["exim4", "unshare", "ip", "mount"].filter((name) => findProgram(name) === undefined);
const private_ = isRoot && missing.length === 0 && spawnSync("unshare", ["--mount", "--net", "true"]).status === 0;
const why = missing.length > 0 ? `${missing.join(", ")} not installed` : "no namespaces of one's own here";
const register = needsThat(test, private_, why);

for (const [name, least] of [
  ["plain", 50],
  ["split", 50],
  ["hosting-a", 50],
  ["hosting-b", 50],
] as const) {
  register(`${name}: every address is routed as by Exim`, async (t) => {
    t.timeout(300_000);
    const { code, stdout, stderr } = await compare(name, join(FIXTURES, name, "addresses"));
    t.is(code, 0, stdout + stderr);
    const count = /^(\d+) addresses, 0 differ$/m.exec(stdout)?.[1];
    t.true(Number(count) >= least, stdout);
  });
}

register("an address that differs is shown with both answers, and is an exit code", async (t) => {
  t.timeout(60_000);
  const folder = temporaryFolder(t, "route");
  const fake = join(folder, "exim");
  writeFileSync(fake, "#!/bin/sh\necho fred@site.test\necho '  router = other, transport = elsewhere'\n");
  chmodSync(fake, 0o755);
  writeFileSync(join(folder, "addresses"), "# one\ncarl@site.test\n");
  const { code, stdout } = await compare("plain", join(folder, "addresses"), ["--exim", fake]);
  t.is(code, 1);
  t.regex(stdout, /^carl@site\.test$/m);
  t.regex(stdout, /carl@site\.test by mailbox over to_mailbox/);
  t.regex(stdout, /fred@site\.test by other over elsewhere/);
  t.regex(stdout, /^1 addresses, 1 differ$/m);
});

function compare(name: string, addresses: string, more: readonly string[] = []): Promise<Ran> {
  const folder = join(FIXTURES, name);
  const trees = ["--tree", join(FIXTURES, "common"), "--tree", join(folder, "tree")];
  const argv = [
    join(ROOT, "scripts/route-differential.ts"),
    join(folder, "exim.conf"),
    addresses,
    ...trees,
    "--zone",
    join(FIXTURES, "zone.json"),
    ...more,
  ];
  return run(process.execPath, argv, { limit: 290_000 });
}
