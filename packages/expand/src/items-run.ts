/** `${run{command}{yes}{no}}`: a program without a shell (manual §"run"). */
import { chain, expansionError, splitCommand, textOf } from "@mailkit/sdk";
import type { Expansion, ExpansionFailure, Maybe, RunResult } from "@mailkit/sdk";
import type { RunNode, Word } from "./ast.ts";
import type { Environment } from "./environment.ts";
import { afterwards, restoreNumeric, save, setItem, unlessFailed, withValue } from "./environment.ts";
import { chooseBranch, evaluateParts } from "./evaluate.ts";
import { forbidden } from "./forbidden.ts";
import { taintRefusal } from "./taint.ts";

const TIMEOUT = 60_000;
const OUTPUT_LIMIT = 4 * 1024 * 1024;

export function runItem(node: RunNode, env: Environment): Maybe<Expansion> {
  const refused = forbidden("run", env);
  if (refused !== undefined) return refused;
  const words = node.preexpand ? wordsAfterExpansion(node, env) : wordsBeforeExpansion(node, env);
  return unlessFailed<readonly string[], Expansion>(words, (argv) => {
    const [program] = argv;
    if (program === undefined) return finish(node, { code: 0, output: "", tainted: false }, env);
    // Nothing is looked for along a path.
    if (!program.includes("/")) return finish(node, NOT_FOUND, env);
    return env.services.processes
      .run({ argv, timeout: TIMEOUT, maxOutput: OUTPUT_LIMIT })
      .then((result) => unlessFailed<Ended, Expansion>(endOf(result), (ended) => finish(node, ended, env)) as Maybe<Expansion>);
  }) as Maybe<Expansion>;
}

/** The words were cut at load; each is expanded by itself. Only the program's name must be trusted. */
function wordsBeforeExpansion(node: RunNode, env: Environment): Maybe<string[] | ExpansionFailure> {
  if (typeof node.words === "string") return expansionError(`${node.words} in command "${node.command.raw}" in \${run} expansion`);
  const argv: string[] = [];
  const words = node.words;
  const next = (i: number): Maybe<string[] | ExpansionFailure> => {
    const word = words[i];
    if (word === undefined) return argv;
    return chain(expandWord(word, node, env), (result) => {
      if (result.kind !== "value") return result;
      if (i === 0 && result.tainted) return taintRefusal(`Tainted arg 0 for \${run} command: '${result.text}'`, word.parts);
      argv.push(result.text);
      return next(i + 1);
    });
  };
  return next(0);
}

function expandWord(word: Word, node: RunNode, env: Environment): Maybe<Expansion> {
  return chain(evaluateParts(word.parts, env), (result) => {
    const message = result.kind === "error" ? result.message : result.kind === "value" ? word.fault : undefined;
    if (message === undefined) return result;
    const where = `Expansion of "${word.text}" from command "${node.command.raw}" in \${run} expansion failed`;
    return expansionError(`${where}: ${message}`, result.kind === "error" && result.defer);
  });
}

/** `preexpand`: a value may add arguments, so nothing of it may come from outside. */
function wordsAfterExpansion(node: RunNode, env: Environment): Maybe<readonly string[] | ExpansionFailure> {
  return withValue<readonly string[]>(evaluateParts(node.command, env), (command) => {
    if (command.tainted) return taintRefusal(`Tainted arg for \${run,preexpand} command: '${command.text}'`, node.command);
    const split = splitCommand(command.text);
    return "fault" in split ? expansionError(`${split.fault} in command "${command.text}" in \${run} expansion`) : split.words;
  });
}

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly tainted: boolean;
}

const NOT_FOUND: Ended = { code: 127, output: "", tainted: false };

/** A program that cannot be started counts as one that gave 127, as a shell has it. */
function endOf(result: RunResult): Ended | ExpansionFailure {
  switch (result.kind) {
    case "exited":
      return { code: result.code, output: textOf(result.output), tainted: false };
    case "signalled":
      return expansionError(`command killed by signal ${result.number}`);
    case "timeout":
      return expansionError("command timed out");
    case "failed":
      return NOT_FOUND;
  }
}

/** `$value` keeps the output, `$runrc` the exit code, also after the item. */
function finish(node: RunNode, ended: Ended, env: Environment): Maybe<Expansion> {
  const { scope } = env;
  const output = { text: ended.output, tainted: ended.tainted };
  setItem(scope, "runrc", { text: String(ended.code), tainted: false });
  setItem(scope, "value", output);
  const saved = save(scope);
  const result = chooseBranch(node.branches, ended.code === 0, { kind: "value", ...output }, env);
  return afterwards(result, () => restoreNumeric(scope, saved));
}
