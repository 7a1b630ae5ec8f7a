/** `verify = recipient` and `verify = sender` (manual §"Address verification", §"Sender address verification reporting"). */
import { type Maybe, type VerifyRequest, type VerifyResult, chain, clean } from "@mailkit/sdk";
import { hasControl } from "../modifiers/various.ts";
import { fault, type Outcome, type Run, setVariable } from "../run.ts";
import type { VerifySpec } from "./parse.ts";

export function verifyRecipient(run: Run, spec: VerifySpec): Maybe<Outcome> {
  const { address } = run.context;
  if (address === undefined) return fault(run, "there is no recipient to verify");
  // The ACL sees a lower-cased local part; routers decide on case themselves.
  const whole = address.domain === "" ? address.originalLocalPart : `${address.originalLocalPart}@${address.domain}`;
  return chain(ask(run, spec, "recipient", whole), (result) => {
    run.detail = describe(whole, result);
    address.addressData = result.addressData;
    if (result.kind === "ok") {
      if (result.localPartData !== undefined) address.localPartData = result.localPartData;
      if (result.domainData !== undefined) address.domainData = result.domainData;
      setVariable(run, "recipient_verify_failure", result.random === true ? clean("random") : undefined);
      return "yes";
    }
    setVariable(run, "recipient_verify_failure", clean(result.stage));
    run.logMessage = result.logMessage ?? result.message;
    run.userMessage = recipientMessage(run, result);
    setVariable(run, "acl_verify_message", run.userMessage ?? run.logMessage);
    return outcomeOf(result.kind, spec);
  });
}

export function verifySender(run: Run, spec: VerifySpec): Maybe<Outcome> {
  const sender = spec.argument ?? run.context.message.sender ?? "";
  if (sender === "") {
    run.detail = "the null sender";
    return "yes";
  }
  return chain(askOnce(run, spec, sender), (result) => {
    // Verification rewrites the sender of the message.
    const verified = spec.argument ?? run.context.message.sender ?? sender;
    run.detail = describe(verified, result);
    setVariable(run, "sender_address_data", result.addressData);
    if (result.kind === "ok") {
      setVariable(run, "sender_verify_failure", result.random === true ? clean("random") : undefined);
      return "yes";
    }
    setVariable(run, "sender_verify_failure", clean(result.stage));
    reportSender(run, spec, { sender: verified, result });
    return outcomeOf(result.kind, spec);
  });
}

type Failure = Exclude<VerifyResult, { kind: "ok" }>;

/** A deferral is told when it is a callout's or a text for the user, or with `smtp_return_error_details`. */
function recipientMessage(run: Run, result: Failure): string | undefined {
  if (result.kind === "fail") return result.stage === "quota" ? undefined : result.message;
  if (wantsDetails(run)) return result.details ?? result.message;
  return result.callout === true || result.forUser !== false ? result.message : undefined;
}

function reportSender(run: Run, spec: VerifySpec, { sender, result }: { sender: string; result: Failure }): void {
  const summary =
    result.kind === "fail" ? "Sender verify failed" : `Could not complete sender verify${spec.callout === undefined ? "" : " callout"}`;
  run.logMessage = summary;
  if (result.kind === "fail") run.userMessage = summary;
  else if (wantsDetails(run)) run.userMessage = result.details ?? summary;
  else run.userMessage = result.callout === true ? summary : undefined;
  run.senderFailure = {
    address: sender,
    kind: result.kind,
    message: result.message,
    logMessage: result.logMessage ?? result.message,
    details: !spec.noDetails,
    shown: result.kind === "fail" ? result.report !== undefined || result.forUser !== false : wantsDetails(run),
    ...(result.report === undefined ? {} : { report: result.report }),
  };
  setVariable(run, "acl_verify_message", summary);
}

export function wantsDetails(run: Run): boolean {
  return run.context.host.setting("smtp_return_error_details") === "yes";
}

function outcomeOf(kind: "fail" | "defer", spec: VerifySpec): Outcome {
  if (kind === "fail") return "no";
  return spec.deferOk || spec.callout?.deferOk === true ? "yes" : "defer";
}

function describe(address: string, result: VerifyResult): string {
  return result.kind === "ok" ? `${address} is routed` : `${address}: ${(result.logMessage ?? result.message).replaceAll("\n", " ")}`;
}

export function ask(run: Run, spec: VerifySpec, kind: VerifyRequest["kind"], address: string): Maybe<VerifyResult> {
  const { host, session, message } = run.context;
  if (spec.callout !== undefined && !hasControl(run, "no_callout_flush")) host.flush?.();
  return host.verify.verify({
    kind,
    address,
    session,
    message,
    ...(spec.callout === undefined ? {} : { callout: spec.callout }),
    ...(spec.quota === undefined ? {} : { quota: spec.quota }),
    ...(spec.successOnRedirect ? { successOnRedirect: true } : {}),
  });
}

const CACHE = "acl sender verification";

/** A sender is verified once for each message and set of options: every RCPT asks for it. */
function askOnce(run: Run, spec: VerifySpec, sender: string): Maybe<VerifyResult> {
  const { listCache } = run.context.message;
  let cache = listCache.get(CACHE) as Map<string, VerifyResult> | undefined;
  if (cache === undefined) listCache.set(CACHE, (cache = new Map()));
  const how = `${spec.callout === undefined ? "" : JSON.stringify(spec.callout)}${spec.successOnRedirect ? "+" : " "}`;
  const known = cache.get(how + sender);
  if (known !== undefined) return known;
  return chain(ask(run, spec, "sender", sender), (result) => {
    cache.set(how + sender, result);
    if (spec.argument === undefined) cache.set(how + (run.context.message.sender ?? sender), result);
    return result;
  });
}
