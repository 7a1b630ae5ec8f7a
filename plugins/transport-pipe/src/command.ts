/**
 * The command: cut into words first, then each word expanded, so that no value adds an argument; nothing tainted in it
 * (manual §"How the command is run").
 */
import { splitCommand, splitList, type Scope, type Template } from "@mailkit/sdk";
import { defer, done, type Plan, type Step } from "./plan.ts";

export async function planCommand(plan: Plan): Promise<Step<readonly string[]>> {
  const { job, options } = plan;
  const given = job.generated?.kind === "pipe" ? job.generated : undefined;
  const forced = given !== undefined && options.force_command && options.command !== undefined;
  if (options.use_shell) return shellCommand(plan, given !== undefined && !forced ? given : undefined);
  const cut = given !== undefined && !forced ? await generatedWords(plan, given) : await ownWords(plan);
  if (!cut.ok) return cut;
  const refusal = await forbidden(plan, cut.value[0] as string);
  return refusal ?? cut;
}

interface GeneratedPipe {
  readonly command: string;
  readonly expand?: boolean;
}

/** The command of a redirection: as it stands, or (from an Exim filter) each word expanded. */
async function generatedWords(plan: Plan, given: GeneratedPipe): Promise<Step<readonly string[]>> {
  const cut = splitCommand(given.command.replace(/^\s*\|?\s*/, ""));
  if ("fault" in cut) return defer(`${cut.fault} in ${plan.job.transport} transport command: ${given.command}`, -1);
  if (cut.words.length === 0) return defer(`no command specified for ${plan.job.transport} transport`, 0);
  if (given.expand !== true) return done(cut.words);
  const compile = plan.host.scope.services.strings.compile;
  return expandWords(
    plan,
    cut.words.map((word) => ({ kind: "text", template: compile(word) })),
    given.command,
  );
}

type Word =
  | { readonly kind: "text"; readonly template: Template }
  | { readonly kind: "addresses" }
  /** `$address_pipe` alone: all words of the redirection's command. */
  | { readonly kind: "pipe" };

/** Cut once for each option; the words are compiled with it. */
const cuts = new WeakMap<Template, readonly Word[] | string>();

async function ownWords(plan: Plan): Promise<Step<readonly string[]>> {
  const { options, job, host } = plan;
  if (options.command === undefined) return defer(`no command specified for ${job.transport} transport`, 0);
  const words = wordsOf(options.command, host.scope);
  if (typeof words === "string") return defer(`${words} in ${job.transport} transport command: ${options.command.source}`, -1);
  return expandWords(plan, words, options.command.source);
}

function wordsOf(command: Template, scope: Scope): readonly Word[] | string {
  let words = cuts.get(command);
  if (words === undefined) {
    const cut = splitCommand(command.source);
    words = "fault" in cut ? cut.fault : cut.words.map((word) => wordOf(word, scope));
    cuts.set(command, words);
  }
  return words;
}

function wordOf(word: string, scope: Scope): Word {
  if (word === "$pipe_addresses" || word === "${pipe_addresses}") return { kind: "addresses" };
  if (word === "$address_pipe" || word === "${address_pipe}") return { kind: "pipe" };
  return { kind: "text", template: scope.services.strings.compile(word) };
}

async function expandWords(plan: Plan, words: readonly Word[], source: string): Promise<Step<readonly string[]>> {
  const { job, options, host } = plan;
  const argv: string[] = [];
  for (const word of words) {
    if (word.kind === "addresses") {
      argv.push(...job.recipients.map((recipient) => recipient.address));
      continue;
    }
    if (word.kind === "pipe") {
      const inner = options.force_command && job.generated?.kind === "pipe" ? await generatedWords(plan, job.generated) : done([]);
      if (!inner.ok) return inner;
      argv.push(...inner.value);
      continue;
    }
    const result = await host.expand(word.template);
    if (result.kind !== "value") {
      return defer(
        `Expansion of "${word.template.source}" from command "${source}" in ${job.transport} transport failed: ${result.message}`,
        -27,
      );
    }
    if (result.tainted) {
      return {
        ok: false,
        fact: { kind: "failed", message: `Tainted arg ${argv.length} for ${job.transport} transport command: '${result.text}'` },
      };
    }
    argv.push(result.text);
  }
  if (argv.length > 0 && argv[0] !== "") return done(argv);
  return defer(`no command specified for ${job.transport} transport`, 0);
}

/** `use_shell`: one string, expanded as a whole. */
async function shellCommand(plan: Plan, given: GeneratedPipe | undefined): Promise<Step<readonly string[]>> {
  const { options, job, host } = plan;
  if (given !== undefined && given.expand !== true) return done(["/bin/sh", "-c", given.command.replace(/^\s*\|?\s*/, "")]);
  const template = given === undefined ? options.command : host.scope.services.strings.compile(given.command);
  if (template === undefined) return defer(`no command specified for ${job.transport} transport`, 0);
  const result = await host.expand(template);
  if (result.kind !== "value")
    return defer(`Expansion of command "${template.source}" in ${job.transport} transport failed: ${result.message}`, -27);
  if (!result.tainted) return done(["/bin/sh", "-c", result.text]);
  return {
    ok: false,
    fact: { kind: "failed", message: `Tainted '${result.text}' (command for ${job.transport} transport) not permitted` },
  };
}

/** `allow_commands`, `restrict_to_path`: failures, as a user chose the command. */
async function forbidden(plan: Plan, command: string): Promise<Step<never> | undefined> {
  const { options, job, host } = plan;
  const failed = (message: string): Step<never> => ({ ok: false, fact: { kind: "failed", message } });
  if (options.allow_commands !== undefined) {
    const result = await host.expand(options.allow_commands);
    if (result.kind !== "value")
      return defer(`failed to expand string "${options.allow_commands.source}" for ${job.transport} transport: ${result.message}`, -27);
    if (splitList(result.text).items.includes(command)) return undefined;
    if (!options.restrict_to_path) return failed(`"${command}" command not permitted by ${job.transport} transport`);
  }
  if (!options.restrict_to_path || !command.includes("/")) return undefined;
  return failed(`"/" found in "${command}" (command for ${job.transport} transport) - failed for security reasons`);
}
