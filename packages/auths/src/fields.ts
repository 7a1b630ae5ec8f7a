/** Small things that several mechanisms share. */
import { timingSafeEqual } from "node:crypto";
import {
  type AuthHost,
  type ClientStep,
  type Expansion,
  type Maybe,
  type ServerStep,
  type Template,
  type Text,
  chain,
  tainted,
  textOf,
} from "@mailkit/sdk";

/** More would be no login but an attack on memory. RFC 4954 §4 allows 12288 octets a line. */
const MAX_FIELD = 8192;

/** NUL-separated strings (RFC 4616 §2), as tainted text. */
export function splitNul(octets: Buffer): Text[] {
  return textOf(octets.subarray(0, MAX_FIELD)).split("\0").map(tainted);
}

export function sameOctets(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Expands an option of a server; failures end the dialogue: forced ones refuse, others are temporary. */
export function serverText(
  host: AuthHost,
  template: Template | undefined,
  auth: readonly Text[],
  next: (text: string) => Maybe<ServerStep>,
): Maybe<ServerStep> {
  if (template === undefined) return next("");
  return chain(host.expand(template, auth), (expansion): Maybe<ServerStep> => {
    if (expansion.kind === "value") return next(expansion.text);
    if (expansion.kind === "forcedFailure") return { kind: "fail", message: expansion.message, auth };
    return { kind: "defer", message: expansion.message };
  });
}

/** A failed expansion of a client: forced means "not for this host", anything else gives up on the host. */
export function clientFailure(expansion: Exclude<Expansion, { kind: "value" }>, name: string): ClientStep {
  if (expansion.kind === "forcedFailure") return { kind: "skip", message: expansion.message };
  return { kind: "cancel", message: `expansion of "${name}" failed: ${expansion.message}` };
}
