/** Options that say what the program shall be this time: the `-b` family and the `-M` family. */
import type { EximMode, MessageAction } from "./argument-types.ts";
import type { ArgumentState as State, Take } from "./argument-state.ts";
import { unknown } from "./argument-state.ts";

const QUEUE_LIST: Readonly<Record<string, Omit<Extract<EximMode, { kind: "queueList" }>, "kind">>> = {
  "": { form: "all", sorted: true, generated: false, undeliveredOnly: false },
  a: { form: "withGenerated", sorted: true, generated: true, undeliveredOnly: false },
  u: { form: "undelivered", sorted: true, generated: false, undeliveredOnly: true },
  r: { form: "unsorted", sorted: false, generated: false, undeliveredOnly: false },
  ra: { form: "unsorted", sorted: false, generated: true, undeliveredOnly: false },
  ru: { form: "unsorted", sorted: false, generated: false, undeliveredOnly: true },
  i: { form: "idsOnly", sorted: true, generated: false, undeliveredOnly: false },
  ri: { form: "idsOnly", sorted: false, generated: false, undeliveredOnly: false },
};

const MODES: Readonly<Record<string, EximMode>> = {
  "-bm": { kind: "receive" },
  "-bs": { kind: "smtp" },
  "-bS": { kind: "batchSmtp" },
  "-bt": { kind: "testAddress" },
  "-bv": { kind: "verify", sender: false },
  "-bvs": { kind: "verify", sender: true },
  "-be": { kind: "expand", message: undefined },
  "-brw": { kind: "rewriteTest" },
  "-brt": { kind: "retryTest" },
  "-bpc": { kind: "queueCount" },
  "-bP": { kind: "printOptions" },
  "-bV": { kind: "version" },
};

export function readMode(state: State, word: string, take: Take): string | undefined {
  if (word === "-bd" || word === "-bdf" || word === "-bw" || word.startsWith("-bw")) {
    state.daemon = { foreground: word !== "-bd" };
    return undefined;
  }
  const fixed = MODES[word];
  if (fixed !== undefined) state.mode = fixed;
  else if (word.startsWith("-bp") && QUEUE_LIST[word.slice(3)] !== undefined)
    state.mode = { kind: "queueList", ...(QUEUE_LIST[word.slice(3)] as (typeof QUEUE_LIST)[string]) };
  else if (word === "-bi") state.mode = { kind: "newAliases" };
  else if (word.startsWith("-bI:")) state.mode = { kind: "info", what: word.slice(4).toLowerCase() };
  else if (word === "-bnq") return undefined;
  else return readModeWithValue(state, word, take);
  return undefined;
}

const FILTER_FIELDS: Readonly<Record<string, "domain" | "localPart" | "prefix" | "suffix">> = {
  "-bfd": "domain",
  "-bfl": "localPart",
  "-bfp": "prefix",
  "-bfs": "suffix",
};

function readModeWithValue(state: State, word: string, take: Take): string | undefined {
  const value = take();
  if (value === undefined) return unknown(word);
  const field = FILTER_FIELDS[word];
  if (field !== undefined) (state.filter ??= {})[field] = value;
  else if (word === "-bf") (state.filter ??= {}).user = value;
  else if (word === "-bF") (state.filter ??= {}).system = value;
  else if (word === "-bem") state.mode = { kind: "expand", message: value };
  else if (word === "-bh" || word === "-bhc") {
    state.mode = { kind: "hostCheck", address: value, callouts: word === "-bhc" };
    // The later one holds: `-bh` here, `-oMa` when it comes behind it.
    state.trusted.host = undefined;
  } else if (word === "-bmalware") state.mode = { kind: "malware", file: value };
  else return unknown(word);
  return undefined;
}

const MESSAGE_ACTIONS: Readonly<Record<string, MessageAction>> = {
  "-M": "deliver",
  "-Mc": "deliverNow",
  "-Mf": "freeze",
  "-Mt": "thaw",
  "-Mg": "giveUp",
  "-Mrm": "remove",
  "-Mar": "addRecipient",
  "-Mmd": "markDelivered",
  "-Mmad": "markAll",
  "-Mes": "editSender",
  "-MG": "setQueue",
  "-Mset": "set",
  "-Mvh": "showHeader",
  "-Mvb": "showBody",
  "-Mvl": "showLog",
  "-Mvc": "showCopy",
};

export function readMessageOption(state: State, word: string, take: Take): string | undefined {
  if (word === "-MCG") {
    state.queueName = take();
    return undefined;
  }
  const action = MESSAGE_ACTIONS[word];
  if (action === undefined) return unknown(word);
  if (action === "set") {
    state.messageId = take();
    return undefined;
  }
  state.mode = { kind: "message", action };
  return undefined;
}
