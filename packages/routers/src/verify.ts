/**
 * Verification by routing (manual §"Address verification"): an address that becomes one other address is followed; one
 * that becomes several, a pipe, a file or nothing is good. Callouts are the caller's business.
 */
import { chain } from "@mailkit/sdk";
import type { Maybe, Text } from "@mailkit/sdk";
import type { RouterChain } from "./chain.ts";
import type { RouteAccepted, RouteRequest, RouteResult } from "./types.ts";

export type VerifyRouting =
  | {
      readonly kind: "ok";
      /** Where a callout would go; undefined after a redirection to several, to a pipe, or to nothing. */
      readonly accepted: RouteAccepted | undefined;
      /** A redirection was met. */
      readonly redirected: boolean;
      readonly addressData: Text | undefined;
      readonly localPartData: Text | undefined;
      readonly domainData: Text | undefined;
      /** The address that was verified in the end. */
      readonly address: string;
    }
  | {
      readonly kind: "failed" | "deferred";
      readonly message: string;
      /** `:fail:` and the like: the text is for the client. */
      readonly forUser: boolean;
      readonly address: string;
      readonly result: RouteResult;
    };

export function verifyByRouting(self: RouterChain, request: RouteRequest, redirected = false): Maybe<VerifyRouting> {
  return chain(self.route(request), (result) => follow(self, result, redirected));
}

function follow(self: RouterChain, result: RouteResult, redirected: boolean): Maybe<VerifyRouting> {
  switch (result.kind) {
    case "accepted": {
      const { addressData, localPartData, domainData } = result.facts;
      return { kind: "ok", accepted: result, redirected, addressData, localPartData, domainData, address: result.address };
    }
    case "redirected": {
      const only = result.generated.length === 0 && result.children.length === 1 ? result.children[0] : undefined;
      if (only !== undefined) return verifyByRouting(self, only, true);
      const data = result.generated[0]?.facts.addressData ?? result.children[0]?.inherited?.addressData;
      return good(result.address, data, true);
    }
    case "discarded":
      return good(result.address, undefined, redirected);
    case "copied":
      return good(result.address, result.seen.kind === "accepted" ? result.seen.facts.addressData : undefined, true);
    case "failed":
    case "deferred":
      return { kind: result.kind, message: result.message, forUser: result.forUser, address: result.address, result };
  }
}

function good(address: string, addressData: Text | undefined, redirected: boolean): VerifyRouting {
  return { kind: "ok", accepted: undefined, redirected, addressData, localPartData: undefined, domainData: undefined, address };
}
