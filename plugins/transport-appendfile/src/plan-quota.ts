/** Quota options to numbers: manual §"quota", §"quota_warn_threshold". The tests themselves are in `quota.ts`. */
import { trimSpace } from "@mailkit/sdk";
import type { Template } from "@mailkit/sdk";
import { defer, done, type Quota, type Step } from "./order.ts";
import type { Plan } from "./plan.ts";

type QuotaOption = "quota" | "quota_filecount" | "quota_warn_threshold" | "mailbox_size" | "mailbox_filecount";

interface Amount {
  readonly value: number;
  readonly percent: boolean;
  readonly checked: boolean;
}

const ABSENT: Amount = { value: 0, percent: false, checked: true };
const MULTIPLES: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

export async function planQuota(plan: Plan, isFile: boolean): Promise<Step<Quota>> {
  const { options, host } = plan;
  const size = await amount(plan, "quota");
  if (!size.ok) return size;
  const files = isFile ? done(ABSENT) : await amount(plan, "quota_filecount");
  if (!files.ok) return files;
  const threshold = await amount(plan, "quota_warn_threshold");
  if (!threshold.ok) return threshold;
  const knownSize = await amount(plan, "mailbox_size");
  if (!knownSize.ok) return knownSize;
  const knownFiles = await amount(plan, "mailbox_filecount");
  if (!knownFiles.ok) return knownFiles;
  const directory = await expanded(plan, options.quota_directory);
  if (!directory.ok) return directory;
  const warnAt = threshold.value.percent ? Math.floor((size.value.value * threshold.value.value) / 100) : threshold.value.value;
  const warning = warnAt > 0 ? await expanded(plan, options.quota_warn_message) : done(undefined);
  if (!warning.ok) return warning;
  const { message } = plan.job;
  return done({
    size: size.value.value,
    files: files.value.value,
    checked: size.value.checked,
    filesChecked: files.value.checked,
    inclusive: options.quota_is_inclusive,
    directory: directory.value,
    sizeRegex: options.quota_size_regex,
    knownSize: options.mailbox_size === undefined ? undefined : knownSize.value.value,
    knownFiles: options.mailbox_filecount === undefined ? undefined : knownFiles.value.value,
    warnAt,
    warning: warning.value ?? "",
    warningFrom: `Mail Delivery System <mailer-daemon@${host.setting("qualify_domain") ?? host.setting("primary_hostname") ?? "localhost"}>`,
    messageSize: message.headers.length + 1 + message.body.size,
  });
}

async function expanded(plan: Plan, template: Template | undefined): Promise<Step<string | undefined>> {
  if (template === undefined) return done(undefined);
  const result = await plan.host.expand(template);
  if (result.kind === "value") return done(result.text === "" ? undefined : result.text);
  return defer(`Expansion of "${template.source}" in ${plan.job.transport} transport failed: ${result.message}`, -1, { panic: true });
}

async function amount(plan: Plan, name: QuotaOption): Promise<Step<Amount>> {
  const template = plan.options[name];
  if (template === undefined) return done(ABSENT);
  const text = await expanded(plan, template);
  if (!text.ok) return text;
  const parsed = parseAmount(text.value ?? "", name === "quota_warn_threshold");
  if (parsed !== undefined) return done(parsed);
  return defer(`Malformed value "${text.value ?? ""}" (expansion of "${template.source}") in ${plan.job.transport} transport`, -1, {
    panic: true,
  });
}

/** `10M`, `1.5G/no_check`, `75%`; empty is 0. */
export function parseAmount(text: string, percentAllowed: boolean): Amount | undefined {
  if (trimSpace(text) === "") return ABSENT;
  const match = /^\s*(\d+(?:\.\d+)?)\s*([KMG%]?)\s*((?:\/\s*\w+\s*)*)$/i.exec(text);
  if (match === null) return undefined;
  const [, digits, unit, modifiers] = match as unknown as [string, string, string, string];
  const percent = unit === "%";
  if (percent && (!percentAllowed || Number(digits) > 100)) return undefined;
  const words = modifiers.split("/").map((word) => trimSpace(word));
  if (words.some((word) => word !== "" && word !== "no_check")) return undefined;
  const value = percent ? Number(digits) : Math.floor(Number(digits) * (MULTIPLES[unit.toUpperCase()] as number));
  return { value, percent, checked: !words.includes("no_check") };
}
