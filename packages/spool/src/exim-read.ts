import type { Envelope, HeaderLine, Origin, Progress, Recipient } from "@mailkit/sdk";
import { textOf } from "@mailkit/sdk";
import { isMessageId } from "@mailkit/message";
import type { NewMessage } from "./types.ts";
import { headersFromText } from "./records.ts";

/** Reads Exim's -H and -D files (4.x, ids of 16 and 23 characters, both recipient forms). Total: faults are values. */
export type EximImport =
  | { readonly ok: true; readonly message: NewMessage & { readonly body: Buffer; readonly progress: readonly Progress[] } }
  | { readonly ok: false; readonly message: string };

export function fromEximFiles(header: Uint8Array, data: Uint8Array): EximImport {
  try {
    return { ok: true, message: readBoth(textOf(header), Buffer.from(data.buffer, data.byteOffset, data.byteLength)) };
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, message: error.message };
    return { ok: false, message: `malformed header file: ${(error as Error).message}` };
  }
}

class Malformed extends Error {}

class Lines {
  #at = 0;
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  next(what: string): string {
    const end = this.#text.indexOf("\n", this.#at);
    if (end < 0) throw new Malformed(`header file ends before ${what}`);
    const line = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return line;
  }
  /** So many characters and a newline. */
  take(length: number): string {
    const text = this.#text.slice(this.#at, this.#at + length);
    if (text.length < length || this.#text[this.#at + length] !== "\n") throw new Malformed("value of an ACL variable is cut short");
    this.#at += length + 1;
    return text;
  }
  rest(): string {
    return this.#text.slice(this.#at);
  }
}

function readBoth(header: string, data: Buffer): NewMessage & { body: Buffer; progress: readonly Progress[] } {
  const lines = new Lines(header);
  const id = /^(.*)-H$/.exec(lines.next("its name"))?.[1] ?? "";
  if (!isMessageId(id)) throw new Malformed(`first line is not the name of a -H file`);
  const login = /^(.*) (-?\d+) (-?\d+)$/.exec(lines.next("the login"));
  const sender = /^<(.*)>$/.exec(lines.next("the sender"));
  const times = /^(\d+) (\d+)/.exec(lines.next("the time"));
  if (login === null || sender === null || times === null) throw new Malformed("login, sender or time line is malformed");
  const variables = readVariables(lines);
  const done = readTree(lines, variables.pending);
  const recipients = readRecipients(lines);
  if (lines.next("the empty line") !== "") throw new Malformed("no empty line before the headers");
  const headers: HeaderLine[] = headersFromText(lines.rest());
  const body = readData(id, data, variables.values.has("spool_file_wireformat"));
  const received = Number(times[1]) * 1000 + Math.floor(Number(`0${variables.values.get("received_time_usec") ?? ".0"}`) * 1000);
  const origin = readOrigin(login as unknown as [string, string, string, string], variables.values);
  const envelope = makeEnvelope({ id, sender: sender[1] as string, recipients, received, origin, body, variables });
  return { envelope, headers, body, progress: readProgressOf(variables.values, done, Number(times[2])) };
}

interface Variables {
  readonly values: Map<string, string>;
  readonly acl: [string, { text: string; tainted: boolean }][];
  /** The first line that is none. */
  readonly pending: string;
}

function readVariables(lines: Lines): Variables {
  const values = new Map<string, string>();
  const acl: [string, { text: string; tainted: boolean }][] = [];
  for (;;) {
    const line = lines.next("the recipients");
    const match = /^-(-?)(?:\([^)]*\))?([A-Za-z_0-9]+)(?: (.*))?$/.exec(line);
    if (match === null) return { values, acl, pending: line };
    const name = match[2] as string;
    const value = match[3] ?? "";
    const variable = /^acl([cm]?)$/.exec(name);
    if (variable === null) {
      values.set(name, value);
      continue;
    }
    const [, rest, length] = /^(\S+) (\d+)$/.exec(value) ?? [];
    if (rest === undefined) throw new Malformed(`ACL variable line is malformed: ${line}`);
    acl.push([aclName(variable[1] as string, rest), { text: lines.take(Number(length)), tainted: match[1] === "-" }]);
  }
}

