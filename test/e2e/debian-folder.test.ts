/**
 * A folder such as Debian's /etc/exim4 (update-exim4.conf.conf, conf.d or the template) amounts to what `update-exim4.conf`
 * generates from it: every option, router, transport, authenticator, named list and effective line of the two is the same.
 */
import test from "ava";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mailkit } from "../support/mailkit.ts";
import { findProgram, needsThat, run } from "../support/programs.ts";
import { isRoot, temporaryFolder } from "../support/temporary.ts";

const generator = findProgram("update-exim4.conf");
const there = generator !== undefined && existsSync("/etc/exim4/conf.d") && existsSync("/etc/exim4/exim4.conf.template");
const register = needsThat(test, there && isRoot, there ? "its files are root's" : "Debian's exim4-config is not installed");

const QUESTIONS = [
  [],
  ["routers"],
  ["transports"],
  ["authenticators"],
  ["+local_domains", "+relay_to_domains", "+relay_from_hosts"],
  ["macros"],
  ["config"],
];
/** What differs on purpose: places of lines, and the version of the package, which is mailkit's own. */
const ON_PURPOSE = /^# \d+ "|^MAIN_PACKAGE_VERSION=/;

const COMMON = `dc_other_hostnames='a.test;b.test'
dc_local_interfaces='127.0.0.1 ; ::1'
dc_readhost='read.test'
dc_relay_domains='r1.test;r2.test'
dc_minimaldns='false'
dc_relay_nets='10.0.0.0/8;192.168.0.0/16'
dc_smarthost='smart.test::587'
CFILEMODE='644'
dc_hide_mailname='true'
dc_mailname_in_oh='true'
dc_localdelivery='maildir_home'
`;
const cases: [title: string, settings: string][] = ["internet", "smarthost", "satellite", "local", "none"].flatMap((type) =>
  ["true", "false"].map((split): [string, string] => [
    `${type}, split: ${split}`,
    `dc_eximconfig_configtype='${type}'\ndc_use_split_config='${split}'\n${COMMON}`,
  ]),
);
const odd = (more: string): string => `dc_eximconfig_configtype='smarthost'\ndc_use_split_config='true'\n${more}`;
cases.push(
  ["old lists, with colons", odd("dc_other_hostnames='a.test:b.test'\ndc_relay_nets='10.0.0.0/8 : 192.0.2.1'\ndc_smarthost='s1:s2'\n")],
  ["lists with their own separator", odd("dc_local_interfaces='<; ::1'\ndc_relay_domains='<; x.test'\ndc_relay_nets='<; ::2'\n")],
  ["nothing set", odd("")],
  [
    "double quotes, comments, the last one counts",
    odd('dc_readhost=x.test # why\ndc_other_hostnames="a.test"\ndc_other_hostnames=b.test\n'),
  ],
);

for (const [title, settings] of cases) {
  register(`${title}: the folder amounts to what is generated from it`, async (t) => {
    const folder = join(temporaryFolder(t, "debian"), "exim4");
    const generated = `${folder}.generated`;
    cpSync("/etc/exim4", folder, { recursive: true });
    writeFileSync(join(folder, "update-exim4.conf.conf"), settings);
    writeLocalParts(folder);
    const made = await run(generator as string, ["--confdir", folder, "--output", generated]);
    t.is(made.code, 0, made.stderr);
    for (const words of QUESTIONS) {
      const [ours, theirs] = await Promise.all([folder, generated].map((file) => printed(file, words)));
      t.deepEqual({ words, lines: ours }, { words, lines: theirs });
    }
  });
}

/** Files of an administrator: which of them count is the generator's rule. */
function writeLocalParts(folder: string): void {
  const main = join(folder, "conf.d/main");
  const files = {
    "000_localmacros": "LOCAL_ONE = 1\n",
    "40_own": "queue_only\n",
    "41_old.dpkg-old": "no such option\n",
    "42_rul": "x = y\n",
  };
  for (const [name, text] of Object.entries({ ...files, "42_rul.rul": "smtp_accept_max = 3\n", ".43_hidden": "x = y\n" }))
    writeFileSync(join(main, name), text);
  mkdirSync(join(main, "44_folder"));
}

async function printed(file: string, words: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr } = await mailkit(["exim", "-C", file, "-bP", ...words], { uid: 0, gid: 0 });
  return `${stdout}${stderr}`.split("\n").filter((line) => !ON_PURPOSE.test(line));
}
