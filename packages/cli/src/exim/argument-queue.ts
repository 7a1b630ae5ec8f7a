/** `-q`, `-R`, `-S`: which messages a queue run takes, and how often. Manual §"Queue runner options". */
import { parseTime } from "@mailkit/config";
import type { QueueRunRequest } from "./argument-types.ts";
import type { ArgumentState as State, Take } from "./argument-state.ts";
import { unknown } from "./argument-state.ts";

function newQueueRun(): NonNullable<State["queueRun"]> {
  return { firstPass: false, initialOnly: false, force: false, forceFrozen: false, localOnly: false, queueName: "" };
}

export function readQueueRun(state: State, word: string, take: Take): string | undefined {
  const match = /^-q(q?)(i?)(f?f?)(l?)(?:([RS].*)|(?:G([^/]*)\/?)?(.*))$/.exec(word);
  if (match === null) return unknown(word);
  const [, two, initial, force, local, selection, queueName, every = ""] = match as readonly (string | undefined)[];
  const time = every === "" ? undefined : parseTime(every);
  if (every !== "" && time === undefined) return unknown(word);
  state.queueRun = {
    ...(state.queueRun ?? newQueueRun()),
    firstPass: two !== "",
    initialOnly: initial !== "",
    force: force !== "",
    forceFrozen: force === "ff",
    localOnly: local !== "",
    queueName: queueName ?? "",
    ...(time === undefined ? {} : { every: time }),
  };
  return selection === undefined ? undefined : readSelection(state, `-${selection}`, take);
}

/** `-R TEXT`, `-RTEXT`, `-Rrf REGEX`; the same for -S. What either forces holds. */
export function readSelection(state: State, word: string, take: Take): string | undefined {
  const flags = /^-[RS](r?)(f{0,2})$/.exec(word);
  const text = flags === null ? word.slice(2) : take();
  if (text === undefined) return unknown(word);
  const [regex, force] = flags === null ? [false, ""] : [flags[1] !== "", flags[2] as string];
  const run = state.queueRun ?? newQueueRun();
  state.queueRun = {
    ...run,
    force: run.force || force !== "",
    forceFrozen: run.forceFrozen || force === "ff",
    [word[1] === "R" ? "recipient" : "sender"]: { text, regex },
  };
  return undefined;
}

/** `exim -q FIRST-ID LAST-ID` runs a part of the queue. */
export function withIds(state: State): QueueRunRequest | undefined {
  if (state.queueRun === undefined) return undefined;
  const [firstId, lastId] = state.mode === undefined && state.daemon === undefined ? state.rest : [];
  return { ...state.queueRun, ...(firstId === undefined ? {} : { firstId }), ...(lastId === undefined ? {} : { lastId }) };
}
