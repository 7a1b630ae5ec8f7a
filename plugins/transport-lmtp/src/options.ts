/** Every option of Exim's lmtp transport (manual §"The lmtp transport"). */
import { option } from "@mailkit/sdk";

export const options = {
  batch_id: option.expanded({ doc: "Only addresses for which this gives the same text share a delivery." }),
  batch_max: option.integer({ default: 1, doc: "How many addresses may share a delivery." }),
  command: option.expanded({ doc: "Program to talk LMTP to; cut into words before it is expanded." }),
  ignore_quota: option.boolean({ doc: "IGNOREQUOTA with RCPT, where it is offered." }),
  socket: option.expanded({ doc: "Unix socket to talk LMTP to." }),
  timeout: option.time({ default: 300_000, doc: "How long a reply, or taking a piece of the message, may last." }),
} as const;
