/** The `-o` family: how a message is taken, whom the caller speaks for, where the daemon listens. */
import type { EximArguments, TrustedField } from "./argument-types.ts";
import type { ArgumentState as State, Take } from "./argument-state.ts";
import { unknown } from "./argument-state.ts";

const DELIVERY: Readonly<Record<string, EximArguments["delivery"]>> = {
  b: "background",
  i: "foreground",
  f: "foreground",
  q: "queue",
  qs: "queueSmtp",
};
const ERROR_MODES: Readonly<Record<string, EximArguments["errors"]>> = {
  b: "berkeley",
  e: "exit",
  m: "mail",
  p: "print",
  q: "quiet",
  w: "mail",
};
const TRUSTED: Readonly<Record<string, TrustedField>> = {
  a: "host",
  aa: "auth",
  ai: "authenticatedId",
  as: "authenticatedSender",
  i: "interface",
  r: "protocol",
  s: "helo",
  t: "ident",
};

export function readO(state: State, word: string, take: Take): string | undefined {
  const rest = word.slice(2);
  if (rest.startsWith("d") && DELIVERY[rest.slice(1)] !== undefined) state.delivery = DELIVERY[rest.slice(1)];
  else if (rest.startsWith("e") && ERROR_MODES[rest.slice(1)] !== undefined) state.errors = ERROR_MODES[rest.slice(1)];
  else if (rest === "i" || rest === "itrue") state.dotEnds = false;
  else if (["m", "o", "U", "ee"].includes(rest)) return undefined;
  else if (rest.startsWith("M")) return readTrusted(state, word, rest.slice(1), take);
  else return readOWithValue(state, word, rest, take);
  return undefined;
}

function readTrusted(state: State, word: string, letters: string, take: Take): string | undefined {
  const value = take();
  if (value === undefined) return unknown(word);
  if (letters === "m") state.messageId = value;
  else if (TRUSTED[letters] !== undefined) state.trusted[TRUSTED[letters] as TrustedField] = value;
  else return unknown(word);
  return undefined;
}

function readOWithValue(state: State, word: string, rest: string, take: Take): string | undefined {
  if (rest === "P" || rest === "PX") state.pidFile = rest === "P" ? take() : undefined;
  else if (rest === "X") state.ports = take();
  else if (rest.startsWith("A")) state.aliasFile = rest.length > 1 ? rest.slice(1) : take();
  else if (rest === "Y") return undefined;
  else if (/^B\d*$/.test(rest)) return undefined;
  else if (/^[rs]/.test(rest)) {
    if (rest.length === 1) take();
  } else return unknown(word);
  return undefined;
}