/** The old `-acl` counts connection variables from 0, message variables from 10. */
function aclName(kind: string, rest: string): string {
  if (kind !== "") return kind + rest;
  return Number(rest) < 10 ? `c${rest}` : `m${Number(rest) - 10}`;
}

function readTree(lines: Lines, first: string): string[] {
  const addresses: string[] = [];
  if (first === "XX") return addresses;
  let line = first;
  for (let open = 1; ;) {
    const match = /^([YN])([YN]) (.*)$/.exec(line);
    if (match === null) throw new Malformed(`non-recipients tree is malformed: ${line}`);
    addresses.push(match[3] as string);
    open += (match[1] === "Y" ? 1 : 0) + (match[2] === "Y" ? 1 : 0) - 1;
    if (open === 0) return addresses;
    line = lines.next("the end of the tree");
  }
}

function readRecipients(lines: Lines): Recipient[] {
  const count = lines.next("the recipients");
  if (!/^\d{1,7}$/.test(count)) throw new Malformed(`recipient count is malformed: ${count}`);
  const read = Array.from({ length: Number(count) }, () => readRecipient(lines.next("the last recipient")));
  return read.map(({ parent, ...recipient }) => {
    const address = parent < 0 ? undefined : read[parent]?.address;
    return address === undefined ? recipient : { ...recipient, parent: address };
  });
}

/** Fields are taken from the end, because addresses may hold spaces. */
function readRecipient(line: string): Omit<Recipient, "parent"> & { parent: number } {
  const flags = /#(\d+)$/.exec(line);
  if (flags === null) return { address: line, parent: -1 };
  const bits = Number(flags[1]);
  const whole = { text: "", number: 0, rest: line.slice(0, flags.index) };
  const errors = (bits & 1) === 0 ? { ...whole, number: -1 } : lastField(whole.rest);
  const dsn = (bits & 2) === 0 ? { ...whole, rest: errors.rest } : lastField(errors.rest);
  const notify = (["never", "success", "failure", "delay"] as const).filter((_, i) => (dsn.number & (2 << i)) !== 0);
  return {
    address: dsn.rest,
    parent: errors.number,
    ...(errors.text === "" ? {} : { errorsTo: errors.text }),
    ...(notify.length === 0 && dsn.text === ""
      ? {}
      : { dsn: { ...(notify.length === 0 ? {} : { notify }), ...(dsn.text === "" ? {} : { orcpt: dsn.text }) } }),
  };
}

/** ` text length,number` at the end. */
function lastField(line: string): { text: string; number: number; rest: string } {
  const match = / (\d+),(-?\d+)$/.exec(line);
  if (match === null) throw new Malformed(`recipient line is malformed: ${line}`);
  const end = match.index;
  const start = end - Number(match[1]);
  if (start < 1 || line[start - 1] !== " ") throw new Malformed(`recipient line is malformed: ${line}`);
  return { text: line.slice(start, end), number: Number(match[2]), rest: line.slice(0, start - 1) };
}

function readData(id: string, data: Buffer, wire: boolean): Buffer {
  const end = data.indexOf(10);
  if (end < 0 || data.toString("latin1", 0, end) !== `${id}-D`) throw new Malformed(`data file is not that of ${id}`);
  const body = data.subarray(end + 1);
  return wire ? Buffer.from(body.toString("latin1").replace(/\r\n/g, "\n"), "latin1") : body;
}

/** `[1.2.3.4]:567`, or `1.2.3.4.567` of older releases. */
function readHost(text: string | undefined): { address: string; port: number } | undefined {
  if (text === undefined) return undefined;
  const match = /^\[([^\]]*)\](?::(\d+))?$/.exec(text) ?? /^(.*)\.(\d+)$/.exec(text);
  return match === null ? { address: text, port: 0 } : { address: match[1] as string, port: Number(match[2] ?? 0) };
}

