/** The mail that tells a local sender that a message was not taken (`-oem`, `-oee`), in Exim's words. */
import type { HeaderLine } from "@mailkit/sdk";
import { makeHeader, printHeaders } from "@mailkit/message";
import type { BadAddress } from "./local-recipients.ts";

export type LocalProblem =
  | { readonly kind: "noRecipients" }
  /** All recipients of the header lines were arguments, and so left out. */
  | { readonly kind: "allExcluded" }
  | { readonly kind: "badRecipients"; readonly bad: readonly BadAddress[] }
  | { readonly kind: "tooManyRecipients" }
  | { readonly kind: "tooBig"; readonly limit: number }
  | { readonly kind: "headerTooLong" }
  | { readonly kind: "rejected"; readonly message: string; readonly temporary: boolean };

export interface ErrorMail {
  readonly headers: readonly HeaderLine[];
  readonly body: Buffer;
}

const COPY = "\n------ This is a copy of your message, including all the headers. ------\n\n";

export interface FailedMessage {
  readonly headers: readonly HeaderLine[];
  readonly body: Buffer;
  readonly id: string;
  readonly host: string;
}

export function errorMail(problem: LocalProblem, to: string, from: string, message: FailedMessage): ErrorMail {
  const [subject, text] = wording(problem);
  const reference = message.id === "" ? [] : [makeHeader(`References: <E${message.id}@${message.host}>`)];
  return {
    headers: [
      makeHeader("Auto-Submitted: auto-replied"),
      makeHeader(`From: ${from}`),
      makeHeader(`To: ${to}`),
      ...reference,
      makeHeader(`Subject: ${subject}`),
    ],
    body: Buffer.concat([Buffer.from(`${text}${COPY}${printHeaders(message.headers)}\n`, "latin1"), message.body]),
  };
}

/** One line for standard error (`-oep`) and for the log. */
export function problemText(problem: LocalProblem): string {
  switch (problem.kind) {
    case "noRecipients":
      return "no recipients found in headers";
    case "allExcluded":
      return "all recipients removed";
    case "badRecipients":
      return "bad addresses found in headers";
    case "tooManyRecipients":
      return "too many recipients";
    case "tooBig":
      return `message too big (limit set to ${problem.limit})`;
    case "headerTooLong":
      return "message header section too big";
    case "rejected":
      return problem.message;
  }
}

function wording(problem: LocalProblem): [string, string] {
  switch (problem.kind) {
    case "noRecipients":
      return [
        "Mail failure - no recipient addresses",
        "A message that you sent contained no recipient addresses, and therefore no\ndelivery could be attempted.\n",
      ];
    case "allExcluded":
      return [
        "Mail failure - no recipient addresses",
        "A message that you sent using the -t command line option contained no\naddresses that were not also on the command line, and were therefore\nsuppressed. This left no recipient addresses, and so no delivery could\nbe attempted.\n",
      ];
    case "badRecipients": {
      const several = problem.bad.length > 1;
      const list = problem.bad.map(({ text, message }) => `  ${text}  ${message}\n`).join("");
      const head = several
        ? "A message that you sent contained one or more recipient addresses that were\nincorrectly constructed:\n\n"
        : "A message that you sent contained a recipient address that was incorrectly\nconstructed:\n\n";
      return [
        `Mail failure - malformed recipient address${several ? "es" : ""}`,
        `${head}${list}\nThe message has not been delivered to any recipients.\n`,
      ];
    }
    case "tooManyRecipients":
      return [
        "Mail failure - too many recipients",
        "A message that you sent contained more recipients than allowed on this\nsystem. It was not delivered to any recipients.\n",
      ];
    case "tooBig":
      return [
        "Mail failure - message too big",
        `A message that you sent was longer than the maximum size allowed on this\nsystem. It was not delivered to any recipients.\n`,
      ];
    case "headerTooLong":
      return [
        "Mail failure - message header too big",
        "The header section of a message that you sent was larger than this system\nallows. It was not delivered to any recipients.\n",
      ];
    case "rejected":
      return [
        "Mail failure - rejected by local scanning code",
        `A message that you sent was rejected by the local scanning code that\nchecks incoming messages on this system. The following error was given:\n\n  ${problem.message}\n`,
      ];
  }
}
