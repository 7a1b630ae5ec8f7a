/** From an item as written to something that runs: the table of conditions and modifiers. */
import { splitWords } from "@mailkit/config";
import type { AclItemSource } from "@mailkit/config";
import type { Maybe, Position, Template } from "@mailkit/sdk";
import type { AclCompilers } from "./compile.ts";
import { compileCondition } from "./conditions/condition.ts";
import { compileDnslists } from "./conditions/dnslists.ts";
import { compileListCondition } from "./conditions/lists.ts";
import { compileMalware } from "./conditions/malware.ts";
import { compileDecode, compileMimeRegex, compileRegex } from "./conditions/regex.ts";
import { compileRatelimit } from "./conditions/ratelimit.ts";
import { compileSeen } from "./conditions/seen.ts";
import { compileSpam } from "./conditions/spam.ts";
import { nestedCondition } from "./nested.ts";
import { itemMask } from "./legality.ts";
import { compileControl } from "./modifiers/control.ts";
import { compileAddHeader, compileRemoveHeader } from "./modifiers/headers.ts";
import { compileLogRejectTarget, compileLogwrite } from "./modifiers/log.ts";
import { compileContinue, compileDelay, compileQueue, compileSet, compileUdpsend } from "./modifiers/various.ts";
import { fault, type Outcome, type Run } from "./run.ts";
import { compileVerify } from "./verify/compile.ts";

export type ItemRun = (run: Run) => Maybe<Outcome>;

interface ItemHead {
  readonly name: string;
  readonly negated: boolean;
  /** As written, for explanations. */
  readonly value: string;
  readonly at: Position;
  /** Hooks in which it may stand. */
  readonly mask: number;
}

export type CompiledItem =
  | (ItemHead & { readonly kind: "condition" | "modifier"; readonly run: ItemRun })
  | (ItemHead & { readonly kind: "message" | "logMessage"; readonly template: Template })
  | (ItemHead & { readonly kind: "endpass" });

type Maker = (item: AclItemSource, compilers: AclCompilers) => ItemRun;

const CONDITIONS: Readonly<Record<string, Maker>> = {
  acl: compileNested,
  authenticated: compileListCondition,
  condition: compileCondition,
  decode: compileDecode,
  dnslists: compileDnslists,
  domains: compileListCondition,
  encrypted: compileListCondition,
  hosts: compileListCondition,
  local_parts: compileListCondition,
  malware: compileMalware,
  mime_regex: compileMimeRegex,
  ratelimit: compileRatelimit,
  recipients: compileListCondition,
  regex: compileRegex,
  seen: compileSeen,
  sender_domains: compileListCondition,
  senders: compileListCondition,
  spam: compileSpam,
  verify: compileVerify,
};

const MODIFIERS: Readonly<Record<string, Maker>> = {
  add_header: compileAddHeader,
  continue: compileContinue,
  control: compileControl,
  delay: compileDelay,
  log_reject_target: compileLogRejectTarget,
  logwrite: compileLogwrite,
  queue: compileQueue,
  remove_header: compileRemoveHeader,
  set: compileSet,
  udpsend: compileUdpsend,
};

/** Conditions that Exim has and mailkit has not; `checkAcls` refuses them at load. */
export const MISSING_CONDITIONS: Readonly<Record<string, string>> = {
  atrn_domains: "ATRN is not offered",
  dcc: "there is no DCC client",
  dkim_signers: "DKIM signatures are not verified",
  dkim_status: "DKIM signatures are not verified",
  dmarc_status: "DMARC is not evaluated",
  spf: "SPF is not evaluated",
  spf_guess: "SPF is not evaluated",
};

export function compileItem(item: AclItemSource, compilers: AclCompilers): CompiledItem {
  const { name, negated, value, at } = item;
  const head: ItemHead = { name, negated, value, at, mask: itemMask(name) };
  if (name === "message") return { ...head, kind: "message", template: compilers.template(value, at) };
  if (name === "log_message") return { ...head, kind: "logMessage", template: compilers.template(value, at) };
  if (name === "endpass") return { ...head, kind: "endpass" };
  const condition = Object.hasOwn(CONDITIONS, name) ? CONDITIONS[name] : undefined;
  if (condition !== undefined) return { ...head, kind: "condition", run: condition(item, compilers) };
  const modifier = Object.hasOwn(MODIFIERS, name) ? MODIFIERS[name] : undefined;
  if (modifier !== undefined) return { ...head, kind: "modifier", run: modifier(item, compilers) };
  // The configuration reader knows the names; this is for a condition that mailkit lacks.
  return { ...head, kind: "condition", run: (run) => fault(run, `ACL condition "${name}" is not supported`) };
}

/** `acl = name arg1 ... "arg 9"`. */
function compileNested(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const [name = "", ...args] = splitWords(item.value);
  return nestedCondition(
    compilers.template(name, item.at),
    args.slice(0, 9).map((arg) => compilers.template(arg, item.at)),
  );
}
