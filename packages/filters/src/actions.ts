/** What a filter wants done, in order. `exim -bf` prints these; the router and the system filter make deliveries of them. */
import type { AutoReply, Text } from "@mailkit/sdk";
import type { HeaderChange } from "./exim/ast.ts";

export interface Prefixed {
  readonly seen: boolean | undefined;
  readonly noError: boolean;
}

export type FilterAction =
  | (Prefixed & { readonly kind: "deliver"; readonly address: string; readonly errorsTo: string | undefined })
  /** The path as written, expanded; `makeChildren` puts `$home` in front of a relative one. */
  | (Prefixed & { readonly kind: "save"; readonly path: string; readonly mode: number | undefined })
  /** Not expanded: the transport does that word by word, with these variables besides its own. */
  | (Prefixed & { readonly kind: "pipe"; readonly command: string; readonly variables: Readonly<Record<string, Text>> })
  | (Prefixed & {
      readonly kind: "mail";
      readonly vacation: boolean;
      /** As given and as shown, in the order of showing; `to` is absent for the default. */
      readonly shown: ReadonlyMap<string, string>;
      readonly depth: number;
      /** What is sent; undefined when nothing is (the message is a bounce). */
      readonly reply: AutoReply | undefined;
    })
  | { readonly kind: "add"; readonly number: number; readonly variable: string }
  | { readonly kind: "headers"; readonly change: HeaderChange; readonly text: string }
  | (Prefixed & { readonly kind: "logfile"; readonly path: string; readonly mode: number })
  | (Prefixed & { readonly kind: "logwrite"; readonly text: string })
  | (Prefixed & { readonly kind: "testprint"; readonly text: string })
  | (Prefixed & { readonly kind: "finish" })
  | { readonly kind: "fail" | "freeze" | "defer"; readonly text: string };

/** How the run ended. */
export type FilterEnd =
  | { readonly kind: "done" }
  | { readonly kind: "fail" | "freeze" | "defer"; readonly text: string }
  /** A fault of the filter, or something that failed while it ran; what came before is in `actions`. */
  | { readonly kind: "error"; readonly message: string };

export interface EximRun {
  readonly end: FilterEnd;
  readonly actions: readonly FilterAction[];
  /** At least one significant delivery, or another command with `seen`. */
  readonly delivered: boolean;
  /** `$n0` to `$n9` at the end. */
  readonly numbers: readonly number[];
}
