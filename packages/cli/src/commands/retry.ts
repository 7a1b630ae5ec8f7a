/** `mailkit retry`: the retry rule for an address or host, and when it would be tried. */
import { retryErrorFault, showRetryRule } from "@mailkit/config";
import type { RetryRule } from "@mailkit/config";
import { chooseRule, nextTry } from "@mailkit/delivery";
import type { RetryHint } from "@mailkit/sdk";
import { fromUnicode, unicodeOf } from "@mailkit/sdk";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { JSON_FLAG, UsageError } from "../command.ts";
import { openForCommand } from "../open.ts";
import { longAge } from "../words.ts";

export const retry: CommandSpec = {
  name: "retry",
  summary: "show the retry rule for an address or host, and its tries",
  description:
    "Tries are counted from the first failure, as if a queue runner came at the moment they are due. Ends with 1 when no rule fits.",
  args: [
    { name: "ADDRESS", doc: "address or domain; for a delivery to a host, the host", required: true },
    { name: "DOMAIN", doc: "second domain: the mail domain, when the first is a host" },
  ],
  flags: {
    ...JSON_FLAG,
    error: { type: "string", placeholder: "NAME", default: "*", doc: "what failed: timeout_connect, refused_MX, rcpt_4xx, quota_3d, ..." },
    sender: { type: "string", char: "f", placeholder: "ADDRESS", doc: "sender, for rules with senders=" },
  },
  examples: ["mailkit retry machin.com", "mailkit retry mx.machin.com machin.com --error timeout_connect"],
  exim: "-brt",
  run,
};

/** More tries than anybody reads. */
const MOST = 200;
const SHOWN = 12;

async function run(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const error = flags.text("error") as string;
  if (retryErrorFault(error) !== undefined)
    throw new UsageError(`there is no retry error "${error}"`, "as in timeout_connect, rcpt_45x, quota_3d");
  const engine = await openForCommand(context, flags);
  try {
    const [first, second] = args.map((arg) => subject(fromUnicode(arg)));
    const sender = flags.text("sender");
    const asked = {
      first: first as string,
      ...(second === undefined ? {} : { second }),
      error,
      sender: sender === undefined ? undefined : fromUnicode(sender).replace(/^<(.*)>$/, "$1"),
    };
    const rule = await chooseRule(engine.config.retry, asked, engine.scopes.bare());
    const limit = engine.config.main.number("retry_interval_max");
    const tries = rule === undefined ? [] : schedule(rule, limit);
    if (flags.flag("json")) context.stdout.write(`${JSON.stringify(plain(rule, tries))}\n`);
    else context.stdout.write(rendered(rule, tries));
    return rule === undefined ? 1 : 0;
  } finally {
    await engine.close();
  }
}

function subject(text: string): string {
  return text.includes("@") ? text : `*@${text}`;
}

/** Milliseconds from the first failure to each try; the last one is where the address fails. The least intervals of H. */
function schedule(rule: RetryRule, intervalMax: number): readonly number[] {
  const tries: number[] = [];
  let old: RetryHint | undefined;
  let now = 0;
  while (tries.length < MOST) {
    const { hint, timedOut } = nextTry({
      rule,
      old,
      now,
      received: 0,
      ofMessage: false,
      error: "",
      text: "",
      intervalMax,
      random: () => 0,
    });
    if (timedOut) break;
    old = hint;
    now = hint.nextTry;
    tries.push(now);
  }
  return tries;
}

function rendered(rule: RetryRule | undefined, tries: readonly number[]): string {
  if (rule === undefined) return "no retry rule fits: the address fails at once\n";
  const place = `${rule.at.file}:${rule.at.line}`;
  const head = `${unicodeOf(showRetryRule(rule)).trimEnd()}\n  ${place}\n`;
  if (tries.length === 0) return `${head}  no step: the address fails at once\n`;
  const shown = tries.length <= SHOWN ? tries : [...tries.slice(0, SHOWN - 1), tries.at(-1) as number];
  const skipped = tries.length - shown.length;
  const lines = shown.map((time, i) => {
    const last = i === shown.length - 1;
    const gap = last && skipped > 0 ? `  ${"".padEnd(4)} ${skipped} more\n` : "";
    return `${gap}  ${String(last ? tries.length : i + 1).padStart(4)} after ${longAge(time)}${last ? ", then it fails" : ""}\n`;
  });
  return head + lines.join("");
}

function plain(rule: RetryRule | undefined, tries: readonly number[]): unknown {
  if (rule === undefined) return { rule: null, tries: [] };
  const { pattern, error, at, source } = rule;
  return {
    rule: { pattern: unicodeOf(pattern), error, source: unicodeOf(source), at },
    tries: tries.map((time) => Math.round(time / 1000)),
  };
}
