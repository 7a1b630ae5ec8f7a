/** The dialogue of `mailkit expand` on a terminal: lines with history and completion, and a few words of its own. */
import { knownVariables } from "@mailkit/expand";
import { fromUnicode, printableAddress, trimSpaceEnd, trimSpaceStart, unicodeOf } from "@mailkit/sdk";
import type { ListKind } from "@mailkit/sdk";
import { createInterface } from "node:readline";
import type { Interface } from "node:readline";
import type { CommandContext } from "../command.ts";
import { HISTORY_LINES, historyPath, openHistory } from "./history.ts";
import { complete } from "./names.ts";
import type { Names } from "./names.ts";
import type { Workbench } from "./workbench.ts";

export interface DialogueParts {
  readonly context: CommandContext;
  readonly bench: Workbench;
  /** Evaluates a line and prints what comes of it. */
  readonly say: (line: string, look: { readonly explain: boolean }) => Promise<void>;
  /** Explain each line from the start. */
  readonly explain: boolean;
  /** No greeting. */
  readonly quiet: boolean;
}

const HELP = `TEXT                what the text expands to; \\ at the end of a line: it goes on in the next one
NAME = TEXT         defines a macro; NAME begins with a capital letter
set NAME = TEXT     sets a variable to what TEXT expands to: local_part, acl_m_x, 1
set                 lists what was set
unset NAME          takes it back
explain TEXT        shows how TEXT is evaluated
explain on|off      the same for every line
help, quit          this text; the end (also ^D)
Tab completes names. A line that begins with a space is not kept in the history.
`;

const COMMANDS = ["set ", "unset ", "explain ", "help", "quit"];
const PROMPT = "> ";

export async function dialogue(parts: DialogueParts): Promise<void> {
  const { context, bench } = parts;
  const history = openHistory(historyPath(context.env));
  const names = namesOf(bench);
  const reader = createInterface({
    input: context.stdin as NodeJS.ReadStream,
    output: context.stdout,
    completer: (line: string) => complete(line, names()),
    history: [...history.lines],
    historySize: HISTORY_LINES,
    removeHistoryDuplicates: true,
    prompt: PROMPT,
  });
  if (!parts.quiet) context.stdout.write(`strings of the configuration language; "help" says what else, ^D ends\n`);
  const fault = history.fault();
  if (fault !== undefined) context.stderr.write(`note: the history is not kept: ${fault}\n`);
  const state: State = { explain: parts.explain, pending: undefined };
  let quits = false;
  reader.on("SIGINT", () => interrupt(reader, state));
  reader.prompt();
  try {
    for await (const line of reader) {
      const text = joinedWith(state, line);
      if (text !== undefined) history.add(text);
      if (text !== undefined && trimSpaceEnd(text) !== "" && !(await obey(text, state, parts))) {
        quits = true;
        break;
      }
      reader.setPrompt(state.pending === undefined ? PROMPT : "  ");
      reader.prompt();
    }
    // ^D and ^C leave the cursor behind the prompt.
    if (!quits) context.stdout.write("\n");
  } finally {
    reader.close();
  }
}

interface State {
  explain: boolean;
  /** The beginning of a line that goes on. */
  pending: string | undefined;
}

/** ^C empties the line; on an empty one it ends the dialogue, as ^D does. */
function interrupt(reader: Interface, state: State): void {
  if (reader.line === "" && state.pending === undefined) return reader.close();
  state.pending = undefined;
  reader.write(null, { ctrl: true, name: "e" });
  reader.write(null, { ctrl: true, name: "u" });
  reader.setPrompt(PROMPT);
  reader.prompt();
}

/** The whole text; undefined = it goes on in the next line. */
function joinedWith(state: State, line: string): string | undefined {
  const cut = trimSpaceEnd(line);
  const text = state.pending === undefined ? cut : state.pending + trimSpaceStart(cut);
  state.pending = text.endsWith("\\") ? text.slice(0, -1) : undefined;
  return state.pending === undefined ? text : undefined;
}

/** False = it is the end. */
async function obey(text: string, state: State, { context, bench, say }: DialogueParts): Promise<boolean> {
  const [, word = "", rest = ""] = /^\s*(\S+)\s*(.*)$/s.exec(text) ?? [];
  const alone = rest === "";
  if ((word === "quit" || word === "exit") && alone) return false;
  if (word === "help" && alone) context.stdout.write(HELP);
  else if (word === "explain" && /^(?:on|off|)$/.test(rest)) {
    state.explain = alone ? !state.explain : rest === "on";
    context.stdout.write(`explain is ${state.explain ? "on" : "off"}\n`);
  } else if (word === "explain") await say(fromUnicode(rest), { explain: true });
  else if (word === "set" && (alone || SETTING.test(rest))) await setVariable(rest, { context, bench });
  else if (word === "unset" && !alone) tellFault(bench.variables.unset(rest.trim()), context);
  else await say(fromUnicode(text), state);
  return true;
}

const SETTING = /^(\S+?)\s*=\s*(.*)$/s;

async function setVariable(rest: string, { context, bench }: Pick<DialogueParts, "context" | "bench">): Promise<void> {
  const [, name, text = ""] = SETTING.exec(rest) ?? [];
  if (name === undefined) {
    for (const [known, value] of bench.variables.list()) context.stdout.write(`$${known} = ${unicodeOf(printableAddress(value))}\n`);
    return;
  }
  const answer = await bench.answer(fromUnicode(text), "place");
  if (answer.kind !== "expanded") context.stderr.write("error: a macro is no value\n");
  else if (answer.result.kind !== "value") context.stderr.write(`error: ${unicodeOf(answer.result.message)}\n`);
  else tellFault(bench.variables.set(name, answer.result.text), context);
}

function tellFault(fault: { readonly message: string; readonly hint: string } | undefined, context: CommandContext): void {
  if (fault !== undefined) context.stderr.write(`error: ${fault.message}\n  hint: ${fault.hint}\n`);
}

/** Looked up at each Tab: variables and macros come while the dialogue runs. */
function namesOf({ engine, message, variables, macros }: Workbench): () => Names {
  const lists = [...engine.config.lists].flatMap(([kind, named]) => [...named.keys()].map((name): [ListKind, string] => [kind, name]));
  const headers = (message.headers ?? []).flatMap(({ type, text }) => (type === "*" ? [] : (/^[!-9;-~]+(?=[ \t]*:)/.exec(text) ?? [])));
  return () => ({
    variables: [...knownVariables.keys(), ...variables.list().map(([name]) => name)],
    headers,
    lists,
    lookups: engine.lookupTypes,
    macros: [...macros],
    commands: COMMANDS,
  });
}
