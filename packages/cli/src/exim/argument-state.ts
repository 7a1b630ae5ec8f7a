/** A command line while it is read. */
import type { EximArguments, EximMode, QueueRunRequest, TrustedField } from "./argument-types.ts";

type Open<T> = { -readonly [K in keyof T]: T[K] };

export interface ArgumentState extends Open<Omit<EximArguments, "mode" | "defines" | "trusted" | "queueRun" | "rest">> {
  /** Index of the next word. */
  next: number;
  mode: EximMode | undefined;
  daemon: { readonly foreground: boolean } | undefined;
  filter: { user?: string; system?: string; domain?: string; localPart?: string; prefix?: string; suffix?: string } | undefined;
  readonly defines: [string, string][];
  readonly trusted: Record<TrustedField, string | undefined>;
  queueRun: Open<QueueRunRequest> | undefined;
  readonly rest: string[];
}

/** The next word of the command line, which the option takes as its argument. */
export type Take = () => string | undefined;

export const unknown = (word: string): string => `exim abandoned: unknown, malformed, or incomplete option ${word}`;

export function newState(): ArgumentState {
  const none = undefined;
  return {
    next: 0,
    mode: none,
    daemon: none,
    config: none,
    defines: [],
    debug: none,
    verbose: false,
    sender: none,
    fullName: none,
    delivery: none,
    errors: none,
    dotEnds: true,
    extractRecipients: false,
    dontDeliver: false,
    queueRun: none,
    ports: none,
    pidFile: none,
    tlsOnConnect: false,
    bare: false,
    tag: none,
    messageId: none,
    aliasFile: none,
    queueName: none,
    filter: none,
    rest: [],
    trusted: {
      host: none,
      auth: none,
      authenticatedId: none,
      authenticatedSender: none,
      interface: none,
      protocol: none,
      helo: none,
      ident: none,
      received: none,
    },
  };
}
