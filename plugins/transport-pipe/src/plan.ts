/** Options to an order: the command in words, its environment, the form of the message. Runs nothing. */
import { mailboxDate, zoneOffset } from "@mailkit/message";
import { splitList, type MessageForm, type OptionValues, type RecipientFact, type Template, type TransportJob, type TransportServices } from "@mailkit/sdk"; // prettier-ignore
import { planCommand } from "./command.ts";
import type { options } from "./options.ts";

export type Options = OptionValues<typeof options>;

export interface Plan {
  readonly job: TransportJob;
  readonly options: Options;
  readonly host: Pick<TransportServices, "expand" | "scope" | "setting">;
}

export type Step<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fact: RecipientFact };

/** Plain data. */
export interface Order {
  readonly transport: string;
  readonly argv: readonly string[];
  /** Directories for a command without a slash. */
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  readonly form: MessageForm;
  readonly umask: number;
  readonly timeout: number;
  readonly timeoutDefer: boolean;
  readonly maxOutput: number;
  readonly ignoreStatus: boolean;
  readonly tempErrors: readonly string[];
  readonly returnOutput: boolean;
  readonly returnFailOutput: boolean;
  readonly logOutput: boolean;
  readonly logFailOutput: boolean;
  readonly logDeferOutput: boolean;
  readonly freezeExecFail: boolean;
  readonly freezeSignal: boolean;
}

export function done<T>(value: T): Step<T> {
  return { ok: true, value };
}

export function defer(message: string, errno: number): { readonly ok: false; readonly fact: RecipientFact } {
  return { ok: false, fact: { kind: "deferred", message, errno, scope: "recipient" } };
}

export async function planDelivery(plan: Plan): Promise<Step<Order>> {
  const { options, job } = plan;
  const path = await text(plan, options.path, "path");
  if (!path.ok) return path;
  const argv = await planCommand(plan);
  if (!argv.ok) return argv;
  const env = await planEnvironment(plan, path.value);
  if (!env.ok) return env;
  const form = await planForm(plan);
  if (!form.ok) return form;
  return done({
    transport: job.transport,
    argv: argv.value,
    path: path.value,
    env: env.value,
    form: form.value,
    umask: options.umask,
    timeout: options.timeout,
    timeoutDefer: options.timeout_defer,
    maxOutput: options.max_output,
    ignoreStatus: options.ignore_status,
    tempErrors: options.temp_errors,
    returnOutput: options.return_output,
    returnFailOutput: options.return_fail_output,
    logOutput: options.log_output,
    logFailOutput: options.log_fail_output,
    logDeferOutput: options.log_defer_output,
    freezeExecFail: options.freeze_exec_fail,
    freezeSignal: options.freeze_signal,
  });
}

async function text(plan: Plan, template: Template | undefined, what: string): Promise<Step<string>> {
  if (template === undefined) return done("");
  const result = await plan.host.expand(template);
  if (result.kind === "value") return done(result.text);
  return defer(`Expansion of "${template.source}" (${what} for ${plan.job.transport} transport) failed: ${result.message}`, -27);
}

async function planForm(plan: Plan): Promise<Step<MessageForm>> {
  const { options, job, host } = plan;
  const plain = !options.use_bsmtp;
  const date = (): string => mailboxDate(job.now, zoneOffset(job.now, host.setting("timezone")));
  const prefix =
    options.message_prefix === undefined
      ? done(plain ? `From ${job.message.sender || "MAILER-DAEMON"} ${date()}\n` : "")
      : await text(plan, options.message_prefix, "prefix");
  if (!prefix.ok) return prefix;
  const suffix = options.message_suffix === undefined ? done(plain ? "\n" : "") : await text(plan, options.message_suffix, "suffix");
  if (!suffix.ok) return suffix;
  return done({
    prefix: prefix.value,
    suffix: suffix.value,
    crlf: options.use_crlf,
    bsmtp: options.use_bsmtp,
    ...(options.check_string === undefined ? {} : { checkString: options.check_string }),
    ...(options.escape_string === undefined ? {} : { escapeString: options.escape_string }),
  });
}

/** Manual §"Environment variables". */
async function planEnvironment(plan: Plan, path: string): Promise<Step<Readonly<Record<string, string>>>> {
  const { job, host, options } = plan;
  const env: Record<string, string> = Object.create(null) as Record<string, string>;
  const first = job.recipients[0];
  const alone = job.recipients.length === 1 && first !== undefined;
  env["SENDER"] = job.message.sender;
  env["MESSAGE_ID"] = job.message.id;
  env["PATH"] = path;
  env["SHELL"] = "/bin/sh";
  env["QUALIFY_DOMAIN"] = host.setting("qualify_domain") ?? "";
  if (alone) {
    for (const name of ["LOCAL_PART", "LOGNAME", "USER"]) env[name] = first.localPart;
    env["LOCAL_PART_PREFIX"] = first.prefix;
    env["LOCAL_PART_SUFFIX"] = first.suffix;
    env["DOMAIN"] = first.domain;
    env["RECIPIENT"] = `${first.prefix}${first.localPart}${first.suffix}@${first.domain}`;
  }
  if (job.home !== undefined) env["HOME"] = job.home;
  if (job.hosts[0] !== undefined) env["HOST"] = job.hosts[0].name;
  const zone = host.setting("timezone");
  if (zone !== undefined && zone !== "") env["TZ"] = zone;
  const more = await text(plan, options.environment, "environment setting");
  if (!more.ok) return more;
  for (const item of splitList(more.value).items) {
    const at = item.indexOf("=");
    if (at > 0) env[item.slice(0, at)] = item.slice(at + 1);
  }
  // A null octet would cut a variable short.
  for (const name of Object.keys(env)) env[name] = (env[name] as string).replaceAll("\0", "");
  return done({ ...env });
}
