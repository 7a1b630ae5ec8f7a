/** Steps of an attempt give a value or the fact that ends it for all recipients. */
import type { RecipientFact } from "@mailkit/sdk";

export type Step<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fact: RecipientFact };

export function done<T>(value: T): Step<T> {
  return { ok: true, value };
}

/** Errors of the configuration: Exim logs them in the panic log too; the address waits. */
export function defer(message: string, errno: number): { readonly ok: false; readonly fact: Extract<RecipientFact, { kind: "deferred" }> } {
  return { ok: false, fact: { kind: "deferred", message, errno, scope: "recipient" } };
}
