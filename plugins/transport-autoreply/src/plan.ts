/**
 * The reply as an order: who gets it and what it says, from the filter that asked for it or from the options, never from a
 * mixture (manual §"The autoreply transport"). Evaluates; reads a file only to expand it.
 */
import { parseAddressList } from "@mailkit/message";
import { isFault, type AutoReply, type OptionValues, type RecipientFact, type Template, type TransportJob, type TransportServices } from "@mailkit/sdk"; // prettier-ignore
import type { options } from "./options.ts";
import { parseTime } from "./times.ts";

export type Options = OptionValues<typeof options>;
export type Host = Pick<TransportServices, "expand" | "scope" | "setting" | "files">;

export interface Plan {
  readonly job: TransportJob;
  readonly options: Options;
  readonly host: Host;
}

/** Plain data. `file` is read under the recipient's uid, and so are `log` and `once`. */
export interface Order {
  readonly transport: string;
  readonly recipients: readonly string[];
  readonly to: string;
  /** Header lines from the reply's own words, before In-Reply-To:. */
  readonly headers: string;
  /** Further header lines, after Auto-Submitted:. */
  readonly moreHeaders: string;
  readonly text: string;
  readonly file: string | undefined;
  readonly fileOptional: boolean;
  readonly log: string | undefined;
  readonly logLines: readonly string[];
  readonly once: string | undefined;
  readonly onceRepeat: number;
  readonly onceFileSize: number;
  readonly mode: number;
  readonly returnMessage: boolean;
  readonly returnSizeLimit: number;
}

export type Step<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fact: RecipientFact };

type Words = Omit<AutoReply, "expandFile" | "returnMessage" | "onceRepeat">;

export async function planReply(plan: Plan): Promise<Step<Order | undefined>> {
  const { job, options, host } = plan;
  const given = job.generated?.kind === "reply" ? job.generated.reply : undefined;
  const own = given === undefined ? await ownWords(plan) : undefined;
  if (own !== undefined && !own.ok) return own;
  const wanted: Words = given ?? (own as { value: Words }).value;
  const odd = unprintable(plan, wanted);
  if (odd !== undefined) return { ok: false, fact: { kind: "failed", message: odd } };
  const { words, recipients } = await allowed(plan, wanted);
  if (recipients.length === 0) return { ok: true, value: undefined };
  const repeat = given === undefined ? await repeatTime(plan) : { ok: true as const, value: given.onceRepeat ?? 0 };
  if (!repeat.ok) return repeat;
  const file = await planFile(plan, inPlace(words.file, job), given?.expandFile ?? options.file_expand);
  if (!file.ok) return file;
  return {
    ok: true,
    value: {
      transport: job.transport,
      recipients,
      to: words.to ?? "",
      headers: headerLines(words),
      moreHeaders: ended(words.headers ?? ""),
      text: (words.text ?? "") + (file.value.text ?? ""),
      file: file.value.path,
      fileOptional: options.file_optional,
      log: inPlace(words.log, job),
      logLines: logLines(words),
      once: inPlace(words.once, job),
      onceRepeat: repeat.value,
      onceFileSize: options.once_file_size,
      mode: options.mode,
      returnMessage: options.return_message || given?.returnMessage === true,
      returnSizeLimit: sizeLimit(host.setting("return_size_limit")),
    },
  };
}

const WORDS = ["from", "reply_to", "to", "cc", "bcc", "subject", "headers", "text", "file", "log", "once"] as const;

async function ownWords(plan: Plan): Promise<Step<Words>> {
  const words: Record<string, string> = {};
  for (const name of WORDS) {
    const template: Template | undefined = plan.options[name];
    if (template === undefined) continue;
    const result = await plan.host.expand(template);
    if (result.kind !== "value") {
      return deferred(`Expansion of "${template.source}" failed in ${plan.job.transport} transport: ${result.message}`, -27);
    }
    if ((name === "file" || name === "log" || name === "once") && result.tainted && result.text !== "") {
      return deferred(`Tainted '${result.text}' (${name} for ${plan.job.transport} transport) not permitted`, -1);
    }
    words[name === "reply_to" ? "replyTo" : name] = result.text;
  }
  return { ok: true, value: words };
}

/** Header words may hold a newline only before white space; anything else that does not print could forge headers. */
function unprintable(plan: Plan, words: Words): string | undefined {
  for (const name of ["from", "replyTo", "to", "cc", "bcc", "subject"] as const) {
    const text = words[name] ?? "";
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 10 && /[ \t]/.test(text[i + 1] ?? "")) continue;
      if (code >= 32 && code !== 127) continue;
      if (code === 9) continue;
      return `Expansion of "${text.replaceAll(/[^\x20-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`)}" in ${plan.job.transport} transport contains non-printing character ${code}`;
    }
  }
  return undefined;
}

