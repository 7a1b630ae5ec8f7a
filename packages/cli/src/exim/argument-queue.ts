/** `-q`, `-R`, `-S`: which messages a queue run takes, and how often. Manual §"Queue runner options". */
import { parseTime } from "@mailkit/config";
import type { QueueRunRequest } from "./argument-types.ts";
import type { ArgumentState as State, Take } from "./argument-state.ts";
import { unknown } from "./argument-state.ts";

function newQueueRun(): NonNullable<State["queueRun"]> {
  return { firstPass: false, initialOnly: false, force: false, forceFrozen: false, localOnly: false, queueName: "" };
}

export function readQueueRun(state: State, word: string): string | undefined {
  if (/^-q[RS]/.test(word)) return readSelection(state, `-${word.slice(2)}`, () => undefined);
  const match = /^-q(q?)(i?)(f?f?)(l?)(?:G([^/]*)\/?)?(.*)$/.exec(word);
  if (match === null) return unknown(word);
  const [, two, initial, force, local, queueName, every] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string | undefined,
    string,
  ];
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
  return undefined;
}

export function readSelection(state: State, word: string, take: Take): string | undefined {
  const match = /^-([RS])(r?)(f{0,2})(r?)$/.exec(word);
  if (match === null) return unknown(word);
  const text = take();
  if (text === undefined) return unknown(word);
  const force = match[3] as string;
  state.queueRun = {
    ...(state.queueRun ?? newQueueRun()),
    force: force !== "",
    forceFrozen: force === "ff",
    select: { field: match[1] === "R" ? "recipient" : "sender", text, regex: match[2] !== "" || match[4] !== "" },
  };
  return undefined;
}

/** `exim -q FIRST-ID LAST-ID` runs a part of the queue. */
export function withIds(state: State): QueueRunRequest | undefined {
  if (state.queueRun === undefined) return undefined;
  const [firstId, lastId] = state.mode === undefined && state.daemon === undefined ? state.rest : [];
  return { ...state.queueRun, ...(firstId === undefined ? {} : { firstId }), ...(lastId === undefined ? {} : { lastId }) };
}
