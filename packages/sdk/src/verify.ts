import type { Maybe } from "./maybe.ts";
import type { MessageFacts, SessionFacts } from "./facts.ts";
import type { Text } from "./text.ts";

/** Port: address verification by routing, with callout on demand (manual §"Address verification"). */
export interface VerifyService {
  verify(request: VerifyRequest): Maybe<VerifyResult>;
}

export interface VerifyRequest {
  readonly kind: "recipient" | "sender";
  readonly address: string;
  readonly session: SessionFacts;
  readonly message: MessageFacts;
  readonly callout?: CalloutRequest;
  readonly quota?: { readonly cachePositive: number; readonly cacheNegative: number };
  readonly successOnRedirect?: boolean;
}

/** Times in milliseconds. Manual §"Callout verification". */
export interface CalloutRequest {
  readonly timeout: number;
  readonly connectTimeout: number;
  readonly maxWait: number;
  readonly deferOk: boolean;
  readonly noCache: boolean;
  readonly fullPostmaster: boolean;
  readonly postmaster: boolean;
  readonly postmasterMailFrom: string;
  readonly random: boolean;
  readonly mailFrom: string;
  readonly useSender: boolean;
  readonly usePostmaster: boolean;
  readonly hold: boolean;
}

export type VerifyResult =
  | {
      readonly kind: "ok";
      /** `$address_data`, `$local_part_data`, ... of the router that took it. */
      readonly addressData: Text | undefined;
      readonly localPartData?: Text;
      readonly domainData?: Text;
      /** It was a redirection to several addresses, or `success_on_redirect`. */
      readonly redirected: boolean;
      /** A callout found that the host takes any local part. */
      readonly random?: boolean;
    }
  | {
      readonly kind: "fail" | "defer";
      /** `$address_data` of the last router that looked at it. */
      readonly addressData?: Text | undefined;
      /** For the client. */
      readonly message: string;
      /** For the log, when it differs. */
      readonly logMessage?: string;
      /** False: on a deferral the client is told nothing but the standard text (unless `smtp_return_error_details`). */
      readonly forUser?: boolean;
      /** It was a callout that could not be completed. */
      readonly callout?: boolean;
      /** What the client may be told of it with `smtp_return_error_details`. */
      readonly details?: string;
      /** Of a sender: the lines before the refusal, when they are not the standard ones. */
      readonly report?: readonly string[];
      /** `$recipient_verify_failure`, `$sender_verify_failure`: qualify, route, mail, recipient, postmaster, quota. */
      readonly stage: "qualify" | "route" | "mail" | "recipient" | "postmaster" | "quota";
    };
