/** A small world for tests of ACLs: templates that know `$variables`, lists that compare literally, plain data for all ports. */
import type { AclStatementSource, AclItemSource } from "@mailkit/config";
import {
  type Clock,
  type DnsAnswer,
  type DnsQuestion,
  type Expansion,
  type HintsStore,
  type ListResult,
  makeScope,
  type MessageFacts,
  newAddressFacts,
  newMessageFacts,
  newSessionFacts,
  type Scope,
  type Services,
  type SessionFacts,
  type Template,
  type Text,
  type TraceEvent,
  type VerifyRequest,
  type VerifyResult,
} from "@mailkit/sdk";
import { type AclCompilers, compileAcls } from "../compile.ts";
import type { AclHook } from "../hooks.ts";
import type { AclContext, AclHost, AclLogLine, AclVerdict } from "../types.ts";

/** `FAIL` is a forced failure, `ERR` an error, `DEFER` a lookup that cannot be answered, `WAIT` a value that comes later. */
export function fakeTemplate(source: string): Template {
  const isConstant = !/\$|\b(?:FAIL|ERR|DEFER|WAIT)\b/.test(source);
  return {
    source,
    constant: isConstant ? source.replaceAll("\\n", "\n") : undefined,
    mentions: new Set(),
    evaluate: (scope) => {
      if (/\bFAIL\b/.test(source)) return { kind: "forcedFailure", message: "forced failure" };
      if (/\bERR\b/.test(source)) return { kind: "error", message: "it is broken", defer: false };
      if (/\bDEFER\b/.test(source)) return { kind: "error", message: "it is down", defer: true };
      const text = source
        .replaceAll("\\n", "\n")
        .replace(/\$([a-z_0-9]+)/g, (_, name: string) => (scope.variable(name) as Text | undefined)?.text ?? "");
      const value: Expansion = { kind: "value", text: text.replace(/\bWAIT\b ?/, ""), tainted: source.includes("$") };
      return source.includes("WAIT") ? new Promise((resolve) => setImmediate(() => resolve(value))) : value;
    },
  };
}

/** Items separated by colons: `*`, literals, `*.suffix`, `!` before all; `FAIL` = no, `DEFER`, `ERR`. */
function fakeMatch(source: string, subject: string): ListResult {
  if (/\bFAIL\b/.test(source)) return { kind: "no" };
  if (/\bERR\b/.test(source)) return { kind: "error", message: "it is broken" };
  for (const written of source.split(":").map((item) => item.trim())) {
    if (written === "DEFER") return { kind: "defer", message: "list is down" };
    const negated = written.startsWith("!");
    const item = negated ? written.slice(1).trim() : written;
    const hit = item === "*" || item === subject || (item.startsWith("*") && subject.endsWith(item.slice(1)));
    if (hit) return negated ? { kind: "no", item: written } : { kind: "yes", item: written, data: { text: item, tainted: false } };
  }
  return { kind: "no" };
}

export const fakeCompilers: AclCompilers = {
  template: fakeTemplate,
  list: (kind, source) =>
    ({
      kind,
      source,
      match: (subject: string | { address: string | undefined }) =>
        fakeMatch(source, typeof subject === "string" ? subject : (subject.address ?? "")),
    }) as never,
  regex: (pattern) => {
    try {
      return new RegExp(pattern);
    } catch (error) {
      return (error as Error).message;
    }
  },
};

const VERBS = ["accept", "defer", "deny", "discard", "drop", "require", "warn"];

/** One statement or item a line, as in a configuration; positions are line numbers. */
export function readFake(text: string, file = "acl"): AclStatementSource[] | string {
  const statements: (AclStatementSource & { items: AclItemSource[] })[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    const at = { file, line: i + 1, column: 1 };
    let rest = line.trim();
    const verb = /^[a-z]+/.exec(rest)?.[0] ?? "";
    if (VERBS.includes(verb)) {
      statements.push({ verb: verb as "accept", at, items: [] });
      rest = rest.slice(verb.length).trim();
    }
    if (rest === "") continue;
    const item = /^(!?)\s*([a-z_]+)(?:\s+(acl_[cm]\w+))?(?:\s*=\s*(.*))?$/s.exec(rest);
    const last = statements.at(-1);
    if (item === null || last === undefined) return `unknown ACL verb "${verb}" in "${line.trim()}"`;
    const [, bang, name = "", variable, value = ""] = item;
    last.items.push({ name, negated: bang === "!", value, at, ...(variable === undefined ? {} : { variable }) });
  }
  return statements;
}

export interface World {
  readonly logged: AclLogLine[];
  readonly verified: VerifyRequest[];
  readonly events: TraceEvent[];
  readonly slept: number[];
  readonly sent: string[];
  now: number;
  session: SessionFacts;
  message: MessageFacts;
  context(hook: AclHook): AclContext;
  run(acl: string, hook?: AclHook): AclVerdict | Promise<AclVerdict>;
}

