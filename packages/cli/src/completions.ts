/** Completion scripts for bash, zsh and fish, made from the command tables. Pure; nothing is asked at completion time but ids. */
import type { CommandSpec, FlagSpec } from "./command.ts";
import { allFlags } from "./command.ts";

export type Shell = "bash" | "zsh" | "fish";
export const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

export function completionScript(shell: Shell, commands: readonly CommandSpec[]): string {
  switch (shell) {
    case "bash":
      return bashScript(commands);
    case "zsh":
      return zshScript(commands);
    case "fish":
      return fishScript(commands);
  }
}

/** First words with what they stand for: a command, or the topic of several. */
function firstWords(commands: readonly CommandSpec[]): Map<string, string> {
  const words = new Map<string, string>();
  for (const { name, summary } of commands) {
    const [first, second] = name.split(" ") as [string, string?];
    if (!words.has(first))
      words.set(
        first,
        second === undefined
          ? summary
          : `${first}: ${secondWords(commands, first)
              .map(([word]) => word)
              .join(", ")}`,
      );
  }
  words.set("exim", "Exim's own command line");
  words.set("help", "help on a command");
  return words;
}

function secondWords(commands: readonly CommandSpec[], first: string): (readonly [string, string])[] {
  return commands.flatMap(({ name, summary }) => (name.startsWith(`${first} `) ? [[name.slice(first.length + 1), summary] as const] : []));
}

function topics(commands: readonly CommandSpec[]): string[] {
  return [...new Set(commands.flatMap(({ name }) => (name.includes(" ") ? [name.split(" ")[0] as string] : [])))];
}

/** What an argument or a flag's value is, as far as a shell can help. */
function kindOf(name: string): "file" | "folder" | "id" | "nothing" {
  if (/^(?:FILE|DIR\/FILE)$/.test(name)) return "file";
  if (/^(?:FOLDER|DIR|PACKAGE\|FOLDER)$/.test(name)) return "folder";
  return /^ID\b/.test(name) ? "id" : "nothing";
}

const IDS = "mailkit exim -bpi 2>/dev/null";

function flagWords(spec: CommandSpec): string[] {
  return [
    ...Object.entries(allFlags(spec)).flatMap(([name, flag]) => [`--${name}`, ...(flag.char === undefined ? [] : [`-${flag.char}`])]),
    "--help",
  ];
}

function bashScript(commands: readonly CommandSpec[]): string {
  const cases = commands.map((spec) => {
    const valued = Object.entries(allFlags(spec)).filter(([, flag]) => flag.type !== "boolean");
    const values = valued.map(
      ([name, flag]) =>
        `      ${[`--${name}`, ...(flag.char === undefined ? [] : [`-${flag.char}`])].join("|")}) ${bashValues(flag)}; return ;;`,
    );
    const kind = kindOf(spec.args?.[0]?.name ?? "");
    const args = kind === "id" ? `$(${IDS})` : "";
    return [
      `    ${JSON.stringify(spec.name)})`,
      `      case "$before" in`,
      ...values,
      `      esac`,
      `      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W ${JSON.stringify(flagWords(spec).join(" "))} -- "$word"))`,
      kind === "file" || kind === "folder"
        ? `      else COMPREPLY=($(compgen ${kind === "file" ? "-f" : "-d"} -- "$word")); fi ;;`
        : `      else COMPREPLY=($(compgen -W "${args}" -- "$word")); fi ;;`,
    ].join("\n");
  });
  const seconds = topics(commands).map(
    (topic) =>
      `    ${topic}) COMPREPLY=($(compgen -W ${JSON.stringify(
        secondWords(commands, topic)
          .map(([word]) => word)
          .join(" "),
      )} -- "$word")); return ;;`,
  );
  return `# bash completion of mailkit: source <(mailkit completions bash)
_mailkit() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command=""
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W ${JSON.stringify([...firstWords(commands).keys()].join(" "))} -- "$word")); return
  fi
  if (( COMP_CWORD == 2 )); then case "\${COMP_WORDS[1]}" in
${seconds.join("\n")}
    help) COMPREPLY=($(compgen -W ${JSON.stringify([...firstWords(commands).keys()].join(" "))} -- "$word")); return ;;
  esac; fi
  case "\${COMP_WORDS[1]}" in
    ${topics(commands).join("|")}) command="\${COMP_WORDS[1]} \${COMP_WORDS[2]}" ;;
    *) command="\${COMP_WORDS[1]}" ;;
  esac
  case "$command" in
${cases.join("\n")}
    exim) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -o filenames -F _mailkit mailkit
`;
}

function bashValues(flag: FlagSpec): string {
  if (flag.values !== undefined) return `COMPREPLY=($(compgen -W ${JSON.stringify(flag.values.join(" "))} -- "$word"))`;
  const kind = kindOf(flag.placeholder ?? "");
  if (kind === "id") return `COMPREPLY=($(compgen -W "$(${IDS})" -- "$word"))`;
  return kind === "nothing" ? "COMPREPLY=()" : `COMPREPLY=($(compgen ${kind === "file" ? "-f" : "-d"} -- "$word"))`;
}

