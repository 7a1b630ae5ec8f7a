/** Which command a command line means. Flags of every command may stand before its name: `mailkit -C file queue list`. */
import { nearest } from "@mailkit/sdk";
import { GLOBAL_FLAGS } from "./command.ts";

export type Found =
  | { readonly kind: "command"; readonly name: string; readonly rest: readonly string[] }
  /** `queue` alone: the first word of several commands. */
  | { readonly kind: "topic"; readonly name: string }
  | { readonly kind: "none" }
  | { readonly kind: "unknown"; readonly name: string; readonly near: string | undefined; readonly topic: string | undefined };

export function findCommand(names: readonly string[], argv: readonly string[]): Found {
  const { before, after } = splitGlobalFlags(argv);
  const [first, second] = after;
  if (first === undefined)
    return before.length === 0 ? { kind: "none" } : { kind: "unknown", name: before.join(" "), near: undefined, topic: undefined };
  if (second !== undefined && names.includes(`${first} ${second}`))
    return { kind: "command", name: `${first} ${second}`, rest: [...before, ...after.slice(2)] };
  if (names.includes(first)) return { kind: "command", name: first, rest: [...before, ...after.slice(1)] };
  const inTopic = names.filter((name) => name.startsWith(`${first} `));
  if (inTopic.length === 0) return { kind: "unknown", name: first, near: nearCommand(first, second, names), topic: undefined };
  if (second === undefined || second.startsWith("-")) return { kind: "topic", name: first };
  const near = nearest(
    second,
    inTopic.map((name) => name.slice(first.length + 1)),
  );
  return { kind: "unknown", name: `${first} ${second}`, near: near === undefined ? undefined : `${first} ${near}`, topic: first };
}

/** `quue list`: the topic is misspelt; `lst`: a command of one word, or the second word of one. */
function nearCommand(first: string, second: string | undefined, names: readonly string[]): string | undefined {
  const heads = new Set(names.map((name) => name.split(" ")[0] as string));
  const head = nearest(first, heads);
  if (head !== undefined) return second !== undefined && names.includes(`${head} ${second}`) ? `${head} ${second}` : head;
  return names.find((name) => name.split(" ")[1] === first);
}

function splitGlobalFlags(argv: readonly string[]): { before: readonly string[]; after: readonly string[] } {
  let at = 0;
  while (at < argv.length) {
    const word = argv[at] as string;
    const entry = Object.entries(GLOBAL_FLAGS).find(
      ([name, flag]) =>
        word === `--${name}` || word.startsWith(`--${name}=`) || (flag.char !== undefined && word.startsWith(`-${flag.char}`)),
    );
    if (entry === undefined || word.startsWith(`--no-`)) break;
    const [name, flag] = entry;
    const alone = word === `--${name}` || word === `-${flag.char}`;
    at += flag.type !== "boolean" && alone ? 2 : 1;
  }
  return { before: argv.slice(0, at), after: argv.slice(at) };
}
