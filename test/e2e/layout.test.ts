/** `mailkit fmt` over the configurations of the other tests: laid out, each says the same, to mailkit and to a real Exim. */
import test from "ava";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mailkit } from "../support/mailkit.ts";
import { findProgram, run } from "../support/programs.ts";
import { siteConfiguration } from "../support/sites.ts";
import { TEST_GID, TEST_UID, temporaryFolder, writeFiles } from "../support/temporary.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/differential");
const texts: readonly (readonly [name: string, text: string])[] = [
  ...readdirSync(FIXTURES)
    .filter((name) => name.endsWith(".conf"))
    .map((name) => [name, readFileSync(join(FIXTURES, name), "latin1")] as const),
  ["a site with Maildirs", siteConfiguration({ domain: "truc.fr", format: "maildir" })],
  ["a site with mailboxes", siteConfiguration({ domain: "machin.com", format: "mbox" })],
];
const WORDS = [
  ["ADDRESS", "127.0.0.1"],
  ["PORT", "2525"],
  ["TESTER_UID", String(TEST_UID)],
  ["TESTER_GID", String(TEST_GID)],
  ["MORE\n", "\n"],
] as const;
const SHOWN = [["-bP"], ["-bP", "config"]];

for (const [name, text] of texts) {
  test(`fmt: ${name} says the same afterwards`, async (t) => {
    const folder = temporaryFolder(t, "fmt");
    const file = join(folder, "exim.conf");
    const says = async (): Promise<readonly string[]> => {
      const said: string[] = [];
      for (const words of SHOWN) said.push(withoutPlaces((await mailkit(["exim", "-C", file, ...words])).stdout));
      return said;
    };
    // One line that is laid out otherwise, so that something changes.
    const filled = WORDS.reduce((done, [word, value]) => done.replaceAll(word, value), text.replaceAll("FOLDER", folder));
    writeFiles(folder, { "more.conf": "# nothing\n", "exim.conf": `   # not in its place\n${filled}` });
    const before = await says();
    t.true((before[0] ?? "").length > 1000);
    const exim = await eximSays(file);
    if (exim === undefined) t.log("no exim4, or not root: only mailkit was asked");
    else t.true((exim[0] ?? "").length > 1000);
    const written = await mailkit(["fmt", "--write", file]);
    t.is(written.stdout, `${file}\n`, written.stderr);
    t.is((await mailkit(["fmt", "--check", file])).code, 0);
    t.deepEqual(await says(), before);
    t.deepEqual(await eximSays(file), exim);
  });
}

/** What a real Exim says of the same text in a file of root's, which it insists on; undefined without root or an Exim. */
async function eximSays(file: string): Promise<readonly string[] | undefined> {
  const exim = process.getuid?.() === 0 ? findProgram("exim4") : undefined;
  if (exim === undefined) return undefined;
  const copy = `${file}.root`;
  writeFileSync(copy, readFileSync(file));
  const said: string[] = [];
  for (const words of SHOWN) said.push(withoutPlaces((await run(exim, ["-C", copy, ...words])).stdout));
  return said;
}

/** The lines of files and the space around equals signs may change. */
function withoutPlaces(text: string): string {
  return text.replaceAll(/^# [0-9]+ .*\n/gm, "").replaceAll(/ *= */g, "=");
}
