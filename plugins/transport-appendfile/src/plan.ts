/** Options to an order: which path, may it be used, how the message is written. Evaluates; never touches a file. */
import { mailboxDate, zoneOffset } from "@mailkit/message";
import {
  childScope,
  clean,
  messageSize,
  splitList,
  type MessageForm,
  type OptionValues,
  type Template,
  type TransportJob,
  type TransportServices,
} from "@mailkit/sdk";
import { choosePath, type Where } from "./choose-path.ts";
import type { options } from "./options.ts";
import { BASENAME_MARK, defer, done, INODE_MARK, SIZE_MARK, type Order, type Step, type Texts } from "./order.ts";
import { planQuota } from "./plan-quota.ts";

export interface Plan {
  readonly job: TransportJob;
  readonly options: OptionValues<typeof options>;
  readonly host: Pick<TransportServices, "expand" | "scope" | "setting">;
}

export async function planDelivery(plan: Plan): Promise<Step<Order>> {
  const where = await choosePath(plan);
  if (!where.ok) return where;
  const form = await planForm(plan, where.value.kind === "file");
  if (!form.ok) return form;
  const quota = await planQuota(plan, where.value.kind === "file");
  if (!quota.ok) return quota;
  const texts = await planTexts(plan, where.value, form.value);
  if (!texts.ok) return texts;
  const sizeFile = await useSizeFile(plan, where.value.kind);
  if (!sizeFile.ok) return sizeFile;
  const { options } = plan;
  return done({
    ...fixedRules(plan),
    ...where.value,
    form: form.value,
    quota: quota.value,
    texts: texts.value,
    maildir: {
      retries: Math.max(1, options.maildir_retries),
      useSizeFile: sizeFile.value,
      directoryRegex: options.maildir_quota_directory_regex ?? "",
      folderRegex: options.maildirfolder_create_regex,
    },
  });
}

/** Prefix, suffix and escapes; their defaults depend on where the message goes (manual §"message_prefix", §"check_string"). */
async function planForm(plan: Plan, isFile: boolean): Promise<Step<MessageForm>> {
  const { options, job } = plan;
  const mailbox = isFile && !options.use_bsmtp;
  const fromLine = mailbox
    ? `From ${job.message.sender || "MAILER-DAEMON"} ${mailboxDate(job.now, zoneOffset(job.now, plan.host.setting("timezone")))}\n`
    : "";
  const prefix = await textOption(plan, options.message_prefix, "prefix", fromLine);
  if (!prefix.ok) return prefix;
  const suffix = await textOption(plan, options.message_suffix, "suffix", mailbox ? "\n" : "");
  if (!suffix.ok) return suffix;
  return done({
    prefix: prefix.value,
    suffix: suffix.value,
    checkString: options.check_string ?? (isFile ? "From " : ""),
    escapeString: options.escape_string ?? (isFile ? ">From " : ""),
    crlf: options.use_crlf,
    bsmtp: options.use_bsmtp,
  });
}

async function textOption(plan: Plan, template: Template | undefined, what: string, fallback: string): Promise<Step<string>> {
  if (template === undefined) return done(fallback);
  const result = await plan.host.expand(template);
  if (result.kind === "value") return done(result.text);
  return defer(`Expansion of "${template.source}" (${what} for ${plan.job.transport} transport) failed`, -27);
}

