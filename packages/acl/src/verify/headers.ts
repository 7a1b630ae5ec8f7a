/** `verify = header_syntax`, `header_names_ascii`, `header_sender`, `not_blind` (manual §"ACL conditions"). */
import { checkHeaderSyntax, extractAddresses, isDeleted, nameOfHeader, valueOfHeader } from "@mailkit/message";
import { type HeaderLine, type Maybe, chain, firstOf, lower, splitAddress } from "@mailkit/sdk";
import { type Outcome, type Run, setVariable } from "../run.ts";
import { ask, wantsDetails } from "./addresses.ts";
import type { VerifySpec } from "./parse.ts";

export function verifyHeaderSyntax(run: Run): Maybe<Outcome> {
  const { host, session, message } = run.context;
  return chain(host.allowsUnqualified("sender", session), (sender) =>
    chain(host.allowsUnqualified("recipient", session), (recipient) => {
      const problem = checkHeaderSyntax(message.headers ?? [], { sender, recipient });
      if (problem === undefined) return "yes";
      return refuse(run, problem);
    }),
  );
}

export function verifyHeaderNames(run: Run): Outcome {
  for (const header of live(run)) {
    const name = nameOfHeader(header.text);
    if (!/^[\x21-\x7e]*$/.test(name)) return refuse(run, `Invalid character in header "${name}" found`);
  }
  return "yes";
}

function live(run: Run): HeaderLine[] {
  return (run.context.message.headers ?? []).filter((header) => !isDeleted(header));
}

function refuse(run: Run, problem: string): "no" {
  run.logMessage = problem;
  if (wantsDetails(run)) run.userMessage = `Rejected after DATA: ${problem}`;
  setVariable(run, "acl_verify_message", problem);
  return "no";
}

/** Header lines by type letter; the senders in the order in which Exim looks at them. */
const SENDER_TYPES = ["S", "R", "F"];

/** One address that verifies is enough. */
export function verifyHeaderSender(run: Run, spec: VerifySpec): Maybe<Outcome> {
  const addresses = SENDER_TYPES.flatMap((type) =>
    live(run)
      .filter((header) => header.type === type)
      .flatMap((header) => extractAddresses(valueOfHeader(header.text)).addresses),
  );
  let deferred = false;
  const good = firstOf(addresses, (address) =>
    chain(ask(run, spec, "sender", address), (result) => {
      if (result.kind === "ok") return "yes" as const;
      if (result.kind === "defer") {
        if (spec.deferOk || spec.callout?.deferOk === true) return "yes" as const;
        deferred = true;
      }
      return undefined;
    }),
  );
  return chain(good, (yes) => {
    if (yes !== undefined) return yes;
    if (!deferred) return refuse(run, "there is no valid sender in any header line");
    run.logMessage = "all attempts to verify a sender in a header line deferred";
    return "defer";
  });
}

/** Every envelope recipient stands in a To: or Cc: line. */
export function verifyNotBlind(run: Run, spec: VerifySpec): Outcome {
  const fold = (address: string): string => {
    if (spec.caseInsensitive) return lower(address);
    const { localPart, domain } = splitAddress(address);
    return `${localPart}@${lower(domain)}`;
  };
  const named = new Set<string>();
  for (const header of live(run)) {
    if (!/^(?:resent-)?(?:to|cc)$/i.test(nameOfHeader(header.text))) continue;
    for (const address of extractAddresses(valueOfHeader(header.text)).addresses) named.add(fold(address));
  }
  const blind = run.context.message.recipients.find((recipient) => !named.has(fold(recipient)));
  if (blind === undefined) return "yes";
  run.detail = `${blind} is in no To: or Cc: line`;
  return refuse(run, "bcc recipient detected");
}
