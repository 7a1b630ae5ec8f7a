/** What a command line of Exim asks for. Manual chapter "The Exim command line". */

export type EximMode =
  | { readonly kind: "receive" }
  | { readonly kind: "smtp" }
  | { readonly kind: "batchSmtp" }
  | { readonly kind: "daemon"; readonly foreground: boolean }
  | { readonly kind: "testAddress" }
  | { readonly kind: "verify"; readonly sender: boolean }
  | { readonly kind: "expand"; readonly message: string | undefined }
  | { readonly kind: "hostCheck"; readonly address: string; readonly callouts: boolean }
  | { readonly kind: "filter"; readonly user: string | undefined; readonly system: string | undefined; readonly options: FilterTestOptions }
  | { readonly kind: "rewriteTest" }
  | { readonly kind: "retryTest" }
  | {
      readonly kind: "queueList";
      readonly form: "all" | "undelivered" | "withGenerated" | "unsorted" | "idsOnly";
      readonly sorted: boolean;
      readonly generated: boolean;
      readonly undeliveredOnly: boolean;
    }
  | { readonly kind: "queueCount" }
  | { readonly kind: "printOptions" }
  | { readonly kind: "version" }
  | { readonly kind: "newAliases" }
  | { readonly kind: "info"; readonly what: string }
  | { readonly kind: "malware"; readonly file: string }
  | { readonly kind: "logLine"; readonly text: string }
  | { readonly kind: "queueRun" }
  | { readonly kind: "message"; readonly action: MessageAction };

export interface FilterTestOptions {
  readonly domain?: string;
  readonly localPart?: string;
  readonly prefix?: string;
  readonly suffix?: string;
}

/** The `-M` family; letters are Exim's. */
export type MessageAction =
  | "deliver"
  | "deliverNow"
  | "freeze"
  | "thaw"
  | "giveUp"
  | "remove"
  | "addRecipient"
  | "markDelivered"
  | "markAll"
  | "editSender"
  | "setQueue"
  | "set"
  | "showHeader"
  | "showBody"
  | "showLog"
  | "showCopy";

export interface Selection {
  readonly text: string;
  readonly regex: boolean;
}

export interface QueueRunRequest {
  /** Milliseconds; a daemon's interval. */
  readonly every?: number;
  readonly firstPass: boolean;
  readonly initialOnly: boolean;
  readonly force: boolean;
  readonly forceFrozen: boolean;
  readonly localOnly: boolean;
  readonly queueName: string;
  /** `-R`, `-S` */
  readonly recipient?: Selection;
  readonly sender?: Selection;
  readonly firstId?: string;
  readonly lastId?: string;
}

export interface EximArguments {
  readonly mode: EximMode;
  readonly config: string | undefined;
  readonly defines: readonly (readonly [string, string])[];
  readonly debug: string | undefined;
  readonly verbose: boolean;
  readonly sender: string | undefined;
  readonly fullName: string | undefined;
  readonly delivery: "background" | "foreground" | "queue" | "queueSmtp" | undefined;
  readonly errors: "mail" | "print" | "exit" | "quiet" | "berkeley" | undefined;
  /** A line with a dot alone ends the message (no `-i`, `-oi`). */
  readonly dotEnds: boolean;
  readonly extractRecipients: boolean;
  readonly dontDeliver: boolean;
  readonly queueRun: QueueRunRequest | undefined;
  readonly ports: string | undefined;
  readonly pidFile: string | undefined;
  readonly tlsOnConnect: boolean;
  /** `-n`: `-bP` without names. */
  readonly bare: boolean;
  readonly tag: string | undefined;
  readonly trusted: Readonly<Record<TrustedField, string | undefined>>;
  readonly messageId: string | undefined;
  readonly aliasFile: string | undefined;
  readonly queueName: string | undefined;
  /** Addresses, message ids, strings: what is left. */
  readonly rest: readonly string[];
}

export type TrustedField =
  | "host"
  | "auth"
  | "authenticatedId"
  | "authenticatedSender"
  | "interface"
  | "protocol"
  | "helo"
  | "ident"
  | "received";
