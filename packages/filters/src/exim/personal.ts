/** The condition `personal` (filter manual §"Testing for personal mail", §"Details of the personal condition"). */
import { chain, lower } from "@mailkit/sdk";
import type { Maybe } from "@mailkit/sdk";
import { parseAddressList, qualify } from "@mailkit/message";
import type { Run } from "./run.ts";

const LIST_HEADERS = ["Id", "Help", "Subscribe", "Unsubscribe", "Post", "Owner", "Archive"].map((name) => `List-${name}`);
const ROBOT = /^(?:server|daemon|root|listserv|majordomo|owner-[^@]+|.*-request)@/;

export function isPersonal(aliases: readonly string[], run: Run): Maybe<boolean> {
  return chain(run.isBounce(), (bounce) => {
    if (bounce || !looksPersonal(run)) return false;
    return chain(run.ownAddresses(), (own) => {
      const mine = new Set([...own, ...aliases].map(lower));
      const from = addressesIn(run, "From");
      return addressesIn(run, "To").some((address) => mine.has(address)) && !from.some((address) => mine.has(address) || ROBOT.test(address));
    });
  });
}

function looksPersonal(run: Run): boolean {
  const header = (name: string): string | undefined => run.scope.header("h", name)?.text;
  if (LIST_HEADERS.some((name) => header(name) !== undefined)) return false;
  const submitted = header("Auto-Submitted");
  if (submitted !== undefined && lower(submitted) !== "no") return false;
  return !/bulk|list|junk/i.test(header("Precedence") ?? "");
}

function addressesIn(run: Run, name: string): string[] {
  const text = run.scope.header("h", name)?.text ?? "";
  return parseAddressList(text).flatMap(({ mailbox }) => (mailbox.ok ? [lower(qualify(mailbox.address, run.qualifyDomain))] : []));
}
