/** Plain-data stand-ins for the ports, for tests of this package and of those that wire it. */
import { isPromise, makeScope, silent, value, type HostList, type Maybe, type Services, type Template } from "@mailkit/sdk";
import type { MainSettings } from "@mailkit/config";
import { DEFAULT_LIMITS, type AcceptedMessage, type AclRequest, type AclVerdict, type SmtpdDeps } from "./deps.ts";

const DEFAULT_SELECTOR = [
  "connection_reject",
  "delay_delivery",
  "etrn",
  "lost_incoming_connection",
  "msg_id",
  "sender_verify_fail",
  "size_reject",
  "tls_cipher",
];

export interface FakeWorld {
  readonly deps: SmtpdDeps;
  readonly accepted: AcceptedMessage[];
  readonly main: string[];
  readonly rejected: string[];
  readonly panic: string[];
  readonly delivered: string[];
  readonly acls: string[];
}

export interface FakeOptions {
  /** By Exim's option name: text, number or boolean; host lists as "*" or "". */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  readonly acl?: (request: AclRequest) => Maybe<AclVerdict | undefined>;
  /** Places whose ACL counts as set. */
  readonly aclSet?: readonly string[];
  readonly selector?: readonly string[];
  readonly deps?: Partial<SmtpdDeps>;
}

const DEFAULTS: Readonly<Record<string, string | number | boolean>> = {
  primary_hostname: "mx.test",
  smtp_banner: "mx.test ESMTP",
  received_header_text: "Received: by mx.test",
  message_size_limit: "50M",
  smtp_accept_max_per_connection: "1000",
  accept_8bitmime: true,
  pipelining_advertise_hosts: "*",
  chunking_advertise_hosts: "*",
  hosts_require_helo: "*",
  smtp_accept_max_nonmail_hosts: "*",
  smtp_accept_max_nonmail: 10,
  smtp_accept_queue_per_connection: 10,
  smtp_max_unknown_commands: 3,
  smtp_max_synprot_errors: 3,
  smtp_enforce_sync: true,
  smtp_check_spool_space: true,
  recipients_max: 50_000,
  received_headers_max: 30,
  header_maxsize: 1_048_576,
  message_body_visible: 500,
  return_path_remove: true,
  delivery_date_remove: true,
  envelope_to_remove: true,
  local_from_check: true,
};

export function fakeWorld(options: FakeOptions = {}): FakeWorld {
  const accepted: AcceptedMessage[] = [];
  const main: string[] = [];
  const rejected: string[] = [];
  const panic: string[] = [];
  const delivered: string[] = [];
  const acls: string[] = [];
  let ids = 0;
  let now = Date.UTC(2026, 0, 2, 3, 4, 5);
  const clock = { now: () => (now += 1), sleep: async () => {} };
  const services = { strings: { compile: template }, clock } as unknown as Services;
  const deps: SmtpdDeps = {
    settings: fakeSettings({ ...DEFAULTS, ...options.settings }),
    acl: {
      isSet: (where) => where === "rcpt" || (options.aclSet ?? []).includes(where),
      run: (request) => {
        acls.push(request.recipient === undefined ? request.where : `${request.where} ${request.recipient}`);
        const verdict = options.acl?.(request);
        return isPromise(verdict) ? verdict.then((v) => v ?? { kind: "accept" }) : (verdict ?? { kind: "accept" });
      },
    },
    spool: {
      newId: () => `id-${++ids}`,
      shortage: () => undefined,
      openBody: () => fakeSink(),
      accept: async (message) => {
        accepted.push(message);
      },
    },
    log: { main: (line) => void main.push(line), reject: (line) => void rejected.push(line), panic: (line) => void panic.push(line) },
    logSelector: new Set(options.selector ?? DEFAULT_SELECTOR),
    rewrite: {
      hasSmtpRules: false,
      smtp: (argument) => argument,
      sender: (address) => address,
      recipient: (address) => address,
      headers: (headers) => headers,
    },
    auth: undefined,
    hosts: { lookup: () => undefined, verifyHelo: () => false, ident: () => "" },
    addresses: {
      verify: () => ({ kind: "ok", addressData: undefined, redirected: false }),
      expand: () => ({ kind: "fail", message: "no" }),
      etrn: () => ({ kind: "started" }),
    },
    tls: undefined,
    scope: () => makeScope({ services, sources: [] }),
    clock,
    random: { below: () => 0, octets: (count) => Buffer.alloc(count, 7) },
    accounts: { byName: () => undefined, byUid: () => undefined, groupByName: () => undefined, groupByGid: () => undefined },
    trace: silent,
    deliver: (id) => void delivered.push(id),
    held: () => options.settings?.["queue_only"] === true,
    mime: undefined,
    load: () => 0,
    zone: () => 0,
    limits: DEFAULT_LIMITS,
    ...options.deps,
  };
  return { deps, accepted, main, rejected, panic, delivered, acls };
}

export function fakeSettings(values: Readonly<Record<string, string | number | boolean>>): MainSettings {
  const text = (name: string): string | undefined => (values[name] === undefined ? undefined : String(values[name]));
  return {
    text,
    template: (name) => (values[name] === undefined ? undefined : template(String(values[name]))),
    number: (name) => Number(values[name] ?? 0),
    flag: (name) => values[name] === true,
    items: (name) =>
      (text(name) ?? "")
        .split(":")
        .map((item) => item.trim())
        .filter(Boolean),
    list: (name) => (values[name] === undefined ? undefined : fakeHostList(String(values[name]))),
    position: () => undefined,
    isSet: (name) => values[name] !== undefined,
    show: text,
  };
}

function template(source: string): Template {
  return { source, constant: source, mentions: new Set(), evaluate: () => value(source) };
}

function fakeHostList(source: string): HostList {
  const items = source.split(" ").filter(Boolean);
  return {
    kind: "host",
    source,
    match: ({ address }) =>
      source === "*" || (address !== undefined && items.includes(address))
        ? { kind: "yes", data: undefined, item: source }
        : { kind: "no" },
  };
}

function fakeSink() {
  const pieces: Buffer[] = [];
  return {
    write: async (octets: Buffer) => void pieces.push(octets),
    finish: () => {
      const bytes = Buffer.concat(pieces);
      return {
        size: bytes.length,
        bytes,
        read: async (start = 0, length = bytes.length) => bytes.subarray(start, start + length),
        chunks: async function* () {
          yield bytes;
        },
      };
    },
    discard: () => undefined,
  };
}
