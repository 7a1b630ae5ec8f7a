/** `mailkit rewrite`: what the rewriting rules do with an address, place by place, and which rule did it. */
import type { HeaderWhere } from "@mailkit/rewrite";
import type { Engine } from "@mailkit/runtime";
import { fromUnicode, unicodeOf } from "@mailkit/sdk";
import type { Position, TraceEvent, Tracer } from "@mailkit/sdk";
import { basename } from "node:path";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { JSON_FLAG } from "../command.ts";
import { openForCommand } from "../open.ts";

export const rewrite: CommandSpec = {
  name: "rewrite",
  summary: "show what rewriting does with addresses",
  args: [{ name: "ADDRESS", doc: "address, or an item of a header line; several may be given", required: true, multiple: true }],
  flags: { ...JSON_FLAG },
  examples: ["mailkit rewrite fred@old.example", "mailkit rewrite 'Fred <fred@old.example>' --json"],
  exim: "-brw",
  run,
};

const HEADERS: readonly HeaderWhere[] = ["from", "sender", "reply-to", "to", "cc", "bcc"];
const ENVELOPE = ["env-from", "env-to"] as const;

interface Step {
  readonly from: string;
  readonly to: string;
  readonly rule: string;
  readonly at?: Position;
}

interface Place {
  readonly where: string;
  readonly result: string;
  readonly steps: readonly Step[];
}

async function run(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const seen: Step[] = [];
  const engine = await openForCommand(context, flags, { trace: rewritesInto(seen) });
  try {
    const answers = [];
    for (const arg of args) answers.push({ address: arg, places: await placesOf(engine, fromUnicode(arg), seen) });
    if (flags.flag("json")) context.stdout.write(`${JSON.stringify(answers)}\n`);
    else context.stdout.write(answers.map(({ address, places }) => rendered(address, places)).join("\n"));
    return 0;
  } finally {
    await engine.close();
  }
}

function rewritesInto(steps: Step[]): Tracer {
  return {
    on: true,
    emit: (event: TraceEvent) => {
      if (event.kind !== "rewrite") return;
      const { from, to, rule, at } = event;
      steps.push({ from: unicodeOf(from), to: unicodeOf(to), rule: unicodeOf(rule), ...(at === undefined ? {} : { at }) });
    },
  };
}

async function placesOf(engine: Engine, item: string, seen: Step[]): Promise<readonly Place[]> {
  const { rewriter } = engine;
  const scope = engine.scopes.bare();
  const places: Place[] = [];
  const ask = async (where: string, question: () => Promise<string> | string): Promise<void> => {
    seen.length = 0;
    const result = await question();
    places.push({ where, result: unicodeOf(result), steps: [...seen] });
  };
  if (rewriter.hasSmtpRules) await ask("SMTP", () => rewriter.smtpTime(item, scope));
  for (const where of HEADERS) await ask(where, () => rewriter.item(item, where, scope));
  const bare = /<([^<>]*)>\s*$/.exec(item)?.[1] ?? item;
  for (const where of ENVELOPE) await ask(where, () => rewriter.address(bare, where, scope));
  return places;
}

function rendered(address: string, places: readonly Place[]): string {
  const lines = places.flatMap(({ where, result, steps }) => {
    const head = `  ${where.padEnd(9)} `;
    if (steps.length === 0) return [`${head}unchanged`];
    return steps.map((step, i) => {
      const shown = i === steps.length - 1 ? result || "<>" : step.to;
      const place = step.at === undefined ? "" : `  ${basename(step.at.file)}:${step.at.line}`;
      return `${i === 0 ? head : " ".repeat(head.length)}${shown}  by ${step.rule}${place}`;
    });
  });
  return `${address}\n${lines.join("\n")}\n`;
}
