import type { Position } from "./diagnostics.ts";

/**
 * Every decision, as it is taken. `route`, `session`, `explain`, `-d` and the TUI print these same events. Emit only
 * when `tracer.on`; with nobody listening the cost is one property read.
 */
export type TraceEvent =
  | { readonly kind: "route.start"; readonly address: string; readonly parent?: string }
  | {
      readonly kind: "route.router";
      readonly address: string;
      readonly router: string;
      readonly result: "skipped" | "declined" | "accepted" | "redirect" | "passed" | "failed" | "deferred" | "discarded";
      /** "domains", "check_local_user", ... for skipped ones. */
      readonly by?: string;
      readonly detail?: string;
      readonly at?: Position;
      readonly children?: readonly string[];
      readonly transport?: string;
    }
  | {
      readonly kind: "acl.start" | "acl.end";
      readonly acl: string;
      readonly where: string;
      readonly result?: string;
      readonly at?: Position;
    }
  | {
      readonly kind: "acl.verb";
      readonly verb: string;
      readonly result: "yes" | "no" | "defer";
      readonly at?: Position;
      readonly message?: string;
    }
  | {
      readonly kind: "acl.item";
      readonly verb: string;
      readonly name: string;
      readonly value: string;
      readonly negated: boolean;
      readonly result: "yes" | "no" | "defer" | "done" | "error";
      readonly detail?: string;
      readonly at?: Position;
    }
  | {
      readonly kind: "list";
      readonly list: string;
      readonly subject: string;
      readonly result: "yes" | "no" | "defer";
      readonly item?: string;
      readonly at?: Position;
    }
  | {
      readonly kind: "lookup";
      readonly type: string;
      readonly file?: string;
      readonly key: string;
      readonly result: "found" | "notFound" | "defer";
      readonly text?: string;
      /** The answer was there already: of the same query, or from the index of a file that did not change. */
      readonly kept?: boolean;
    }
  | { readonly kind: "dns"; readonly name: string; readonly type: string; readonly result: string }
  | { readonly kind: "expand"; readonly source: string; readonly result: string; readonly depth: number }
  | { readonly kind: "rewrite"; readonly from: string; readonly to: string; readonly rule: string; readonly at?: Position }
  | { readonly kind: "retry"; readonly key: string; readonly rule?: string; readonly detail: string; readonly at?: Position }
  | { readonly kind: "smtp"; readonly host?: string; readonly direction: "in" | "out"; readonly line: string }
  | { readonly kind: "delivery"; readonly address: string; readonly transport: string; readonly detail: string }
  | { readonly kind: "note"; readonly area: string; readonly text: string; readonly at?: Position };

export interface Tracer {
  readonly on: boolean;
  emit(event: TraceEvent): void;
  /** Who wants every step of an expansion, nested as they are (`expand --explain`); asked only when `on`. */
  readonly watcher?: ExpansionWatcher;
}

/** A `step` is a piece of the tree that `@mailkit/expand` made of a string: the same object at its beginning and its end. */
export interface ExpansionWatcher {
  begin(step: object): void;
  end(step: object, result: unknown): void;
  /** Which of its two strings the innermost step goes on with. */
  choose(yes: boolean): void;
}

export const silent: Tracer = { on: false, emit: () => {} };
