/** `mailkit expand`: the value of a string, and why it has it; a dialogue when standard input is a terminal. */
import { makeRecorder } from "@mailkit/expand";
import { readMessageFile } from "@mailkit/runtime";
import { fromUnicode, newMessageFacts, printableAddress, unicodeOf } from "@mailkit/sdk";
import type { Writable } from "node:stream";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { JSON_FLAG, UsageError } from "../command.ts";
import { answerJson, failureLines } from "../expansion/answer-text.ts";
import { dialogue } from "../expansion/dialogue.ts";
import { treeLines } from "../expansion/tree-text.ts";
import type { Answer, Look, Workbench } from "../expansion/workbench.ts";
import { makeWorkbench } from "../expansion/workbench.ts";
import { joinedLines, linesOf } from "../lines.ts";
import { openForCommand } from "../open.ts";
import { paintFor } from "../paint.ts";

export const expand: CommandSpec = {
  name: "expand",
  summary: "expand strings of the configuration language",
  description:
    "Strings are arguments, or lines of standard input; macros are replaced first, and a line NAME=TEXT defines one. Lines of a pipe are read as by exim -be, and each gives one line. On a terminal without arguments it is a dialogue, with a history that is kept in $XDG_STATE_HOME/mailkit and with completion of names.",
  args: [{ name: "STRING", doc: "what to expand; several may be given", multiple: true }],
  flags: {
    ...JSON_FLAG,
    message: { type: "string", placeholder: "FILE", doc: "message that $h_... and $message_... speak of" },
    set: { type: "string", multiple: true, placeholder: "NAME=VALUE", doc: "value of a variable: local_part=fred, acl_m_x=1, 1=first" },
    explain: { type: "boolean", doc: "show the tree of the evaluation on standard error; with --json in the object" },
  },
  examples: [
    "mailkit expand '${lc:ABC}'",
    "mailkit expand --message letter.eml '$h_subject:'",
    "mailkit expand --explain '${if eq{a}{b}{yes}{no}}'",
    "mailkit expand -D DOMAIN=truc.fr --set local_part=fred '$local_part@DOMAIN'",
  ],
  hot: true,
  exim: "-be",
  run,
};

async function run(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const recorder = makeRecorder(() => performance.now(), false);
  const engine = await openForCommand(context, flags, { trace: recorder });
  try {
    const file = flags.text("message");
    const bench = makeWorkbench(engine, file === undefined ? newMessageFacts() : readMessageFile(file, undefined), recorder);
    setVariables(bench, flags.texts("set"));
    const output: Output = { context, bench, json: flags.flag("json"), explain: flags.flag("explain") };
    if (args.length > 0) return await expandArguments(args, output);
    if ((context.stdin as NodeJS.ReadStream).isTTY !== true) return await expandLines(output);
    const say = async (line: string, { explain }: { readonly explain: boolean }): Promise<void> => {
      print(await bench.answer(line, explain ? "tree" : "place"), 1, output);
    };
    await dialogue({ context, bench, say, explain: output.explain, quiet: flags.flag("quiet") });
    return 0;
  } finally {
    await engine.close();
  }
}

function setVariables(bench: Workbench, texts: readonly string[]): void {
  for (const text of texts) {
    const equals = text.indexOf("=");
    if (equals < 1) throw new UsageError(`"${text}" does not set a variable`, "write --set local_part=fred");
    const fault = bench.variables.set(text.slice(0, equals), fromUnicode(text.slice(equals + 1)));
    if (fault !== undefined) throw new UsageError(fault.message, fault.hint);
  }
}

interface Output {
  readonly context: CommandContext;
  readonly bench: Workbench;
  readonly json: boolean;
  readonly explain: boolean;
}

async function expandArguments(args: readonly string[], output: Output): Promise<number> {
  let good = true;
  for (const [i, text] of args.entries()) {
    const answer = await output.bench.answer(fromUnicode(text), output.explain ? "tree" : "place");
    good = print(answer, i + 1, output) && good;
  }
  return good ? 0 : 1;
}

/** One line for each line, so that a script can tell which is which: a failure has Exim's form there. */
async function expandLines(output: Output): Promise<number> {
  const look: Look = output.explain ? "tree" : "fast";
  let good = true;
  let number = 0;
  for await (const line of joinedLines(linesOf(output.context.stdin))) {
    const answer = await output.bench.answer(line, look);
    const done = print(answer, ++number, output);
    if (!done && !output.json) output.context.stdout.write(`Failed: ${unicodeOf(messageOf(answer))}\n`);
    good = done && good;
  }
  return good ? 0 : 1;
}

function messageOf(answer: Answer): string {
  if (answer.kind === "macroFault") return answer.message;
  return answer.kind === "expanded" && answer.result.kind !== "value" ? answer.result.message : "";
}

/** Values and JSON on standard output, the tree and what is wrong on standard error. False = it failed. */
function print(answer: Answer, line: number, { context, json }: Output): boolean {
  const good = answer.kind === "defined" || (answer.kind === "expanded" && answer.result.kind === "value");
  const { stdout, stderr, color } = context;
  if (json) stdout.write(`${JSON.stringify(answerJson(answer))}\n`);
  else if (answer.kind === "defined") stdout.write(`Defined macro '${answer.name}'\n`);
  else if (answer.kind === "macroFault") stderr.write(`error: ${unicodeOf(answer.message)}\n`);
  else {
    const { result, tree } = answer;
    if (tree !== undefined) stderr.write(`${treeLines(tree, paintFor(color), columnsOf(stderr)).join("\n")}\n`);
    if (result.kind === "value") stdout.write(Buffer.from(`${valueFor(stdout, result.text)}\n`, "latin1"));
    else stderr.write(`${failureLines({ ...answer, result }, line, color).join("\n")}\n`);
  }
  return good;
}

/** Undefined = no terminal, or one that does not say. */
function columnsOf(stream: Writable & { readonly columns?: number }): number | undefined {
  return stream.columns === undefined || stream.columns === 0 ? undefined : stream.columns;
}

/** A terminal would obey what a header of a hostile message says to it. */
function valueFor(stdout: Writable & { readonly isTTY?: boolean }, text: string): string {
  return stdout.isTTY === true ? text.replace(/[^\n\t]+/g, printableAddress) : text;
}
