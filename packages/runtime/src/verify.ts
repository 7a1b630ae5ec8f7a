/** Address verification: the routers' word, then a callout when it is asked for (manual §"Address verification"). */
import { chain, SENDER_REWRITTEN, splitAddress } from "@mailkit/sdk";
import type { Maybe, Scope, VerifyRequest, VerifyResult, VerifyService } from "@mailkit/sdk";
import type { RouteAccepted, RouterChain, VerifyRouting } from "@mailkit/routers";
import type { Callout } from "./callout/callout.ts";

export interface VerifyParts {
  readonly routers: RouterChain;
  readonly scopeFor: (request: VerifyRequest) => Scope;
  /** Recipients are rewritten for verification only; the sender of the message stays rewritten. */
  readonly rewriteRecipient: (address: string, scope: Scope) => Maybe<string>;
  readonly rewriteSender: (address: string, scope: Scope) => Maybe<string>;
  /** Domain for an unqualified address; undefined = such an address fails. */
  readonly qualify: (request: VerifyRequest) => string | undefined;
  readonly callout: Callout;
}

export function makeVerify(parts: VerifyParts): VerifyService {
  return { verify: (request) => verify(request, parts) };
}

function verify(request: VerifyRequest, parts: VerifyParts): Maybe<VerifyResult> {
  if (request.kind === "sender" && request.address === "") return { kind: "ok", addressData: undefined, redirected: false };
  const address = qualified(request, parts);
  if (address === undefined) return { kind: "fail", stage: "qualify", message: "unqualified address not permitted" };
  const scope = parts.scopeFor(request);
  const wanted = request.kind === "recipient" ? parts.rewriteRecipient(address, scope) : senderOf(request, address, scope, parts);
  return chain(wanted, (rewritten) =>
    chain(
      parts.routers.verify({
        address: rewritten,
        purpose: request.kind === "recipient" ? "verifyRecipient" : "verifySender",
        sender: request.kind === "recipient" ? request.message.sender : undefined,
        scope: request.kind === "recipient" ? scope : parts.scopeFor(withoutSender(request)),
      }),
      (routed) => afterRouting(request, routed, scope, parts),
    ),
  );
}

// oxlint-disable-next-line max-params -- the address and what rewrites it
function senderOf({ message }: VerifyRequest, address: string, scope: Scope, parts: VerifyParts): Maybe<string> {
  if (address !== message.sender || message.listCache.has(SENDER_REWRITTEN)) return address;
  return chain(parts.rewriteSender(address, scope), (now) => {
    message.listCache.set(SENDER_REWRITTEN, true);
    message.sender = now;
    return now;
  });
}

/** While a sender is verified, the message has none for the routers (manual, option "senders" of routers). */
function withoutSender(request: VerifyRequest): VerifyRequest {
  return { ...request, message: { ...request.message, sender: "" } };
}

function qualified(request: VerifyRequest, parts: VerifyParts): string | undefined {
  if (splitAddress(request.address).domain !== "") return request.address;
  const domain = parts.qualify(request);
  return domain === undefined ? undefined : `${request.address}@${domain}`;
}

function afterRouting(request: VerifyRequest, routed: VerifyRouting, scope: Scope, parts: VerifyParts): Maybe<VerifyResult> {
  if (routed.kind !== "ok") {
    const kind = routed.kind === "failed" ? ("fail" as const) : ("defer" as const);
    const { result } = routed;
    const last = result.kind === "failed" || result.kind === "deferred" ? result : undefined;
    const log = last?.logMessage;
    return {
      kind,
      stage: "route",
      message: routed.message,
      forUser: routed.forUser,
      addressData: last?.addressData,
      ...(log === undefined ? {} : { logMessage: log }),
    };
  }
  const ok: VerifyResult = {
    kind: "ok",
    addressData: routed.addressData,
    redirected: routed.redirected,
    ...(routed.localPartData === undefined ? {} : { localPartData: routed.localPartData }),
    ...(routed.domainData === undefined ? {} : { domainData: routed.domainData }),
  };
  if (request.callout === undefined || request.session.noCallouts || !canCallOut(routed.accepted)) return ok;
  return parts
    .callout(request, routed.accepted, scope)
    .then((verdict) => (verdict === "random" ? { ...ok, random: true } : (verdict ?? ok)));
}

/** To a remote transport, or without one to the hosts of a router that only verifies. */
function canCallOut(accepted: RouteAccepted | undefined): accepted is RouteAccepted {
  return accepted?.where === "remote" || (accepted !== undefined && accepted.transport === undefined && accepted.hosts.length > 0);
}