function zshScript(commands: readonly CommandSpec[]): string {
  const first = [...firstWords(commands)].map(([word, text]) => zshItem(word, text));
  const topicCases = topics(commands).map((topic) => {
    const items = secondWords(commands, topic).map(([word, text]) => zshItem(word, text));
    return `    ${topic}) if (( CURRENT == 3 )); then local -a seconds=(${items.join(" ")}); _describe command seconds; return; fi; command="$words[2] $words[3]"; skip=2 ;;`;
  });
  const cases = commands.map((spec) => {
    const flags = Object.entries(allFlags(spec)).map(([name, flag]) => zshFlag(name, flag));
    const args = (spec.args ?? []).map((arg) =>
      zshQuote(`${arg.multiple === true ? "*" : ""}:${zshText(arg.name)}:${zshAction(kindOf(arg.name))}`),
    );
    return `    ${JSON.stringify(spec.name)}) _arguments -s ${[...flags, zshQuote("--help[show help]"), ...args].join(" ")} ;;`;
  });
  return `#compdef mailkit
# zsh completion of mailkit: mailkit completions zsh > "\${fpath[1]}/_mailkit"
_mailkit_ids() { local -a ids=(\${(f)"$(${IDS})"}); compadd -a ids }
_mailkit() {
  local command="$words[2]" skip=1
  if (( CURRENT == 2 )); then local -a firsts=(${first.join(" ")}); _describe command firsts; return; fi
  case "$words[2]" in
${topicCases.join("\n")}
  esac
  words=("\${(@)words[skip+1,-1]}"); (( CURRENT -= skip ))
  case "$command" in
${cases.join("\n")}
    *) _files ;;
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _mailkit "$@"; else compdef _mailkit mailkit; fi
`;
}

function zshItem(word: string, text: string): string {
  return zshQuote(`${word}:${text.replaceAll(":", "\\:")}`);
}

function zshFlag(name: string, flag: FlagSpec): string {
  const value =
    flag.type === "boolean"
      ? ""
      : `:${zshText(flag.placeholder ?? name)}:${flag.values === undefined ? zshAction(kindOf(flag.placeholder ?? "")) : `(${flag.values.join(" ")})`}`;
  const star = flag.multiple === true ? "*" : "";
  const long = zshQuote(`${star}--${name}${value === "" ? "" : "="}[${zshText(flag.doc)}]${value}`);
  return flag.char === undefined
    ? long
    : `${long} ${zshQuote(`${star}-${flag.char}${value === "" ? "" : "+"}[${zshText(flag.doc)}]${value}`)}`;
}

function zshAction(kind: ReturnType<typeof kindOf>): string {
  return { file: "_files", folder: "_files -/", id: "_mailkit_ids", nothing: " " }[kind];
}

function zshText(text: string): string {
  return text.replace(/[[\]:\\]/g, "\\$&");
}

function zshQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishScript(commands: readonly CommandSpec[]): string {
  const lines = [
    "# fish completion of mailkit: mailkit completions fish > ~/.config/fish/completions/mailkit.fish",
    "complete -c mailkit -f",
  ];
  for (const [word, text] of firstWords(commands))
    lines.push(`complete -c mailkit -n __fish_use_subcommand -a ${word} -d ${fishQuote(text)}`);
  for (const topic of topics(commands)) {
    const seconds = secondWords(commands, topic);
    const none = `__fish_seen_subcommand_from ${topic}; and not __fish_seen_subcommand_from ${seconds.map(([word]) => word).join(" ")}`;
    for (const [word, text] of seconds) lines.push(`complete -c mailkit -n ${fishQuote(none)} -a ${word} -d ${fishQuote(text)}`);
  }
  for (const spec of commands) {
    const [first, second] = spec.name.split(" ") as [string, string?];
    const when = fishQuote(
      second === undefined
        ? `__fish_seen_subcommand_from ${first}`
        : `__fish_seen_subcommand_from ${first}; and __fish_seen_subcommand_from ${second}`,
    );
    for (const [name, flag] of Object.entries(allFlags(spec))) {
      const value =
        flag.type === "boolean"
          ? ""
          : flag.values !== undefined
            ? ` -x -a ${fishQuote(flag.values.join(" "))}`
            : fishValue(kindOf(flag.placeholder ?? ""));
      lines.push(
        `complete -c mailkit -n ${when} -l ${name}${flag.char === undefined ? "" : ` -s ${flag.char}`}${value} -d ${fishQuote(flag.doc)}`,
      );
    }
    const kind = kindOf(spec.args?.[0]?.name ?? "");
    if (kind === "id") lines.push(`complete -c mailkit -n ${when} -a ${fishQuote(`(${IDS})`)}`);
    if (kind === "file" || kind === "folder") lines.push(`complete -c mailkit -n ${when} -F`);
  }
  return `${lines.join("\n")}\n`;
}

function fishValue(kind: ReturnType<typeof kindOf>): string {
  if (kind === "id") return ` -x -a ${fishQuote(`(${IDS})`)}`;
  return kind === "nothing" ? " -x" : " -r -F";
}

function fishQuote(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
