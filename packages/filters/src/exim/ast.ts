/** An Exim filter as a tree. Arguments are compiled once; a tree may serve any number of messages. */
import type { Template } from "@mailkit/sdk";

export interface Significance {
  /** The word in front of the command. */
  readonly seen: boolean | undefined;
  readonly noError: boolean;
}

export type Command =
  | (Significance & { readonly kind: "deliver"; readonly to: Template; readonly errorsTo: Template | undefined })
  | (Significance & { readonly kind: "save"; readonly path: Template; readonly mode: number | undefined })
  /** The command is expanded word by word when it runs. */
  | (Significance & { readonly kind: "pipe"; readonly command: string })
  | (Significance & { readonly kind: "mail"; readonly vacation: boolean; readonly mail: MailParts })
  | { readonly kind: "add"; readonly number: Template; readonly variable: Template }
  | { readonly kind: "headers"; readonly change: HeaderChange; readonly text: Template }
  | (Significance & { readonly kind: "logfile"; readonly path: Template; readonly mode: number | undefined })
  | (Significance & { readonly kind: "logwrite"; readonly text: Template })
  | (Significance & { readonly kind: "testprint"; readonly text: Template })
  | (Significance & { readonly kind: "finish" })
  | { readonly kind: Refusal; readonly text: Template }
  | { readonly kind: "if"; readonly branches: readonly Branch[]; readonly otherwise: readonly Command[] };

export type HeaderChange = "add" | "remove" | "charset";
export type Refusal = "fail" | "freeze" | "defer";

/** `if` and each `elif`. */
export interface Branch {
  readonly condition: Condition;
  readonly commands: readonly Command[];
}

/** In the order in which they are expanded and shown. */
export const MAIL_WORDS = [
  "to",
  "cc",
  "bcc",
  "from",
  "reply_to",
  "subject",
  "extra_headers",
  "text",
  "file",
  "log",
  "once",
  "once_repeat",
] as const;
export type MailWord = (typeof MAIL_WORDS)[number];

export interface MailParts {
  readonly texts: ReadonlyMap<MailWord, Template>;
  readonly expandFile: boolean;
  readonly returnMessage: boolean;
}

export type TextTest = "is" | "begins" | "contains" | "ends" | "matches";
export type Flag = "delivered" | "error_message" | "first_delivery" | "manually_thawed";

export type Condition =
  /** In order; an inner one of the same kind was in parentheses. */
  | { readonly kind: "and" | "or"; readonly items: readonly Condition[]; readonly negated: boolean }
  | {
      readonly kind: "text";
      readonly test: TextTest;
      readonly caseful: boolean;
      readonly left: Template;
      readonly right: Template;
      readonly negated: boolean;
    }
  | {
      readonly kind: "number";
      readonly test: "above" | "below";
      readonly left: Template;
      readonly right: Template;
      readonly negated: boolean;
    }
  | { readonly kind: "flag"; readonly flag: Flag; readonly negated: boolean }
  | { readonly kind: "personal"; readonly aliases: readonly string[]; readonly negated: boolean }
  | { readonly kind: "foranyaddress"; readonly list: Template; readonly condition: Condition; readonly negated: boolean };

/** A parsed filter, or the first fault of its text in Exim's words. */
export type ParsedFilter = { readonly ok: true; readonly commands: readonly Command[] } | { readonly ok: false; readonly message: string };
