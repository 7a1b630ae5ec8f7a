/** Is the message for the user himself (filter manual §"Testing for personal mail", §"Details of the personal condition")? */
import { chain, lower } from "@mailkit/sdk";
import type { Maybe, Scope } from "@mailkit/sdk";
import { parseAddressList, qualify } from "@mailkit/message";
import type { Run } from "./run.ts";

const LIST_HEADERS = ["Id", "Help", "Subscribe", "Unsubscribe", "Post", "Owner", "Archive"].map((name) => `List-${name}`);
const ROBOT = /^(?:server|daemon|root|listserv|majordomo|owner-[^@]+|.*-request)@/;

/** The condition `personal`. */
export function isPersonal(aliases: readonly string[], run: Run): Maybe<boolean> {
  const { scope, qualifyDomain } = run;
  return chain(
    run.isBounce(),
    (bounce) => !bounce && isPersonalFor([...run.request.ownAddresses, ...aliases], { scope, qualifyDomain, copies: false }),
  );
}

export interface PersonalFacts {
  readonly scope: Scope;
  readonly qualifyDomain: string;
  /** Cc counts like To (Sieve's `vacation`). */
  readonly copies: boolean;
}

/** `mine`: addresses of the user. That the message is no bounce is known. */
export function isPersonalFor(mine: readonly string[], facts: PersonalFacts): boolean {
  if (!looksPersonal(facts.scope)) return false;
  const own = new Set(mine.map(lower));
  const to = ["To", ...(facts.copies ? ["Cc"] : [])].flatMap((name) => addressesIn(name, facts));
  return to.some((address) => own.has(address)) && !addressesIn("From", facts).some((address) => own.has(address) || ROBOT.test(address));
}

function looksPersonal(scope: Scope): boolean {
  const header = (name: string): string | undefined => scope.header("h", name)?.text;
  if (LIST_HEADERS.some((name) => header(name) !== undefined)) return false;
  const submitted = header("Auto-Submitted");
  if (submitted !== undefined && lower(submitted) !== "no") return false;
  return !/bulk|list|junk/i.test(header("Precedence") ?? "");
}

function addressesIn(name: string, { scope, qualifyDomain }: PersonalFacts): string[] {
  const text = scope.header("h", name)?.text ?? "";
  return parseAddressList(text).flatMap(({ mailbox }) => (mailbox.ok ? [lower(qualify(mailbox.address, qualifyDomain))] : []));
}
