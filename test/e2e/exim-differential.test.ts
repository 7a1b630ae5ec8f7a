/**
 * The same configurations, the same addresses, mailkit and the real Exim: `mailkit route --json` must decide what
 * `exim4 -bt` decides. No network: hosts are addresses, and nothing is looked up in the DNS.
 */
import test from "ava";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { program } from "../support/program.ts";
import { findProgram, needsThat, run } from "../support/programs.ts";
import { addressWords, fatesOfText, fatesOfTree } from "../support/route-fates.ts";
import type { RouteTree } from "../support/route-fates.ts";
import { isRoot, temporaryFolder, writeFiles } from "../support/temporary.ts";

const exim = findProgram("exim4") ?? findProgram("exim");

interface Case {
  readonly config: string;
  readonly files: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
  /** `-f`. */
  readonly sender?: string;
}

const SITE_ADDRESSES = `games games@site.test GAMES@SITE.TEST root@site.test postmaster@site.test info@a.site.test nobody@mx.site.test
  games+x@site.test games-list@site.test missing@site.test gone@site.test later@site.test trash@site.test file@site.test prog@site.test
  two@site.test x@hub.test x@deep.sub.hub.test x@any.example "a\\ b"@[198.51.100.4]`;
const PANEL_ADDRESSES = `u@a.test U@A.TEST info@a.test postmaster@a.test copy@a.test prog@a.test prog@b.test any@b.test any@a.test
  overfull@a.test x@off.test x@backup.test x@secure.test x@y.example x@far.test x@near.test fail@a.test wait@b.test file@b.test chain@a.test`;
const LISTS_ADDRESSES = `Only@d1.test only@d1.test ONLY2@d22.test only2@d22.test x@d1.test owner-a@lists.test b-REQUEST@lists.test
  real-x@lists.test team@lists.test team-post@lists.test nolist@lists.test abc@v.w.test adc@v.w.test abc@x.w.test later@v.w.test
  loop@lists.test black@lists.test twice@lists.test quoted@lists.test team@old.test`;

const CASES: Readonly<Record<string, Case>> = {
  "a small site": {
    config: "site.conf",
    files: {
      aliases:
        "postmaster: root\nroot: games\ninfo: games, nobody@site.test\ngone: :fail: moved away\nlater: :defer: not today\n" +
        "trash: :blackhole:\nfile: /var/tmp/box\nprog: |/bin/cat -n\ntwo: x@hub.test, x@any.example\n",
      hubs: "hub.test: 192.0.2.1:192.0.2.2\n*.hub.test: 192.0.2.3\n",
    },
    addresses: addressWords(SITE_ADDRESSES),
  },
  "virtual domains": {
    config: "panel.conf",
    files: {
      "domains/a.test/aliases": "info: u@a.test, x@y.example\ncopy: u@a.test\nprog: |/bin/true\nfail: :fail:\nchain: info@a.test\n",
      "domains/a.test/passwd": "u: x:ok\ncopy: x:ok\noverfull: x:full\n",
      "domains/b.test/aliases": "*: u@a.test\nprog: |/bin/true\nwait: :defer: wait for it\nfile: /tmp/box\n",
      "domains/b.test/passwd": "v: x:ok\n",
      relay: "backup.test: 192.0.2.9\nsecure.test: 192.0.2.10+192.0.2.11\n",
      suspended: "off.test: yes\n",
    },
    addresses: addressWords(PANEL_ADDRESSES),
  },
  "lists of every form": {
    config: "lists.conf",
    files: { "lists/team": "# members\nOnly@d1.test,\nx@v.w.test (comment)\nBill <only2@d22.test>\n" },
    addresses: addressWords(LISTS_ADDRESSES),
  },
  "lists of every form, a friend writes": {
    config: "lists.conf",
    files: { "lists/team": "Only@d1.test\n" },
    addresses: addressWords(LISTS_ADDRESSES),
    sender: "ann@b.example",
  },
};

const why = exim === undefined ? "exim4 is not installed" : "Exim takes configurations of root only";
const register = needsThat(test, exim !== undefined && isRoot, why);

for (const [name, { config, files, addresses, sender }] of Object.entries(CASES)) {
  register(`${name}: routed as by Exim`, async (t) => {
    const folder = temporaryFolder(t, "differential");
    const source = readFileSync(join(import.meta.dirname, "../fixtures/differential", config), "latin1");
    writeFiles(folder, files);
    const file = join(folder, "exim.conf");
    // Exim wants it to be root's.
    writeFileSync(file, source.replaceAll("FOLDER", folder), "latin1");
    t.is(addresses.length, 20);
    const ours = await byMailkit(file, addresses, sender);
    const theirs: [string, readonly string[]][] = [];
    for (const address of addresses) theirs.push([address, await byExim(file, address, sender)]);
    t.deepEqual(
      addresses.map((address, i) => [address, ours[i]]),
      theirs,
    );
  });
}

async function byExim(file: string, address: string, sender = ""): Promise<readonly string[]> {
  const { stdout, stderr } = await run(exim as string, ["-C", file, "-f", sender === "" ? "<>" : sender, "-bt", address]);
  if (stdout === "") throw new Error(`exim says nothing of ${address}: ${stderr}`);
  return fatesOfText(stdout);
}

async function byMailkit(file: string, addresses: readonly string[], sender = ""): Promise<readonly (readonly string[])[]> {
  const { node, script } = program();
  const from = sender === "" ? "<>" : sender;
  const { stdout, stderr } = await run(node, [script, "route", "--json", "-C", file, "-f", from, "--", ...addresses]);
  if (stdout === "") throw new Error(stderr);
  return (JSON.parse(stdout) as RouteTree[]).map(fatesOfTree);
}