function readOrigin(login: readonly [string, string, string, string], values: ReadonlyMap<string, string>): Origin {
  const host = readHost(values.get("host_address"));
  const name = values.get("host_name");
  const address = readHost(values.get("interface_address"));
  const cipher = values.get("tls_cipher");
  const optional = {
    helo: values.get("helo_name"),
    ident: values.get("ident"),
    authenticatedId: values.get("auth_id"),
    authenticatedSender: values.get("auth_sender"),
    authenticator: values.get("host_auth"),
    activeHostname: values.get("active_hostname"),
    host: host === undefined ? undefined : { ...host, ...(name === undefined ? {} : { name }) },
    interface: address,
    tls: cipher === undefined ? undefined : readTls(cipher, values),
  };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as Partial<Origin>;
  return { login: login[1], uid: Number(login[2]), gid: Number(login[3]), local: values.has("local"), ...given };
}

function readTls(cipher: string, values: ReadonlyMap<string, string>): NonNullable<Origin["tls"]> {
  const [sni, peerDn] = [values.get("tls_sni"), values.get("tls_peerdn")];
  return {
    cipher,
    version: values.get("tls_ver") ?? cipher.split(":")[0] ?? "",
    bits: Number(cipher.split(":")[2] ?? 0) || 0,
    verified: values.has("tls_certificate_verified"),
    ...(sni === undefined ? {} : { sni }),
    ...(peerDn === undefined ? {} : { peerDn }),
  };
}

/** Lines that become `$...` variables or flags of their own, and are kept under these names. */
const KEPT: ReadonlyMap<string, string> = new Map([
  ["body_zerocount", "body_zerocount"],
  ["allow_unqualified_recipient", "allow_unqualified_recipient"],
  ["allow_unqualified_sender", "allow_unqualified_sender"],
  ["host_lookup_failed", "host_lookup_failed"],
  ["localerror", "local_error"],
  ["sender_set_untrusted", "sender_set_untrusted"],
  ["local_scan", "local_scan_data"],
  ["spam_score_int", "spam_score_int"],
  ["spam_score", "spam_score"],
  ["spam_bar", "spam_bar"],
]);

interface EnvelopeParts {
  readonly id: string;
  readonly sender: string;
  readonly recipients: readonly Recipient[];
  readonly received: number;
  readonly origin: Origin;
  readonly body: Buffer;
  readonly variables: Variables;
}

function makeEnvelope(parts: EnvelopeParts): Envelope {
  const { values, acl } = parts.variables;
  const extra: Record<string, string> = {};
  for (const [line, name] of KEPT) if (values.has(line)) extra[name] = values.get(line) || "1";
  const ret = values.get("dsn_ret");
  const envid = values.get("dsn_envid");
  const dsn = {
    ...(ret === "1" || ret === "2" ? { ret: ret === "2" ? ("hdrs" as const) : ("full" as const) } : {}),
    ...(envid === undefined ? {} : { envid }),
  };
  return {
    id: parts.id,
    sender: parts.sender,
    recipients: parts.recipients,
    received: parts.received,
    protocol: values.get("received_protocol") ?? "",
    origin: parts.origin,
    aclVariables: acl,
    queueName: "",
    bodyLines: Number(values.get("body_linecount") ?? 0),
    bodySize: parts.body.length,
    maxReceivedLine: Number(values.get("max_received_linelength") ?? 0),
    ...(values.has("smtputf8") ? { smtputf8: true } : {}),
    ...(values.has("N") ? { dontDeliver: true } : {}),
    ...(Object.keys(dsn).length === 0 ? {} : { dsn }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

function readProgressOf(values: ReadonlyMap<string, string>, done: readonly string[], warnings: number): Progress[] {
  const progress: Progress[] = [];
  if (done.length > 0) progress.push({ kind: "done", addresses: done });
  if (!values.has("deliver_firsttime")) progress.push({ kind: "attempted", at: 0, waiting: [], warnings });
  const frozen = values.get("frozen");
  if (frozen !== undefined) progress.push({ kind: "freeze", at: (Number(frozen) || 0) * 1000, why: "imported frozen" });
  if (values.has("manual_thaw")) progress.push({ kind: "thaw", manual: true });
  return progress;
}