export interface WorldParts {
  readonly acls?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly dns?: Readonly<Record<string, readonly string[] | "defer">>;
  readonly verify?: (request: VerifyRequest) => VerifyResult;
  readonly session?: Partial<SessionFacts>;
  readonly message?: Partial<MessageFacts>;
  readonly recipient?: readonly [string, string];
  readonly host?: Partial<AclHost>;
  readonly settings?: Readonly<Record<string, string>>;
  readonly sockets?: Services["sockets"];
  readonly trace?: boolean;
}

export function makeWorld(parts: WorldParts = {}): World {
  const hints = fakeHints(() => world.now);
  const acls = new Map(
    Object.entries(parts.acls ?? {}).map(([name, text]) => [
      name,
      { name, at: { file: name, line: 0, column: 1 }, statements: readFake(text, name) as AclStatementSource[] },
    ]),
  );
  const set = compileAcls({ acls, compilers: fakeCompilers, read: readFake });
  const [localPart, domain] = parts.recipient ?? ["Fred", "local.test"];
  const world: World = {
    logged: [],
    verified: [],
    events: [],
    slept: [],
    sent: [],
    now: 1_000_000_000,
    session: newSessionFacts({ peer: { address: "192.0.2.1", port: 1111 }, helo: "client.test", heloKind: "EHLO", ...parts.session }),
    message: newMessageFacts({ sender: "a@sender.test", ...parts.message }),
    context: (hook) => ({
      hook,
      host: fakeHost(world, parts),
      scope: fakeScope(world, parts, hints),
      session: world.session,
      message: world.message,
      ...(hook === "rcpt" || hook === "vrfy"
        ? { address: newAddressFacts(localPart.toLowerCase(), domain, { originalLocalPart: localPart }) }
        : {}),
    }),
    run: (acl, hook = "rcpt") => set.run({ acl }, world.context(hook)),
  };
  return world;
}

function fakeHost(world: World, parts: WorldParts): AclHost {
  return {
    verify: {
      verify: (request) => {
        world.verified.push(request);
        return parts.verify?.(request) ?? { kind: "ok", addressData: undefined, redirected: false };
      },
    },
    verifyHelo: () => false,
    hostNames: () => ({ kind: "unknown", message: "no host name found for IP address 192.0.2.1" }),
    setting: (name) => parts.settings?.[name],
    logs: () => true,
    log: (line) => void world.logged.push(line),
    allowsUnqualified: () => false,
    sendDatagram: (host, port, payload) => void world.sent.push(`${host} ${port} ${payload}`),
    ...parts.host,
  };
}

function fakeScope(world: World, parts: WorldParts, hints: HintsStore): Scope {
  const clock: Clock = { now: () => world.now, sleep: async (milliseconds) => void world.slept.push(milliseconds) };
  const services = {
    clock,
    hints,
    random: { below: () => 0, octets: (count: number) => Buffer.alloc(count) },
    dns: { query: (question: DnsQuestion) => fakeDns(parts, question) },
    files: { read: (path: string) => parts.files?.[path] ?? { code: "ENOENT", message: "No such file or directory" } },
    sockets: parts.sockets,
    trace: { on: parts.trace === true, emit: (event: TraceEvent) => void world.events.push(event) },
  } as unknown as Services;
  const scope = makeScope({ services, sources: [(name) => variableOf(world, scope, name)] });
  return scope;
}

function variableOf(world: World, scope: Scope, name: string): Text | undefined {
  if (name.startsWith("acl_c")) return world.session.aclConnection.get(name.slice(4));
  if (name.startsWith("acl_m")) return world.message.aclMessage.get(name.slice(4));
  return scope.frame.items.get(name) ?? world.session.extra.get(name);
}

function fakeDns(parts: WorldParts, { name, type }: DnsQuestion): DnsAnswer {
  const data = parts.dns?.[`${name} ${type}`];
  if (data === "defer") return { kind: "defer", reason: "timeout", message: "timed out" };
  if (data === undefined) return { kind: "noDomain", secure: false, ttl: 60 };
  const records = data.map((text) => {
    const words = text.split(" ");
    if (type !== "SRV") return { name, type, ttl: 60, data: text };
    return { name, type, ttl: 60, data: words[3] ?? "", preference: Number(words[0]), weight: Number(words[1]), port: Number(words[2]) };
  });
  return { kind: "found", name, secure: false, ttl: 60, records };
}

export function fakeHints(now: () => number): HintsStore {
  const records = new Map<string, { key: string; value: unknown; updated: number }>();
  return {
    get: (database, key) => records.get(`${database} ${key}`) as never,
    put: (database, key, value) => void records.set(`${database} ${key}`, { key, value, updated: now() }),
    delete: (database, key) => void records.delete(`${database} ${key}`),
    scan: () => [],
    update(database, key, change) {
      const value = change(records.get(`${database} ${key}`) as never);
      if (value === undefined) records.delete(`${database} ${key}`);
      else records.set(`${database} ${key}`, { key, value, updated: now() });
    },
  };
}
