/**
 * Exim's command line, cut up: argv in, one plain record out. Nothing is done here; `face.ts` does what the record says.
 * Manual chapter "The Exim command line".
 */

export type EximMode =
  | { readonly kind: "receive" }
  | { readonly kind: "smtp" }
  | { readonly kind: "batchSmtp" }
  | { readonly kind: "daemon"; readonly foreground: boolean }
  | { readonly kind: "testAddress" }
  | { readonly kind: "verify"; readonly sender: boolean }
  | { readonly kind: "expand"; readonly message: string | undefined }
  | { readonly kind: "hostCheck"; readonly address: string; readonly callouts: boolean }
  | { readonly kind: "filter"; readonly user: string | undefined; readonly system: string | undefined; readonly options: FilterTestOptions }
  | { readonly kind: "rewriteTest" }
  | { readonly kind: "retryTest" }
  | {
      readonly kind: "queueList";
      readonly form: "all" | "undelivered" | "withGenerated" | "unsorted" | "idsOnly";
      readonly sorted: boolean;
      readonly generated: boolean;
      readonly undeliveredOnly: boolean;
    }
  | { readonly kind: "queueCount" }
  | { readonly kind: "printOptions" }
  | { readonly kind: "version" }
  | { readonly kind: "newAliases" }
  | { readonly kind: "info"; readonly what: string }
  | { readonly kind: "malware"; readonly file: string }
  | { readonly kind: "logLine"; readonly text: string }
  | { readonly kind: "queueRun" }
  | { readonly kind: "message"; readonly action: MessageAction };

export interface FilterTestOptions {
  readonly domain?: string;
  readonly localPart?: string;
  readonly prefix?: string;
  readonly suffix?: string;
}

/** The `-M` family; letters are Exim's. */
export type MessageAction =
  | "deliver"
  | "deliverNow"
  | "freeze"
  | "thaw"
  | "giveUp"
  | "remove"
  | "addRecipient"
  | "markDelivered"
  | "markAll"
  | "editSender"
  | "setQueue"
  | "set"
  | "showHeader"
  | "showBody"
  | "showLog"
  | "showCopy";

export interface QueueRunRequest {
  /** Milliseconds; a daemon's interval. */
  readonly every?: number;
  readonly firstPass: boolean;
  readonly initialOnly: boolean;
  readonly force: boolean;
  readonly forceFrozen: boolean;
  readonly localOnly: boolean;
  readonly queueName: string;
  readonly select?: { readonly field: "recipient" | "sender"; readonly text: string; readonly regex: boolean };
  readonly firstId?: string;
  readonly lastId?: string;
}

export interface EximArguments {
  readonly mode: EximMode;
  readonly config: string | undefined;
  readonly defines: readonly (readonly [string, string])[];
  readonly debug: string | undefined;
  readonly verbose: boolean;
  readonly sender: string | undefined;
  readonly fullName: string | undefined;
  readonly delivery: "background" | "foreground" | "queue" | "queueSmtp" | undefined;
  readonly errors: "mail" | "print" | "exit" | "quiet" | "berkeley" | undefined;
  /** A line with a dot alone ends the message (no `-i`, `-oi`). */
  readonly dotEnds: boolean;
  readonly extractRecipients: boolean;
  readonly dontDeliver: boolean;
  readonly queueRun: QueueRunRequest | undefined;
  readonly ports: string | undefined;
  readonly pidFile: string | undefined;
  readonly tlsOnConnect: boolean;
  /** `-n`: `-bP` without names. */
  readonly bare: boolean;
  readonly tag: string | undefined;
  readonly trusted: Readonly<Record<TrustedField, string | undefined>>;
  readonly messageId: string | undefined;
  readonly aliasFile: string | undefined;
  readonly queueName: string | undefined;
  readonly dsn: { readonly notify: string | undefined; readonly ret: string | undefined };
  /** Addresses, message ids, strings: what is left. */
  readonly rest: readonly string[];
}

export type TrustedField =
  | "host"
  | "auth"
  | "authenticatedId"
  | "authenticatedSender"
  | "interface"
  | "protocol"
  | "helo"
  | "ident"
  | "received";

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

