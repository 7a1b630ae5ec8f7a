/**
 * Golden files: a configuration, what comes in, and the logs, replies and mail that come of it, in Exim's form. mailkit has
 * to write them, and so has the real Exim where it is installed (as root: it changes users). Each `*.txt` is one of them;
 * MAILKIT_GOLDEN=write npm test -- test/golden/golden.test.ts writes what mailkit does into them, to be read with git diff.
 */
import test from "ava";
import type { ExecutionContext } from "ava";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { userInfo } from "node:os";
import { cleanEnvironment } from "../support/mailkit.ts";
import { loopbackAddress } from "../support/loopback.ts";
import { startNameServer } from "../support/name-server.ts";
import { program } from "../support/program.ts";
import { needsThat, run } from "../support/programs.ts";
import { asTester, isRoot, TEST_GID, TEST_UID, temporaryFolder } from "../support/temporary.ts";
import { configurationOf, parseScenario, printScenario, type Scenario } from "./scenario.ts";
import { normalize } from "./normalize.ts";

const FOLDER = import.meta.dirname;
const TESTER = { uid: TEST_UID, gid: TEST_GID };
const EXIM = "/usr/sbin/exim4";
const withExim = needsThat(test, isRoot && existsSync(EXIM), "needs exim4, and root");

/** How one of the two programs is called. */
interface Program {
  readonly argv: readonly string[];
  /** Who owns its folders and takes its deliveries. */
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly as: { readonly uid?: number; readonly gid?: number };
  readonly env: Readonly<Record<string, string>>;
}

for (const name of readdirSync(FOLDER).filter((entry) => entry.endsWith(".txt"))) {
  const path = join(FOLDER, name);
  const scenario = parseScenario(readFileSync(path, "utf8"));
  test(`${name}: ${scenario.title}`, async (t) => {
    const { node, script } = program();
    const dns = await startNameServer(t, {});
    const env = { MAILKIT_DNS: dns.address, MAILKIT_EXIM_USER: userInfo().username };
    const found = await play(t, scenario, { argv: [node, script, "exim"], owner: TESTER, as: asTester, env });
    if (process.env["MAILKIT_GOLDEN"] === "write") writeFileSync(path, printScenario(scenario, found));
    t.deepEqual(found, process.env["MAILKIT_GOLDEN"] === "write" ? found : scenario.expected);
  });
  withExim(`${name}: Exim itself`, async (t) => {
    t.deepEqual(await play(t, scenario, { argv: [EXIM], owner: statSync("/var/spool/exim4"), as: {}, env: {} }), scenario.expected);
  });
}

/** What it wrote, by name of section. */
async function play(t: ExecutionContext, scenario: Scenario, { argv, owner, as, env }: Program): Promise<Readonly<Record<string, string>>> {
  const folder = temporaryFolder(t, "golden");
  chmodSync(folder, 0o755);
  for (const sub of ["mail", "log", "spool"]) makeFolder(join(folder, sub), owner);
  const words: readonly (readonly [string, string])[] = [
    ["FOLDER", folder],
    ["ADDRESS", loopbackAddress()],
    ["TESTER", String(owner.uid)],
    ["TESTGROUP", String(owner.gid)],
  ];
  const fill = (text: string): string => words.reduce((filled, [word, value]) => filled.replaceAll(word, value), text);
  writeFileSync(join(folder, "exim.conf"), fill(configurationOf(scenario)));
  for (const [name, text] of Object.entries(scenario.files)) writeFileSync(join(folder, name), fill(text));
  let stdout = "";
  for (const { args, input } of scenario.runs) {
    const [command, ...rest] = [...argv, "-C", join(folder, "exim.conf"), ...args.map(fill)] as [string, ...string[]];
    const ran = await run(command, rest, { input: fill(input), cwd: folder, ...as, env: cleanEnvironment(env) });
    stdout += ran.stdout + (ran.code === 0 ? "" : `exit code ${ran.code}\n`);
  }
  return normalize({ stdout, ...read(folder, "log"), ...read(folder, "mail", "mail ") }, folder);
}

function makeFolder(path: string, { uid, gid }: Program["owner"]): void {
  mkdirSync(path);
  if (isRoot) chownSync(path, uid, gid);
}

function read(folder: string, sub: string, prefix = ""): Record<string, string> {
  const names = readdirSync(join(folder, sub)).toSorted();
  return Object.fromEntries(names.map((name) => [`${prefix}${name}`, readFileSync(join(folder, sub, name), "latin1")]));
}
