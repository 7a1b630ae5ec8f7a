/**
 * Exim's command line, cut up: argv in, one plain record out. Nothing is done here; `face.ts` does what the record says.
 * Manual chapter "The Exim command line".
 */

import type { EximArguments, EximMode } from "./argument-types.ts";
import { readMessageOption, readMode } from "./argument-modes.ts";
import { readO } from "./argument-o.ts";
import { readQueueRun, readSelection, withIds } from "./argument-queue.ts";
import type { ArgumentState as State, Take } from "./argument-state.ts";
import { newState, unknown } from "./argument-state.ts";

export type ParsedArguments = { readonly ok: true; readonly arguments: EximArguments } | { readonly ok: false; readonly message: string };

/** Names under which the program is another one (manual §"Setting options by program name"). */
const BY_NAME: Readonly<Record<string, readonly string[]>> = {
  mailq: ["-bp"],
  rsmtp: ["-bS"],
  rmail: ["-i", "-oee"],
  runq: ["-q"],
  newaliases: ["-bi"],
};

export function parseEximArguments(program: string, argv: readonly string[]): ParsedArguments {
  const words = [...(BY_NAME[program] ?? []), ...argv];
  const state = newState();
  while (state.next < words.length) {
    const word = words[state.next++] as string;
    if (word === "--") break;
    if (!word.startsWith("-") || word === "-") {
      state.next--;
      break;
    }
    const fault = readOption(state, word, () => words[state.next++]);
    if (fault !== undefined) return { ok: false, message: fault };
  }
  state.rest.push(...words.slice(state.next));
  return { ok: true, arguments: finish(state) };
}

/** One option word; takes further words with `take`. Returns the fault. */
function readOption(state: State, word: string, take: Take): string | undefined {
  switch (word[1]) {
    case "b":
      return readMode(state, word, take);
    case "o":
      return readO(state, word, take);
    case "M":
      return readMessageOption(state, word, take);
    case "q":
      return readQueueRun(state, word, take);
    case "R":
    case "S":
      return readSelection(state, word, take);
    case "d":
      return readDebug(state, word, take);
    default:
      return readSimple(state, word, take);
  }
}

/** Options whose argument may be joined or be the next word: letter, what it sets. */
const VALUED: Readonly<Record<string, (state: State, value: string) => void>> = {
  f: (s, v) => (s.sender = v),
  r: (s, v) => (s.sender = v),
  F: (s, v) => (s.fullName = v),
  C: (s, v) => (s.config = v),
  L: (s, v) => (s.tag = v),
  O: () => {},
  X: () => {},
  h: () => {},
  p: (s, v) => {
    const [protocol, host] = v.split(":");
    s.trusted.protocol = protocol;
    if (host !== undefined) s.trusted.helo = host;
  },
};

const IGNORED = new Set(["-m", "-e", "-x", "-U", "-G", "-Ac", "-Am", "-ti", "-E"]);

function readSimple(state: State, word: string, take: Take): string | undefined {
  if (word === "-t" || word === "-ti") {
    state.extractRecipients = true;
    if (word === "-ti") state.dotEnds = false;
    return undefined;
  }
  if (word === "-i") state.dotEnds = false;
  else if (word === "-v") state.verbose = true;
  else if (word === "-n") state.bare = true;
  else if (word === "-N") state.dontDeliver = true;
  else if (word === "-tls-on-connect") state.tlsOnConnect = true;
  else if (word === "--version") state.mode = { kind: "version" };
  else if (word === "--help") state.mode = { kind: "info", what: "help" };
  else if (word.startsWith("-D")) return readDefine(state, word);
  else if (word.startsWith("-B")) return undefined;
  else if (word === "-Tqt") take();
  else if (word === "-z") state.mode = { kind: "logLine", text: take() ?? "" };
  else if (!IGNORED.has(word)) return readValued(state, word, take);
  return undefined;
}

function readValued(state: State, word: string, take: Take): string | undefined {
  const set = VALUED[word[1] as string];
  if (set === undefined) return unknown(word);
  const value = word.length > 2 ? word.slice(2) : take();
  if (value === undefined) return unknown(word);
  set(state, value);
  return undefined;
}

function readDefine(state: State, word: string): string | undefined {
  const match = /^-D\s*([A-Z]\w*)\s*(?:=\s*(.*))?$/s.exec(word);
  if (match === null) return `exim: malformed macro definition "${word}"`;
  state.defines.push([match[1] as string, match[2] ?? ""]);
  return undefined;
}

function readDebug(state: State, word: string, take: Take): string | undefined {
  if (word === "-dropcr") return undefined;
  if (word.startsWith("-d+") || word.startsWith("-d-") || word === "-d" || /^-d[pdtS]?([+-].*)?$/.test(word)) {
    state.debug = word.slice(2);
    return undefined;
  }
  void take;
  return unknown(word);
}

function finish(state: State): EximArguments {
  const { next: _, daemon: __, filter: ___, ...given } = state;
  return { ...given, mode: modeOf(state), queueRun: withIds(state) };
}

function modeOf(state: State): EximMode {
  if (state.filter?.user !== undefined || state.filter?.system !== undefined) {
    const { user, system, ...options } = state.filter;
    return { kind: "filter", user, system, options };
  }
  if (state.mode !== undefined) return state.mode;
  if (state.daemon !== undefined || state.queueRun?.every !== undefined)
    return { kind: "daemon", foreground: state.daemon?.foreground ?? false };
  if (state.queueRun !== undefined) return { kind: "queueRun" };
  return { kind: "receive" };
}