interface State {
  next: number;
  mode: EximMode | undefined;
  daemon: { foreground: boolean } | undefined;
  config: string | undefined;
  defines: [string, string][];
  debug: string | undefined;
  verbose: boolean;
  sender: string | undefined;
  fullName: string | undefined;
  delivery: EximArguments["delivery"];
  errors: EximArguments["errors"];
  dotEnds: boolean;
  extract: boolean;
  dontDeliver: boolean;
  queueRun: { -readonly [K in keyof QueueRunRequest]: QueueRunRequest[K] } | undefined;
  ports: string | undefined;
  pidFile: string | undefined;
  tlsOnConnect: boolean;
  bare: boolean;
  tag: string | undefined;
  trusted: Record<TrustedField, string | undefined>;
  messageId: string | undefined;
  aliasFile: string | undefined;
  queueName: string | undefined;
  notify: string | undefined;
  ret: string | undefined;
  filter: { user?: string; system?: string; domain?: string; localPart?: string; prefix?: string; suffix?: string } | undefined;
  rest: string[];
}

function newState(): State {
  const none = undefined;
  return {
    next: 0,
    mode: none,
    daemon: none,
    config: none,
    defines: [],
    debug: none,
    verbose: false,
    sender: none,
    fullName: none,
    delivery: none,
    errors: none,
    dotEnds: true,
    extract: false,
    dontDeliver: false,
    queueRun: none,
    ports: none,
    pidFile: none,
    tlsOnConnect: false,
    bare: false,
    tag: none,
    messageId: none,
    aliasFile: none,
    queueName: none,
    notify: none,
    ret: none,
    filter: none,
    rest: [],
    trusted: {
      host: none,
      auth: none,
      authenticatedId: none,
      authenticatedSender: none,
      interface: none,
      protocol: none,
      helo: none,
      ident: none,
      received: none,
    },
  };
}

type Take = () => string | undefined;

const unknown = (word: string): string => `exim abandoned: unknown, malformed, or incomplete option ${word}`;

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
      return readQueueRun(state, word);
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
  N: () => {},
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
    state.extract = true;
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

function readMode(state: State, word: string, take: Take): string | undefined {
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
  else if (word === "-bh" || word === "-bhc") state.mode = { kind: "hostCheck", address: value, callouts: word === "-bhc" };
  else if (word === "-bmalware") state.mode = { kind: "malware", file: value };
  else return unknown(word);
  return undefined;
}

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

function readO(state: State, word: string, take: Take): string | undefined {
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

function readMessageOption(state: State, word: string, take: Take): string | undefined {
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

function newQueueRun(): NonNullable<State["queueRun"]> {
  return { firstPass: false, initialOnly: false, force: false, forceFrozen: false, localOnly: false, queueName: "" };
}

function readQueueRun(state: State, word: string): string | undefined {
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

function readSelection(state: State, word: string, take: Take): string | undefined {
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

const UNITS: Readonly<Record<string, number>> = { w: 604800, d: 86400, h: 3600, m: 60, s: 1 };

/** `1w2d3h4m5s` in milliseconds; undefined when it is not one. Manual §"Time intervals". */
export function parseTime(text: string): number | undefined {
  if (!/^(?:\d+[wdhms])+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([wdhms])/g)) seconds += Number(count) * (UNITS[unit as string] as number);
  return seconds * 1000;
}

function finish(state: State): EximArguments {
  return {
    mode: modeOf(state),
    config: state.config,
    defines: state.defines,
    debug: state.debug,
    verbose: state.verbose,
    sender: state.sender,
    fullName: state.fullName,
    delivery: state.delivery,
    errors: state.errors,
    dotEnds: state.dotEnds,
    extractRecipients: state.extract,
    dontDeliver: state.dontDeliver,
    queueRun: withIds(state),
    ports: state.ports,
    pidFile: state.pidFile,
    tlsOnConnect: state.tlsOnConnect,
    bare: state.bare,
    tag: state.tag,
    trusted: state.trusted,
    messageId: state.messageId,
    aliasFile: state.aliasFile,
    queueName: state.queueName,
    dsn: { notify: state.notify, ret: state.ret },
    rest: state.rest,
  };
}

/** `exim -q FIRST-ID LAST-ID` runs a part of the queue. */
function withIds(state: State): QueueRunRequest | undefined {
  if (state.queueRun === undefined) return undefined;
  const [firstId, lastId] = state.mode === undefined && state.daemon === undefined ? state.rest : [];
  return { ...state.queueRun, ...(firstId === undefined ? {} : { firstId }), ...(lastId === undefined ? {} : { lastId }) };
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
