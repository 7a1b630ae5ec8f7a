/** `mailkit expand`: the value of a string; a dialogue when standard input is a terminal and nothing is given. */
import { fromUnicode, newMessageFacts, newSessionFacts, unicodeOf } from "@mailkit/sdk";
import type { Scope } from "@mailkit/sdk";
import { knownVariables } from "@mailkit/expand";
import { readMessageFile } from "@mailkit/runtime";
import type { Engine } from "@mailkit/runtime";
import { createInterface } from "node:readline/promises";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { JSON_FLAG, UsageError } from "../command.ts";
import { linesOf } from "../lines.ts";
import { openForCommand } from "../open.ts";
import { textTracer } from "../trace-text.ts";

export const expand: CommandSpec = {
  name: "expand",
  summary: "expand strings of the configuration language",
  description:
    "Strings are arguments, or lines of standard input. On a terminal without arguments it is a dialogue with history and completion of variable names.",
  args: [{ name: "STRING", doc: "what to expand; several may be given", multiple: true }],
  flags: {
    ...JSON_FLAG,
    message: { type: "string", placeholder: "FILE", doc: "message that $h_... and $message_... speak of" },
    set: { type: "string", multiple: true, placeholder: "NAME=VALUE", doc: "value of a variable" },
    explain: { type: "boolean", doc: "show each step on standard error" },
  },
  examples: [
    "mailkit expand '${lc:ABC}'",
    "mailkit expand --message letter.eml '$h_subject:'",
    "mailkit expand --explain '${if eq{a}{b}{yes}{no}}'",
  ],
  hot: true,
  exim: "-be",
  run,
};

async function run(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const trace = flags.flag("explain") ? { trace: textTracer((line) => context.stderr.write(`${unicodeOf(line)}\n`)) } : {};
  const engine = await openForCommand(context, flags, trace);
  try {
    const scope = scopeFor(engine, flags);
    const one = (text: string): Promise<boolean> => expandOne({ context, engine, scope, json: flags.flag("json") }, text);
    let good = true;
    if (args.length > 0) for (const text of args) good = (await one(fromUnicode(text))) && good;
    else if ((context.stdin as NodeJS.ReadStream).isTTY === true) await dialogue(context, one);
    else for await (const line of linesOf(context.stdin)) good = (await one(line)) && good;
    return good ? 0 : 1;
  } finally {
    await engine.close();
  }
}

function scopeFor(engine: Engine, flags: CommandInput["flags"]): Scope {
  const file = flags.text("message");
  const message = file === undefined ? newMessageFacts() : readMessageFile(file, undefined);
  for (const text of flags.texts("set")) {
    const match = /^\$?([a-z][a-z0-9_]*)=(.*)$/s.exec(fromUnicode(text));
    if (match === null) throw new UsageError(`"${text}" does not set a variable`, "write --set local_part=fred");
    message.extra.set(match[1] as string, { text: match[2] as string, tainted: false });
  }
  return engine.scopes.forSession(newSessionFacts({ hostLookup: "ok", caller: engine.machine.caller }), message);
}

interface Work {
  readonly context: CommandContext;
  readonly engine: Engine;
  readonly scope: Scope;
  readonly json: boolean;
}

async function expandOne({ context, engine, scope, json }: Work, text: string): Promise<boolean> {
  const result = await engine.services.strings.expand(text, scope);
  if (json) context.stdout.write(`${JSON.stringify(result.kind === "value" ? { ...result, text: unicodeOf(result.text) } : result)}\n`);
  else if (result.kind === "value") context.stdout.write(Buffer.from(`${result.text}\n`, "latin1"));
  else context.stderr.write(`error: ${unicodeOf(result.message)}\n`);
  return result.kind === "value";
}

async function dialogue(context: CommandContext, one: (text: string) => Promise<boolean>): Promise<void> {
  const names = [...knownVariables.keys()];
  const completer = (line: string): [string[], string] => {
    const word = /\$\{?([a-z0-9_]*)$/.exec(line)?.[1];
    return word === undefined ? [[], line] : [names.filter((name) => name.startsWith(word)), word];
  };
  const reader = createInterface({ input: context.stdin as NodeJS.ReadStream, output: context.stdout, completer, prompt: "> " });
  reader.prompt();
  for await (const line of reader) {
    if (line.trim() === "quit") break;
    if (line.trim() !== "") await one(fromUnicode(line));
    reader.prompt();
  }
}
