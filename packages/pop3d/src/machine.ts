/**
 * The POP3 dialogue as a pure function: `step(state, command)` gives the next state, the reply and what the session
 * has to do. No sockets, no files, no clock. RFC 1939; CAPA RFC 2449; STLS RFC 2595; AUTH RFC 5034.
 *
 * Which command is legal where is the table `COMMANDS`; CAPA and "not now" answers come from it.
 */

export type Pop3Phase = "authorization" | "password" | "sasl" | "transaction" | "over";

export interface Pop3State {
  readonly phase: Pop3Phase;
  readonly user: string;
  /** Failed logins of this connection. */
  readonly failures: number;
  readonly encrypted: boolean;
  readonly offersTls: boolean;
  /** Plain passwords are refused before TLS, but for loopback. */
  readonly plainAllowed: boolean;
  readonly messages: readonly Pop3Message[];
  readonly deleted: ReadonlySet<number>;
  readonly retrieved: ReadonlySet<number>;
}

export interface Pop3Message {
  /** Octets as RETR sends them: CRLF line ends, before dot-stuffing. */
  readonly size: number;
  readonly uid: string;
}

export type Pop3Effect =
  | { readonly kind: "login"; readonly user: string; readonly password: string }
  | { readonly kind: "send"; readonly index: number; /** Body lines; undefined = all. */ readonly lines: number | undefined }
  | { readonly kind: "startTls" }
  | { readonly kind: "update"; readonly deleted: readonly number[]; readonly retrieved: readonly number[] }
  | { readonly kind: "close" };

export interface Pop3Step {
  readonly state: Pop3State;
  /** Text for the client, lines ended by CRLF; "" when an effect answers. */
  readonly reply: string;
  readonly effect?: Pop3Effect;
}

const MAX_FAILURES = 3;

export function newPop3State(known: {
  readonly encrypted: boolean;
  readonly offersTls: boolean;
  readonly plainAllowed: boolean;
}): Pop3State {
  return { phase: "authorization", user: "", failures: 0, messages: [], deleted: new Set(), retrieved: new Set(), ...known };
}

interface CommandRow {
  readonly phases: readonly Pop3Phase[];
  readonly run: (state: Pop3State, args: readonly string[]) => Pop3Step;
}

const COMMANDS: ReadonlyMap<string, CommandRow> = new Map<string, CommandRow>([
  ["CAPA", { phases: ["authorization", "password", "transaction"], run: capa }],
  ["USER", { phases: ["authorization", "password"], run: user }],
  ["PASS", { phases: ["password"], run: pass }],
  ["AUTH", { phases: ["authorization", "password"], run: auth }],
  ["STLS", { phases: ["authorization", "password"], run: stls }],
  ["QUIT", { phases: ["authorization", "password", "transaction"], run: quit }],
  ["NOOP", { phases: ["transaction"], run: (state) => ok(state, "") }],
  ["STAT", { phases: ["transaction"], run: stat }],
  ["LIST", { phases: ["transaction"], run: (state, args) => listing(state, args, (m) => String(m.size)) }],
  ["UIDL", { phases: ["transaction"], run: (state, args) => listing(state, args, (m) => m.uid) }],
  ["RETR", { phases: ["transaction"], run: retr }],
  ["TOP", { phases: ["transaction"], run: top }],
  ["DELE", { phases: ["transaction"], run: dele }],
  ["RSET", { phases: ["transaction"], run: (state) => ok({ ...state, deleted: new Set() }, "") }],
]);

/** One command line, without CRLF. */
export function step(state: Pop3State, line: string): Pop3Step {
  if (state.phase === "sasl") return saslResponse(state, line);
  const [verb = "", ...rest] = line.split(" ");
  const row = COMMANDS.get(verb.toUpperCase());
  if (row === undefined) return err(state, "unknown command");
  if (!row.phases.includes(state.phase))
    return err(state, state.phase === "transaction" ? "already logged in" : verb.toUpperCase() === "PASS" ? "USER first" : "log in first");
  // A password may hold spaces: it is the whole rest of the line (RFC 1939 §7).
  return row.run(state, verb.toUpperCase() === "PASS" ? [line.slice(verb.length + 1)] : rest.filter((word) => word !== ""));
}

/** The answer to a "login" effect. */
export function loggedIn(
  state: Pop3State,
  outcome:
    | { readonly ok: true; readonly messages: readonly Pop3Message[] }
    | { readonly ok: false; readonly text: string; readonly code?: "AUTH" | "IN-USE" | "SYS/TEMP" },
): Pop3Step {
  if (outcome.ok) {
    const { messages } = outcome;
    return ok({ ...state, phase: "transaction", messages, deleted: new Set(), retrieved: new Set() }, `${messages.length} messages`);
  }
  const failures = state.failures + (outcome.code === "AUTH" ? 1 : 0);
  const step = err(
    { ...state, phase: "authorization", user: "", failures },
    `${outcome.code === undefined ? "" : `[${outcome.code}] `}${outcome.text}`,
  );
  return failures >= MAX_FAILURES ? { ...step, state: { ...step.state, phase: "over" }, effect: { kind: "close" } } : step;
}

/** After the TLS handshake everything that was said before is forgotten (RFC 2595 §4). */
export function encrypted(state: Pop3State): Pop3State {
  return { ...newPop3State({ encrypted: true, offersTls: false, plainAllowed: true }), failures: state.failures };
}

/** The answer to an "update" effect. */
export function updated(state: Pop3State, failed: number): Pop3Step {
  const over: Pop3State = { ...state, phase: "over" };
  return failed === 0
    ? ok(over, "bye", { kind: "close" })
    : { ...err(over, `${failed} messages could not be deleted`), effect: { kind: "close" } };
}

