/** The words of this driver: what a delivery is given, and steps that end in a value or a fact for all recipients. */
import type { OptionValues, RecipientFact, TransportJob, TransportServices } from "@mailkit/sdk";
import type { options } from "./options.ts";

export type Options = OptionValues<typeof options>;

export interface Plan {
  readonly job: TransportJob;
  readonly options: Options;
  readonly host: TransportServices;
}

export type Deferred = Extract<RecipientFact, { kind: "deferred" }>;
export type Step<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fact: Deferred };

export function done<T>(value: T): Step<T> {
  return { ok: true, value };
}

export function defer(message: string, errno: number): { readonly ok: false; readonly fact: Deferred } {
  return { ok: false, fact: { kind: "deferred", message, errno, scope: "none" } };
}
