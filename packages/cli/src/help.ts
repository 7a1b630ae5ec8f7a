/** The help pages: oclif's, with commands grouped by what one wants to do, and nothing said twice. */
import { CommandHelp, Help } from "@oclif/core";
import type { Command } from "@oclif/core";
import { COMMAND_TABLE } from "./commands/table.ts";
import { HELP_GROUPS } from "./help-groups.ts";

const TOPICS: Readonly<Record<string, string>> = {
  queue: "messages that wait",
  user: "accounts for POP3 and AUTH",
  plugins: "drivers from npm",
  spool: "the store of messages",
};

/** Not a table row: its arguments are Exim's, and it has no help page. */
const EXIM_ROW: [string, string] = ["exim", "Exim's own command line, also under the names exim, sendmail, mailq, ..."];

class MailkitCommandHelp extends CommandHelp {
  override sections(): ReturnType<CommandHelp["sections"]> {
    const spec = COMMAND_TABLE.find(({ name }) => name === this.command.id);
    const exim = spec?.exim;
    return [...super.sections(), ...(exim === undefined ? [] : [{ header: "EXIM'S FORM", generate: () => `mailkit exim ${exim}` }])];
  }

  protected override description(): string | undefined {
    const text = this.command.description ?? "";
    return text === "" ? undefined : this.wrap(text);
  }

  protected override examples(examples: Command.Example[] | string | undefined): string | undefined {
    const lines = super.examples(examples)?.split(/\n+/) ?? [];
    return lines.map((line) => (/^\S/.test(line) && !line.startsWith("$ ") ? `$ ${line}` : line)).join("\n");
  }
}

export class MailkitHelp extends Help {
  protected override CommandHelpClass = MailkitCommandHelp;

  protected override async showRootHelp(): Promise<void> {
    this.log(rootHelp());
  }

  protected override async showTopicHelp(topic: { name: string }): Promise<void> {
    this.log(topicHelp(topic.name));
  }
}

export function rootHelp(): string {
  const summaries = new Map<string, string>([EXIM_ROW, ...COMMAND_TABLE.map((spec): [string, string] => [spec.name, spec.summary])]);
  const width = Math.max(...HELP_GROUPS.flatMap(({ commands }) => commands.map((name) => shownName(name).length)));
  const groups = HELP_GROUPS.map(({ title, commands }) => {
    const rows = commands.flatMap((name) => {
      const topic = TOPICS[name];
      if (topic !== undefined) {
        const words = [...summaries.keys()].flatMap((full) => (full.startsWith(`${name} `) ? [full.slice(name.length + 1)] : []));
        return words.length === 0 ? [] : wrapRow(shownName(name), `${topic}: ${words.join(", ")}`, width);
      }
      const summary = summaries.get(name);
      return summary === undefined ? [] : wrapRow(name, summary, width);
    });
    return rows.length === 0 ? undefined : `${title}\n${rows.join("\n")}`;
  });
  return [
    "mailkit: a mail server with Exim's engine and language, that explains its decisions",
    "usage: mailkit COMMAND [ARGUMENTS] [FLAGS]",
    ...groups.filter((group) => group !== undefined),
    "mailkit COMMAND --help shows arguments, flags and examples. Every command takes\n" +
      "-C FILE, -D NAME=VALUE, -q; any flag may be set in the environment instead\n" +
      "(MAILKIT_CONFIG). Exit code: 0, 1 it failed, 2 it was called wrongly.",
  ].join("\n\n");
}

function topicHelp(topic: string): string {
  const rows = COMMAND_TABLE.filter(({ name }) => name.startsWith(`${topic} `));
  const width = Math.max(...rows.map(({ name }) => name.length));
  return [
    `mailkit ${topic}: ${TOPICS[topic] ?? ""}`,
    `usage: mailkit ${topic} COMMAND [ARGUMENTS] [FLAGS]`,
    rows.flatMap(({ name, summary }) => wrapRow(name, summary, width)).join("\n"),
  ].join("\n\n");
}

function shownName(name: string): string {
  return TOPICS[name] === undefined ? name : `${name} ...`;
}

const LINE = 80;

/** Name and text in two columns, the text within 80 characters. */
function wrapRow(name: string, text: string, width: number): string[] {
  const rows: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > LINE - width - 4) {
      rows.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  rows.push(line);
  return rows.map((row, index) => `  ${(index === 0 ? name : "").padEnd(width)}  ${row}`);
}