/** To:, Cc: and Bcc: without whom `never_mail` names. */
async function allowed({ options, host }: Plan, words: Words): Promise<{ readonly words: Words; readonly recipients: readonly string[] }> {
  const kept: Record<string, string | undefined> = { ...words };
  const recipients: string[] = [];
  for (const name of ["to", "cc", "bcc"] as const) {
    const items = parseAddressList(words[name] ?? "", { allowUnqualified: true } as never);
    const left: string[] = [];
    for (const { text, mailbox } of items) {
      if (mailbox.ok && mailbox.address !== "") {
        const never = options.never_mail === undefined ? undefined : await options.never_mail.match(mailbox.address, host.scope);
        if (never?.kind === "yes") continue;
        recipients.push(mailbox.address);
      }
      left.push(text);
    }
    if (left.length < items.length) kept[name] = left.join(", ");
  }
  return { words: kept as Words, recipients };
}

async function repeatTime({ options, host, job }: Plan): Promise<Step<number>> {
  const template = options.once_repeat;
  if (template === undefined) return { ok: true, value: 0 };
  const result = await host.expand(template);
  if (result.kind !== "value")
    return deferred(`Expansion of "${template.source}" in ${job.transport} transport failed: ${result.message}`, -27);
  const time = parseTime(result.text);
  if (time !== undefined) return { ok: true, value: time };
  return deferred(`Invalid time value "${result.text}" for "once_repeat" in ${job.transport} transport`, -27);
}

/** A relative name is one in the current directory of the delivery: the home directory (manual §"Current and home directories"). */
function inPlace(path: string | undefined, { cwd, home }: TransportJob): string | undefined {
  const name = nonEmpty(path);
  const folder = cwd ?? home;
  return name === undefined || name.startsWith("/") || folder === undefined ? name : `${folder.replace(/\/$/, "")}/${name}`;
}

/** A file to be expanded is read here, where expansion is possible; any other under the recipient's uid. */
async function planFile(
  { host, job, options }: Plan,
  path: string | undefined,
  expand: boolean,
): Promise<Step<{ path: string | undefined; text: string | undefined }>> {
  if (path === undefined || path === "") return { ok: true, value: { path: undefined, text: undefined } };
  if (!expand) return { ok: true, value: { path, text: undefined } };
  const content = await host.files.read(path);
  if (typeof content !== "string") {
    if (options.file_optional && isFault(content)) return { ok: true, value: { path: undefined, text: undefined } };
    return deferred(`Failed to open file ${path} when sending message from ${job.transport} transport: ${content.message}`, 2);
  }
  let text = "";
  for (const line of content.split(/(?<=\n)/)) {
    const result = await host.expand(host.scope.services.strings.compile(line));
    // Exim sends a line that does not expand as it stands.
    text += result.kind === "value" ? result.text : line;
  }
  return { ok: true, value: { path: undefined, text } };
}

function headerLines(words: Words): string {
  let text = "";
  const rows = [["From", words.from], ["Reply-To", words.replyTo], ["To", words.to], ["Cc", words.cc], ["Subject", words.subject]] as const; // prettier-ignore
  for (const [name, value] of rows) if (nonEmpty(value) !== undefined) text += `${name}: ${value ?? ""}\n`;
  return text;
}

/** What the log file says of a reply, under the time. */
function logLines(words: Words): string[] {
  const rows = [["From", words.from], ["To", words.to], ["Cc", words.cc], ["Bcc", words.bcc], ["Subject", words.subject], ["Headers", words.headers]] as const; // prettier-ignore
  return rows.flatMap(([name, value]) => (nonEmpty(value) === undefined ? [] : [`  ${name}: ${value ?? ""}`]));
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function ended(text: string): string {
  return text === "" || text.endsWith("\n") ? text : text + "\n";
}

function sizeLimit(text: string | undefined): number {
  const match = /^(\d+)\s*([KMG]?)$/i.exec(text ?? "100K");
  if (match === null) return 102_400;
  return Number(match[1]) * ({ "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[(match[2] as string).toUpperCase()] as number);
}

export function deferred(message: string, errno: number): { readonly ok: false; readonly fact: RecipientFact } {
  return { ok: false, fact: { kind: "deferred", message, errno, scope: "recipient" } };
}
