/**
 * Text from outside in file names, directories and commands (manual §"Expansion of tainted text"): it would be refused
 * at delivery, so it is refused here, with the validated variable to write instead.
 */
import { place, type Rule } from "./input.ts";
import type { Setting } from "../values/settings.ts";

const INSTEAD: Readonly<Record<string, string>> = {
  local_part: "local_part_data",
  domain: "domain_data",
  original_local_part: "local_part_data",
  original_domain: "domain_data",
  sender_address: "sender_data",
  sender_address_local_part: "sender_data",
  sender_address_domain: "sender_data",
};

/** Options that name a file or program. The command of a pipe is cut into arguments first, so only its first word counts. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  appendfile: ["file", "directory", "quota_directory"],
  autoreply: ["file", "log", "once"],
  redirect: ["file", "include_directory"],
  pipe: ["command"],
  lmtp: ["command", "socket"],
};

export const taintedNames: Rule = (input) => {
  for (const kind of ["router", "transport"] as const) {
    for (const draft of input.drafts[kind]) {
      for (const option of FILES[draft.driver?.name ?? ""] ?? []) {
        const setting = draft.settings.get(option);
        if (setting !== undefined) checkName(setting, `${kind} "${draft.name}"`);
      }
    }
  }

  function checkName(setting: Setting, owner: string): void {
    const { text } = setting.located;
    const end = setting.name === "command" ? (/^\s*\S+/.exec(text)?.[0].length ?? 0) : text.length;
    for (const { name, offset, length } of bareVariables(text.slice(0, end))) {
      const instead = Object.hasOwn(INSTEAD, name) ? INSTEAD[name] : undefined;
      if (instead === undefined) continue;
      const router = input.configuration.routers.find((candidate) => validates(candidate, instead));
      const because = router === undefined ? `validate it in a router, then write $${instead}` : `router "${router.name}" validates it, so write $${instead}`;
      const message = `${setting.name} of ${owner} holds text from outside: $${name}`;
      input.report.add("MK0417", message, { ...place(setting.located, offset, length), hint: because });
    }
  }
};

function validates(router: { readonly isSet: (option: string) => boolean }, instead: string): boolean {
  return instead === "domain_data" ? router.isSet("domains") : router.isSet("check_local_user") || router.isSet("local_parts");
}

/** Variables whose text goes into the name itself: not those inside a lookup or condition, whose result may be clean. */
function bareVariables(text: string): readonly { readonly name: string; readonly offset: number; readonly length: number }[] {
  const found: { name: string; offset: number; length: number }[] = [];
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "\\") i++;
    else if (c === "{") depth++;
    else if (c === "}") depth--;
    else if (c === "$" && depth === 0) {
      const match = /^\$(?:([a-z][a-z0-9_]*)|\{(?:(?:lc|uc|hash_\d+|l|quote_local_part):\$\{?)?([a-z][a-z0-9_]*)\}+)/.exec(text.slice(i));
      if (match === null) continue;
      found.push({ name: (match[1] ?? match[2]) as string, offset: i, length: match[0].length });
      i += match[0].length - 1;
    }
  }
  return found;
}