/** `maildir_tag`, mailstore texts, `directory_file`: whichever this kind of delivery needs. */
async function planTexts(plan: Plan, where: Where, form: MessageForm): Promise<Step<Texts>> {
  const { options, job } = plan;
  const texts = { tag: "", prefix: "", suffix: "", fileName: "" };
  if (where.kind === "maildir") {
    const size = messageSize(job.message, form);
    const tag = await markedOption(plan, "maildir_tag", { message_size: size === undefined ? SIZE_MARK : String(size) });
    return tag.ok ? done({ ...texts, tag: tag.value }) : tag;
  }
  if (where.kind === "mailstore") {
    const prefix = await markedOption(plan, "mailstore_prefix", { mailstore_basename: BASENAME_MARK });
    if (!prefix.ok) return prefix;
    const suffix = await markedOption(plan, "mailstore_suffix", { mailstore_basename: BASENAME_MARK });
    return suffix.ok ? done({ ...texts, prefix: prefix.value, suffix: suffix.value }) : suffix;
  }
  if (where.kind !== "directory") return done(texts);
  const name = await markedOption(plan, "directory_file", { inode: INODE_MARK });
  if (!name.ok) return name;
  if (name.value !== "") return done({ ...texts, fileName: name.value });
  return defer(`Expansion of "${options.directory_file?.source ?? ""}" (directory_file for ${job.transport} transport) failed`, -1, {
    panic: true,
  });
}

type MarkedOption = "maildir_tag" | "mailstore_prefix" | "mailstore_suffix" | "directory_file";

/** Expands with one more variable; a forced failure is ignored (manual §"Using tags to record message sizes"). */
async function markedOption(plan: Plan, name: MarkedOption, variables: Readonly<Record<string, string>>): Promise<Step<string>> {
  const template = plan.options[name];
  if (template === undefined) return done("");
  const scope = childScope(plan.host.scope, [(asked) => (Object.hasOwn(variables, asked) ? clean(variables[asked] as string) : undefined)]);
  const result = await template.evaluate(scope);
  if (result.kind === "value") return done(result.text);
  if (result.kind === "forcedFailure") return done("");
  return defer(`Expansion of "${template.source}" (${name} for ${plan.job.transport} transport) failed: ${result.message}`, -1, {
    panic: true,
  });
}

async function useSizeFile(plan: Plan, kind: Order["kind"]): Promise<Step<boolean>> {
  const wanted = plan.options.maildir_use_size_file;
  if (kind !== "maildir" || typeof wanted === "boolean") return done(kind === "maildir" && wanted === true);
  const result = await plan.host.expand(wanted);
  if (result.kind !== "value")
    return defer(`Expansion of "${wanted.source}" in ${plan.job.transport} transport failed: ${result.message}`, -1, { panic: true });
  return done(/^\s*(true|yes|[1-9]\d*)\s*$/i.test(result.text));
}

function fixedRules(plan: Plan): Omit<Order, "kind" | "path" | "mayCreate" | "form" | "quota" | "texts" | "maildir"> {
  const { options, job } = plan;
  const asked = job.generated?.kind === "file" ? job.generated.mode : undefined;
  return {
    transport: job.transport,
    hostname: plan.host.setting("primary_hostname") ?? "localhost",
    mode: asked ?? options.mode,
    modeForced: asked !== undefined,
    modeFailNarrower: options.mode_fail_narrower,
    directoryMode: options.directory_mode,
    createDirectory: options.create_directory,
    fileMustExist: options.file_must_exist,
    allowSymlink: options.allow_symlink,
    allowFifo: options.allow_fifo,
    checkOwner: options.check_owner,
    checkGroup: options.check_group,
    fileFormat: formatPairs(options.file_format),
    lock: {
      lockfile: options.use_lockfile,
      fcntl: options.use_fcntl_lock,
      flock: options.use_flock_lock,
      patience: Math.max(
        (Math.max(1, options.lock_retries) - 1) * options.lock_interval,
        options.use_fcntl_lock ? options.lock_fcntl_timeout : 0,
        options.use_flock_lock ? options.lock_flock_timeout : 0,
      ),
      lockfileMode: options.lockfile_mode,
      lockfileTimeout: options.lockfile_timeout,
    },
  };
}

export function formatPairs(source: string | undefined): (readonly [string, string])[] {
  if (source === undefined) return [];
  const { items } = splitList(source);
  const pairs: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < items.length; i += 2) pairs.push([items[i] as string, items[i + 1] as string]);
  return pairs;
}
