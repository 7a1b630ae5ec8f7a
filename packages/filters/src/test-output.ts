/** What `exim -bf` and `-bF` print on the standard output about a run (filter manual §"Testing a new filter file"). */
import type { EximRun, FilterAction } from "./actions.ts";
import { printing } from "./printing.ts";

export function testHeading(kind: "exim" | "sieve", file: string): string {
  return `Testing ${kind === "exim" ? "Exim" : "Sieve"} filter file "${file}"\n\n`;
}

/** `topBits`: the main option `print_topbitchars`. The command's exit code is 1 after an error, else 0. */
export function printRun({ end, actions, delivered }: EximRun, topBits = false): string {
  const shown = actions.map((action) => `${printAction(action, topBits)}\n`).join("");
  switch (end.kind) {
    case "error":
      return `${shown}Filter error: ${end.message}\n`;
    case "done":
      if (delivered)
        return `${shown}Filtering set up at least one significant delivery or other action.\nNo other deliveries will occur.\n`;
      return `${shown}Filtering did not set up a significant delivery.\nNormal delivery will occur.\n`;
    default:
      return `${shown}Filtering ended by "${end.kind}".\n`;
  }
}

export function printAction(action: FilterAction, topBits = false): string {
  const show = (text: string): string => printing(text, topBits);
  switch (action.kind) {
    case "deliver": {
      const errors = action.errorsTo === undefined ? "" : ` errors_to ${action.errorsTo}`;
      return `${unseen(action, "Deliver")} message to: ${action.address}${errors}${noError(action)}`;
    }
    case "save": {
      const mode = action.mode === undefined ? "" : ` ${action.mode.toString(8).padStart(4, "0")}`;
      return `${unseen(action, "Save")} message to: ${action.path}${mode}${noError(action)}`;
    }
    case "pipe":
      return `${unseen(action, "Pipe")} message to: ${action.command}${noError(action)}`;
    case "mail":
      return printMail(action, show);
    case "add":
      return `Add ${action.number} to ${action.variable}`;
    case "headers":
      return `Headers ${action.change} "${show(action.text)}"`;
    case "logfile":
      return `${seen(action, "Logfile")} ${action.path}`;
    case "logwrite":
      return `${seen(action, "Logwrite")} "${show(action.text)}"`;
    case "testprint":
      return `Testprint: ${show(action.text)}`;
    case "finish":
      return seen(action, "Finish");
    default:
      return `${capital(action.kind)} text "${show(action.text)}"`;
  }
}

function printMail({ shown, vacation, depth, ...action }: Extract<FilterAction, { kind: "mail" }>, show: (text: string) => string): string {
  const lines = [`${seen(action, "Mail")} to: ${shown.get("to") ?? "<default>"}${vacation ? " (vacation)" : ""}${noError(action)}`];
  for (const [word, text] of shown) {
    if (word === "return") lines.push("Return original message");
    else if (word !== "to") lines.push(`${word.padStart(7 + 2 * depth)}: ${show(text)}`);
  }
  return lines.join("\n");
}

/** Commands that deliver by nature say so when they are not significant, ... */
function unseen(action: { readonly seen: boolean | undefined }, word: string): string {
  return action.seen === false ? `Unseen ${word.toLowerCase()}` : word;
}

/** ... the others when they are. */
function seen(action: { readonly seen: boolean | undefined }, word: string): string {
  return action.seen === true ? `Seen ${word.toLowerCase()}` : word;
}

function noError(action: { readonly noError: boolean }): string {
  return action.noError ? " (noerror)" : "";
}

function capital(word: string): string {
  return word[0]?.toUpperCase() + word.slice(1);
}