function ok(state: Pop3State, text: string, effect?: Pop3Effect): Pop3Step {
  return { state, reply: text === "" ? "+OK\r\n" : `+OK ${text}\r\n`, ...(effect === undefined ? {} : { effect }) };
}

function err(state: Pop3State, text: string): Pop3Step {
  return { state, reply: `-ERR ${text}\r\n` };
}

function capa(state: Pop3State): Pop3Step {
  const lines = ["TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "IMPLEMENTATION mailkit"];
  if (state.phase !== "transaction" && state.plainAllowed) lines.splice(1, 0, "USER", "SASL PLAIN");
  if (state.phase !== "transaction" && state.offersTls) lines.push("STLS");
  return { state, reply: `+OK capabilities\r\n${lines.map((line) => `${line}\r\n`).join("")}.\r\n` };
}

const TLS_FIRST = "say STLS first";

function user(state: Pop3State, args: readonly string[]): Pop3Step {
  if (!state.plainAllowed) return err(state, TLS_FIRST);
  const name = args.join(" ");
  return name === "" ? err(state, "USER needs a name") : ok({ ...state, phase: "password", user: name }, "");
}

function pass(state: Pop3State, args: readonly string[]): Pop3Step {
  return { state, reply: "", effect: { kind: "login", user: state.user, password: args[0] ?? "" } };
}

function auth(state: Pop3State, args: readonly string[]): Pop3Step {
  if (args.length === 0) return { state, reply: `+OK\r\n${state.plainAllowed ? "PLAIN\r\n" : ""}.\r\n` };
  if (args[0]?.toUpperCase() !== "PLAIN") return err(state, "unknown mechanism");
  if (!state.plainAllowed) return err(state, TLS_FIRST);
  const initial = args[1];
  return initial === undefined
    ? { state: { ...state, phase: "sasl" }, reply: "+ \r\n" }
    : saslResponse(state, initial === "=" ? "" : initial);
}

/** PLAIN: authzid NUL authcid NUL password (RFC 4616). */
function saslResponse(state: Pop3State, line: string): Pop3Step {
  const back: Pop3State = { ...state, phase: "authorization" };
  if (line === "*") return err(back, "cancelled");
  const fields = Buffer.from(line, "base64").toString("latin1").split("\0");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(line) || fields.length !== 3 || fields[1] === "") return err(back, "malformed response");
  if (fields[0] !== "" && fields[0] !== fields[1]) return err(back, "[AUTH] you may not act for another user");
  return { state: back, reply: "", effect: { kind: "login", user: fields[1] as string, password: fields[2] as string } };
}

function stls(state: Pop3State): Pop3Step {
  return state.offersTls ? ok(state, "begin TLS", { kind: "startTls" }) : err(state, "TLS is not available");
}

function quit(state: Pop3State): Pop3Step {
  if (state.phase !== "transaction") return ok({ ...state, phase: "over" }, "bye", { kind: "close" });
  const kept = [...state.retrieved].filter((index) => !state.deleted.has(index));
  return { state, reply: "", effect: { kind: "update", deleted: [...state.deleted], retrieved: kept } };
}

function stat(state: Pop3State): Pop3Step {
  let count = 0;
  let size = 0;
  state.messages.forEach((message, i) => {
    if (state.deleted.has(i)) return;
    count += 1;
    size += message.size;
  });
  return ok(state, `${count} ${size}`);
}

function listing(state: Pop3State, args: readonly string[], show: (message: Pop3Message) => string): Pop3Step {
  if (args.length > 0) {
    const index = numberOf(state, args[0]);
    return typeof index === "string" ? err(state, index) : ok(state, `${index + 1} ${show(state.messages[index] as Pop3Message)}`);
  }
  let text = `+OK ${state.messages.length - state.deleted.size} messages\r\n`;
  state.messages.forEach((message, i) => {
    if (!state.deleted.has(i)) text += `${i + 1} ${show(message)}\r\n`;
  });
  return { state, reply: `${text}.\r\n` };
}

function retr(state: Pop3State, args: readonly string[]): Pop3Step {
  const index = numberOf(state, args[0]);
  if (typeof index === "string") return err(state, index);
  const message = state.messages[index] as Pop3Message;
  return {
    state: { ...state, retrieved: new Set(state.retrieved).add(index) },
    reply: `+OK ${message.size} octets\r\n`,
    effect: { kind: "send", index, lines: undefined },
  };
}

function top(state: Pop3State, args: readonly string[]): Pop3Step {
  const index = numberOf(state, args[0]);
  if (typeof index === "string") return err(state, index);
  if (!/^\d{1,9}$/.test(args[1] ?? "")) return err(state, "TOP needs a number of lines");
  return { state, reply: "+OK\r\n", effect: { kind: "send", index, lines: Number(args[1]) } };
}

function dele(state: Pop3State, args: readonly string[]): Pop3Step {
  const index = numberOf(state, args[0]);
  if (typeof index === "string") return err(state, index);
  return ok({ ...state, deleted: new Set(state.deleted).add(index) }, `message ${index + 1} deleted`);
}

/** Index of a message that is there and not deleted, or what is wrong with the number. */
function numberOf(state: Pop3State, text: string | undefined): number | string {
  if (text === undefined || !/^\d{1,9}$/.test(text)) return "which message?";
  const index = Number(text) - 1;
  if (index < 0 || index >= state.messages.length) return `no such message, there are ${state.messages.length}`;
  return state.deleted.has(index) ? `message ${text} is deleted` : index;
}
