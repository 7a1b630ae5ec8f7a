/** The argument of `verify` to data (manual §"ACL conditions", §"Address verification", §"Callout verification"). Pure, total. */
import { type CalloutRequest, splitList } from "@mailkit/sdk";
import { parseTime } from "../scalars.ts";

export const VERIFY_KINDS = [
  "certificate",
  "csa",
  "header_names_ascii",
  "header_sender",
  "header_syntax",
  "helo",
  "not_blind",
  "recipient",
  "reverse_host_lookup",
  "sender",
  "arc",
] as const;
export type VerifyKind = (typeof VERIFY_KINDS)[number];

export interface VerifySpec {
  readonly kind: VerifyKind;
  /** `sender=address`, `csa/domain`. */
  readonly argument: string | undefined;
  readonly deferOk: boolean;
  readonly noDetails: boolean;
  readonly successOnRedirect: boolean;
  readonly caseInsensitive: boolean;
  readonly callout: CalloutRequest | undefined;
  readonly quota: { readonly cachePositive: number; readonly cacheNegative: number } | undefined;
}

const NO_OPTIONS: ReadonlySet<string> = new Set(["certificate", "helo", "header_syntax", "header_names_ascii", "arc"]);

/** A string is the fault, in Exim's words. */
export function parseVerify(text: string): VerifySpec | string {
  const [head = "", ...options] = splitList(text, "/").items;
  const bare: VerifySpec = {
    kind: "sender",
    argument: undefined,
    deferOk: false,
    noDetails: false,
    successOnRedirect: false,
    caseInsensitive: false,
    callout: undefined,
    quota: undefined,
  };
  const sender = /^sender\s*=\s*(.*)$/s.exec(head);
  if (sender !== null) return withOptions({ ...bare, argument: sender[1] as string }, options, text);
  if (!(VERIFY_KINDS as readonly string[]).includes(head)) {
    return `expected "sender[=address]", "recipient", "helo", "header_syntax", "header_sender", "header_names_ascii" or "reverse_host_lookup" at start of ACL condition "verify ${text}"`;
  }
  const kind = head as VerifyKind;
  if (NO_OPTIONS.has(kind) && options.length > 0) return `unexpected '/' found in "${text}" (this verify item has no options)`;
  if (kind === "csa") return { ...bare, kind, argument: options[0] };
  return withOptions({ ...bare, kind }, options, text);
}

function withOptions(start: VerifySpec, options: readonly string[], text: string): VerifySpec | string {
  let spec = start;
  for (const option of options) {
    const next = addOption(spec, option, text);
    if (typeof next === "string") return next;
    spec = next;
  }
  return checkTogether(spec) ?? spec;
}

function addOption(spec: VerifySpec, option: string, text: string): VerifySpec | string {
  if (option === "defer_ok") return { ...spec, deferOk: true };
  if (option === "no_details") return { ...spec, noDetails: true };
  if (option === "success_on_redirect") return { ...spec, successOnRedirect: true };
  if (option === "case_insensitive" && spec.kind === "not_blind") return { ...spec, caseInsensitive: true };
  // Old forms of callout options.
  if (option === "callout_defer_ok") return { ...spec, callout: { ...(spec.callout ?? DEFAULT_CALLOUT), deferOk: true } };
  if (option === "check_postmaster") return { ...spec, callout: { ...(spec.callout ?? DEFAULT_CALLOUT), postmaster: true } };
  const callout = /^callout(?:\s*=\s*(.*))?$/s.exec(option);
  if (callout !== null) return addCallout(spec, callout[1] ?? "", text);
  const quota = /^quota(?:\s*=\s*(.*))?$/s.exec(option);
  if (quota !== null) return addQuota(spec, quota[1] ?? "", text);
  return `unknown option "${option}" in ACL condition "verify ${text}"`;
}

const DEFAULT_CALLOUT: CalloutRequest = {
  timeout: 30_000,
  connectTimeout: 30_000,
  maxWait: 120_000,
  deferOk: false,
  noCache: false,
  fullPostmaster: false,
  postmaster: false,
  postmasterMailFrom: "",
  random: false,
  mailFrom: "",
  useSender: false,
  usePostmaster: false,
  hold: false,
};

type Flags = "deferOk" | "noCache" | "random" | "useSender" | "usePostmaster" | "hold";
const FLAGS: Readonly<Record<string, Flags>> = {
  defer_ok: "deferOk",
  no_cache: "noCache",
  random: "random",
  use_sender: "useSender",
  use_postmaster: "usePostmaster",
  hold: "hold",
};

function addCallout(spec: VerifySpec, list: string, text: string): VerifySpec | string {
  const badTime = `bad time value in ACL condition "verify ${text}"`;
  let callout: CalloutRequest = spec.callout ?? DEFAULT_CALLOUT;
  let connect: number | undefined;
  let maxWait: number | undefined;
  for (const option of splitList(list, ",").items) {
    const flag = Object.hasOwn(FLAGS, option) ? FLAGS[option] : undefined;
    const [, name = "", value = ""] = /^([a-z_]+)\s*=\s*(.*)$/s.exec(option) ?? [];
    if (option === "") continue;
    if (flag !== undefined) callout = { ...callout, [flag]: true };
    else if (option === "postmaster") callout = { ...callout, postmaster: true, postmasterMailFrom: "" };
    else if (option === "fullpostmaster") callout = { ...callout, postmaster: true, fullPostmaster: true, postmasterMailFrom: "" };
    else if (name === "postmaster_mailfrom") callout = { ...callout, postmaster: true, postmasterMailFrom: value };
    else if (name === "mailfrom") {
      if (spec.kind !== "header_sender") {
        return `"mailfrom" is allowed as a callout option only for verify=header_sender (detected in ACL condition "${text}")`;
      }
      callout = { ...callout, mailFrom: value };
    } else {
      const time = parseTime(name === "connect" || name === "maxwait" ? value : option);
      if (time === undefined) return badTime;
      if (name === "connect") connect = time;
      else if (name === "maxwait") maxWait = time;
      else callout = { ...callout, timeout: time };
    }
  }
  return { ...spec, callout: { ...callout, connectTimeout: connect ?? callout.timeout, maxWait: maxWait ?? 4 * callout.timeout } };
}

function addQuota(spec: VerifySpec, list: string, text: string): VerifySpec | string {
  let quota = { cachePositive: 300_000, cacheNegative: 3_600_000 };
  for (const option of splitList(list, ",").items) {
    const [, name = "", value = ""] = /^(cachepos|cacheneg)\s*=\s*(.*)$/s.exec(option) ?? [];
    const time = parseTime(value) ?? (value === "0" ? 0 : undefined);
    if (option === "no_cache") quota = { cachePositive: 0, cacheNegative: 0 };
    else if (name === "" || time === undefined) return `bad time value in ACL condition "verify ${text}"`;
    else quota = name === "cachepos" ? { ...quota, cachePositive: time } : { ...quota, cacheNegative: time };
  }
  return { ...spec, quota };
}

function checkTogether(spec: VerifySpec): string | undefined {
  if (spec.quota !== undefined && spec.kind !== "recipient") return "can only verify quota of recipient";
  const { callout } = spec;
  if (callout === undefined || (!callout.useSender && !callout.usePostmaster)) return undefined;
  if (spec.kind !== "recipient") return "use_sender or use_postmaster cannot be used for a sender verify callout";
  return callout.useSender && callout.usePostmaster
    ? "only one of use_sender and use_postmaster can be set for a recipient callout"
    : undefined;
}
