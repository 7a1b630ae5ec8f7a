/** `control = ...` as data; who receives the message obeys them. Manual §"Use of the control modifier". */

export type AclControl =
  | { readonly name: SimpleControl }
  | { readonly name: "submission"; readonly senderRetain: boolean; readonly domain?: string; readonly fullName?: string }
  | { readonly name: "freeze"; readonly noTell: boolean }
  | { readonly name: "queue"; readonly firstPassRoute: boolean }
  | { readonly name: "fakereject" | "fakedefer"; readonly text: string }
  | { readonly name: "cutthrough_delivery"; readonly onDefer: "spool" | "pass" }
  | { readonly name: "debug"; readonly options: readonly (readonly [string, string])[] }
  | { readonly name: "dscp" | "wellknown"; readonly value: string }
  | { readonly name: "utf8_downconvert"; readonly value: -1 | 0 | 1 };

const SIMPLE = [
  "allow_auth_unadvertised",
  "caseful_local_part",
  "caselower_local_part",
  "dkim_disable_verify",
  "dmarc_disable_verify",
  "dmarc_enable_forensic",
  "enforce_sync",
  "no_enforce_sync",
  "no_callout_flush",
  "no_delay_flush",
  "no_mbox_unspool",
  "no_multiline_responses",
  "no_pipelining",
  "suppress_local_fixups",
] as const;
export type SimpleControl = (typeof SIMPLE)[number];

const SIMPLE_NAMES: ReadonlySet<string> = new Set(SIMPLE);

export const CONTROL_NAMES: readonly string[] = [
  ...SIMPLE,
  "cutthrough_delivery",
  "debug",
  "dscp",
  "fakedefer",
  "fakereject",
  "freeze",
  "queue",
  "queue_only",
  "submission",
  "utf8_downconvert",
  "wellknown",
];

const FAKE_TEXT =
  "Your message has been rejected but is being\nkept for evaluation.\nIf it was a legitimate message, it may still be\ndelivered to the target recipient(s).";

/** Undefined: Exim's `syntax error in "control=..."`. */
export function parseControl(text: string): AclControl | undefined {
  const slash = text.indexOf("/");
  const name = slash < 0 ? text : text.slice(0, slash);
  const rest = slash < 0 ? undefined : text.slice(slash + 1);
  if (SIMPLE_NAMES.has(name)) return rest === undefined ? { name: name as SimpleControl } : undefined;
  switch (name) {
    case "submission":
      return submission(rest === undefined ? [] : rest.split("/"));
    case "freeze":
      return rest === undefined || rest === "no_tell" ? { name, noTell: rest !== undefined } : undefined;
    case "queue":
    case "queue_only":
      return rest === undefined || rest === "first_pass_route" ? { name: "queue", firstPassRoute: rest !== undefined } : undefined;
    case "fakereject":
    case "fakedefer":
      return { name, text: rest === undefined || rest === "" ? FAKE_TEXT : rest };
    case "cutthrough_delivery":
      return cutthrough(rest);
    case "debug":
      return debug(rest === undefined ? [] : rest.split("/"));
    case "dscp":
    case "wellknown":
      return rest === undefined || rest === "" ? undefined : { name, value: rest };
    case "utf8_downconvert":
      return downconvert(rest);
    default:
      return undefined;
  }
}

function submission(options: readonly string[]): AclControl | undefined {
  let senderRetain = false;
  let domain: string | undefined;
  let fullName: string | undefined;
  for (const option of options) {
    if (option === "sender_retain") senderRetain = true;
    else if (option.startsWith("domain=")) domain = option.slice(7);
    else if (option.startsWith("name=")) fullName = option.slice(5);
    else return undefined;
  }
  return { name: "submission", senderRetain, ...(domain === undefined ? {} : { domain }), ...(fullName === undefined ? {} : { fullName }) };
}

function cutthrough(rest: string | undefined): AclControl | undefined {
  if (rest === undefined || rest === "defer=spool") return { name: "cutthrough_delivery", onDefer: "spool" };
  return rest === "defer=pass" ? { name: "cutthrough_delivery", onDefer: "pass" } : undefined;
}

const DEBUG_OPTION = /^(?:(tag|opts|pretrigger|trigger)=(.*)|(stop|kill))$/s;

function debug(written: readonly string[]): AclControl | undefined {
  const options: (readonly [string, string])[] = [];
  for (const option of written) {
    const match = DEBUG_OPTION.exec(option);
    if (match === null) return undefined;
    options.push([(match[1] ?? match[3]) as string, match[2] ?? ""]);
  }
  return { name: "debug", options };
}

function downconvert(rest: string | undefined): AclControl | undefined {
  if (rest === undefined || rest === "1") return { name: "utf8_downconvert", value: 1 };
  if (rest === "0") return { name: "utf8_downconvert", value: 0 };
  return rest === "-1" ? { name: "utf8_downconvert", value: -1 } : undefined;
}
