/** A message that an Exim left in `input/` of the spool folder, to be looked at (`-Mset`). Taking it over is `queue import`. */
import { fromEximFiles } from "@mailkit/spool";
import type { BodySource, DeliveryState, Progress, StoredMessage } from "@mailkit/sdk";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Undefined: not there, or not readable as such a message. `split_spool_directory` puts files into a folder by time. */
export function readEximMessage(spool: string, id: string): StoredMessage | undefined {
  for (const folder of ["", id.charAt(5)]) {
    try {
      const base = join(spool, "input", folder, id);
      const read = fromEximFiles(readFileSync(`${base}-H`), readFileSync(`${base}-D`));
      if (!read.ok) continue;
      const { envelope, headers, body, progress } = read.message;
      return { envelope, headers, body: octets(body), state: stateAfter(progress) };
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

function octets(bytes: Buffer): BodySource {
  return {
    size: bytes.length,
    bytes,
    read: (start = 0, length = bytes.length) => Promise.resolve(bytes.subarray(start, start + length)),
    // oxlint-disable-next-line require-await
    chunks: async function* () {
      yield bytes;
    },
  };
}

function stateAfter(progress: readonly Progress[]): DeliveryState {
  const done = new Set<string>();
  let state: DeliveryState = {
    done,
    frozen: undefined,
    manuallyThawed: false,
    first: true,
    warnings: 0,
    lastAttempt: undefined,
    waiting: new Map(),
  };
  for (const step of progress) {
    if (step.kind === "done") for (const address of step.addresses) done.add(address);
    if (step.kind === "freeze") state = { ...state, frozen: { since: step.at, why: step.why } };
    if (step.kind === "thaw") state = { ...state, frozen: undefined, manuallyThawed: step.manual };
    if (step.kind === "attempted") state = { ...state, first: false, lastAttempt: step.at };
  }
  return state;
}
