/**
 * Text from outside in file names, directories and commands (manual §"Expansion of tainted text"): it would be refused
 * at delivery, so it is refused here, with the validated variable to write instead.
 */
import { bareVariables } from "./bare-variables.ts";
import { place, type Rule } from "./input.ts";
import type { RouterInstance } from "../types.ts";
import type { Setting } from "../values/settings.ts";

/** What came from outside, and the variable that has the same text, checked. */
export const INSTEAD: Readonly<Record<string, string>> = {
  local_part: "local_part_data",
  domain: "domain_data",
  original_local_part: "local_part_data",
  original_domain: "domain_data",
  sender_address: "sender_data",
  sender_address_local_part: "sender_data",
  sender_address_domain: "sender_data",
};

/** Options of routers that set the checked variables. */
const NEEDS: Readonly<Record<string, string>> = {
  domain_data: "domains",
  local_part_data: "check_local_user or local_parts",
  sender_data: "senders",
};

/** The same outside of routers: a condition of an ACL, or an item of the option that the list belongs to. */
export function needOf(instead: string, inAcl: boolean): string {
  const option = (NEEDS[instead] as string).replace("check_local_user or ", "");
  return inAcl ? `a ${option} condition` : `a match of ${option}`;
}

/** Options that name a file or program. A command that no shell runs is cut into arguments first, so only its first word counts. */
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
        if (setting !== undefined) checkName(setting, kind, draft.name, draft.settings.get("use_shell")?.value === true);
      }
    }
  }

  // oxlint-disable-next-line max-params -- what, whose, and how it is run
  function checkName(setting: Setting, kind: "router" | "transport", owner: string, shells: boolean): void {
    const { text } = setting.located;
    const end = setting.name === "command" && !shells ? (/^\s*\S+/.exec(text)?.[0].length ?? 0) : text.length;
    for (const { name, offset, length } of bareVariables(text.slice(0, end))) {
      const instead = Object.hasOwn(INSTEAD, name) ? INSTEAD[name] : undefined;
      if (instead === undefined) continue;
      const user = kind === "router" ? owner : userOf(input.configuration.routers, owner);
      const message = `${setting.name} of ${kind} "${owner}" holds text from outside: $${name}`;
      input.report.add("MK0417", message, {
        ...place(setting.located, offset, length),
        hint: hintFor(input.configuration.routers, user, instead),
      });
    }
  }
};

/** The router that hands addresses to this transport. */
export function userOf(routers: readonly RouterInstance[], transport: string): string | undefined {
  return routers.find((router) => router.source?.("transport") === transport)?.name;
}

export function hintFor(routers: readonly RouterInstance[], user: string | undefined, instead: string): string {
  const router = routers.find((candidate) => candidate.name === user);
  const needed = NEEDS[instead] ?? "";
  if (router === undefined) return `write $${instead}, which a router sets that has ${needed}`;
  const has = needed.split(" or ").find((option) => router.isSet(option));
  const place = `router "${router.name}" (line ${router.at.line})`;
  return has === undefined ? `give ${place} ${needed}, then write $${instead}` : `${place} has ${has}, so write $${instead}`;
}
