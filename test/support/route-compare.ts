/** The same addresses asked of `mailkit route`, `mailkit exim -bt` and a real `exim -bt`: what differs, as text. */
import { cleanEnvironment } from "./mailkit.ts";
import { program } from "./program.ts";
import { run } from "./programs.ts";
import type { Ran } from "./programs.ts";
import { blocksOf, fatesOfText, fatesOfTree } from "./route-fates.ts";
import type { RouteTree } from "./route-fates.ts";

export interface RouteTask {
  readonly config: string;
  readonly addresses: readonly string[];
  /** `-f`; `<>` is the null sender. */
  readonly sender: string;
  /** The program to compare with. */
  readonly exim: string;
}

/** One text for each address that differs, and one when the worst exit codes of `-bt` do. */
export async function routeDifferences(task: RouteTask): Promise<readonly string[]> {
  const theirs: Ran[] = [];
  // One process for each: Exim's remembers addresses of the line before.
  for (const address of task.addresses) theirs.push(await run(task.exim, [...common(task), "-bt", "--", address]));
  const texts = theirs.map(({ stdout }) => withoutUnusable(stdout));
  const faces = await askFace(task);
  const routes = await askRoute(
    task,
    texts.map((text) => text.startsWith("syntax error: ")),
  );
  const differing = task.addresses.flatMap((address, i): readonly string[] => {
    const text = texts[i] as string;
    const differences = [
      ...compared("mailkit route", routes[i] ?? [], fatesOfText(text)),
      ...compared("mailkit exim -bt", blocksOf(narrow(faces.texts[i] ?? "")), blocksOf(narrow(text))),
    ];
    const said = theirs[i]?.stderr.trim() ?? "";
    if (differences.length > 0 && said !== "") differences.push(`  exim says on the side: ${said}`);
    return differences.length === 0 ? [] : [[address, ...differences].join("\n")];
  });
  const worst = Math.max(0, ...theirs.map(({ code }) => code));
  return worst === faces.code ? differing : [...differing, `exit code of -bt: mailkit ${faces.code}, exim ${worst}`];
}

function common({ config, sender }: RouteTask): readonly string[] {
  return ["-C", config, "-f", sender];
}

function mailkit(argv: readonly string[], input = ""): Promise<Ran> {
  const { node, script } = program();
  return run(node, [script, ...argv], { input, env: { ...cleanEnvironment({}), MAILKIT_DNS: "127.0.0.1:53" } });
}

/** One process for all, an address a line: each answer follows a prompt. */
async function askFace(task: RouteTask): Promise<{ readonly texts: readonly string[]; readonly code: number }> {
  const { stdout, code } = await mailkit(["exim", ...common(task), "-bt"], task.addresses.map((address) => `${address}\n`).join(""));
  return { texts: stdout.split(/^> /m).slice(1), code };
}

/** One process for all that is an address, and one for each word that is none; for each when one of them is refused. */
async function askRoute(task: RouteTask, bad: readonly boolean[]): Promise<readonly (readonly string[])[]> {
  const ask = (addresses: readonly string[]): Promise<Ran> => mailkit(["route", "--json", ...common(task), "--", ...addresses]);
  const good = task.addresses.filter((_, i) => bad[i] !== true);
  const together = good.length === 0 ? [] : treesOf(await ask(good));
  const fates: (readonly string[])[] = [];
  let next = 0;
  for (const [i, address] of task.addresses.entries()) {
    const tree = bad[i] === true ? undefined : together[next++];
    if (tree !== undefined) fates.push(fatesOfTree(tree));
    else {
      const alone = await ask([address]);
      const trees = treesOf(alone);
      fates.push(trees.length === 0 ? refusal(alone) : trees.flatMap(fatesOfTree).sort());
    }
  }
  return fates;
}

function treesOf({ stdout }: Ran): readonly RouteTree[] {
  return stdout.startsWith("[") ? (JSON.parse(stdout) as RouteTree[]) : [];
}

/** `mailkit route` refuses what is no address at all. */
function refusal({ stdout, stderr }: Ran): readonly string[] {
  const refused = /^error: ".*" is no address: (.*)$/m.exec(stderr);
  return [refused === null ? `no answer: ${stderr}${stdout}` : `syntax error: ${refused[1]}`];
}

/** Hosts without an address are not listed by mailkit (docs/differences.md). */
function withoutUnusable(text: string): string {
  return text.replace(/^ {2}host .* \*\* unusable \*\*\n/gm, "");
}

/** Names and addresses in columns, whose widths depend on the hosts that are listed. */
function narrow(text: string): string {
  return text.replace(/^( {2}host \S+) +(\S+) +/gm, "$1 $2 ");
}

function compared(what: string, ours: readonly string[], theirs: readonly string[]): readonly string[] {
  if (ours.length === theirs.length && ours.every((line, i) => sameReason(line, theirs[i] as string))) return [];
  const indented = (lines: readonly string[]): string => lines.map((line) => `      ${line.replaceAll("\n", "\n      ")}\n`).join("");
  return [`  ${what}:\n${indented(ours)}    exim:\n${indented(theirs)}`.trimEnd()];
}

/** Exim loses the reason when a name of a file is tainted: `: NULL`. */
function sameReason(ours: string, theirs: string): boolean {
  const lost = theirs.indexOf(": NULL");
  return lost < 0 ? ours === theirs : ours.startsWith(theirs.slice(0, lost)) && ours.includes("Tainted");
}
