/**
 * SMTP without a socket of our own: `-bs` on standard input and output, and `-bh`, which plays a session from a made-up
 * host and stores nothing. Manual §"Command line options".
 */
import { newMessageFacts, newSessionFacts, type HostList, type SessionFacts } from "@mailkit/sdk";
import type { CloseReason } from "@mailkit/smtp-core";
import type { SmtpdDeps } from "./deps.ts";
import { connectionName } from "./log-lines.ts";
import { noteProxy, proxyCollector, type Proxied } from "./proxied.ts";
import { newSession } from "./session.ts";
import type { Wire } from "./session-types.ts";

export interface StdioOptions {
  readonly input: AsyncIterable<Uint8Array>;
  readonly write: (text: string) => void;
  /** `-bs`: the caller, or with `-oMa` a peer; `-bh`: the peer. */
  readonly facts: Partial<SessionFacts>;
  readonly fullName: string;
  readonly trusted: boolean;
  /** `-f` and `-oMas`. */
  readonly chosenSender?: string | undefined;
  readonly authenticatedSender?: string | undefined;
}

export interface StdioResult {
  readonly accepted: number;
  readonly how: CloseReason;
}

/** `-bs`. */
export function serveStdio(deps: SmtpdDeps, options: StdioOptions): Promise<StdioResult> {
  return run(deps, options, "stdin", options.write);
}

/** `-bh`: `facts.peer` is the host to play. */
export async function checkHost(deps: SmtpdDeps, options: StdioOptions): Promise<StdioResult> {
  const facts = newSessionFacts({ activeHostname: deps.settings.text("primary_hostname") ?? "", ...options.facts, hostChecking: true });
  options.write(
    `\n**** SMTP testing session as if from host ${facts.peer?.address ?? ""}\n` +
      `**** but without any ident (RFC 1413) callback.\n**** This is not for real!\n\n`,
  );
  const write = (text: string): void =>
    options.write(text.replace(/^(250 OK id=.*\r\n)/gm, "$1\n**** SMTP testing: that is not a real message id!\n\n"));
  const list = deps.settings.list("hosts_proxy") as HostList | undefined;
  const subject = { address: facts.peer?.address, names: () => ({ kind: "unknown", message: "not looked up" }) as const };
  const proxied = list !== undefined && (await list.match(subject, deps.scope(facts, newMessageFacts()))).kind === "yes";
  const input = proxied ? await behindProxy(options.input, facts, deps.settings.number("proxy_protocol_timeout")) : options.input;
  return run(deps, { ...options, input, facts }, "hostCheck", write);
}

/** The header off the input, as far as it comes in time. */
async function behindProxy(
  input: AsyncIterable<Uint8Array>,
  facts: ReturnType<typeof newSessionFacts>,
  timeout: number,
): Promise<AsyncIterable<Uint8Array>> {
  const pieces = input[Symbol.asyncIterator]();
  const collect = proxyCollector();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => (timer = setTimeout(() => resolve("late"), timeout > 0 ? timeout : 3000)));
  let pending: Promise<IteratorResult<Uint8Array>> | undefined;
  let proxied: Proxied | undefined;
  while (proxied === undefined) {
    pending = pieces.next();
    const piece = await Promise.race([pending, late]);
    if (piece === "late" || piece.done === true) proxied = { ok: false, rest: Buffer.alloc(0) };
    else {
      pending = undefined;
      proxied = collect(Buffer.from(piece.value));
    }
  }
  clearTimeout(timer);
  noteProxy(facts, proxied);
  return rest(proxied.rest, pending, pieces);
}

async function* rest(
  first: Buffer,
  pending: Promise<IteratorResult<Uint8Array>> | undefined,
  pieces: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  for (let piece = await (pending ?? pieces.next()); piece.done !== true; piece = await pieces.next()) yield piece.value;
}

async function run(
  deps: SmtpdDeps,
  options: StdioOptions,
  kind: "stdin" | "hostCheck",
  write: (text: string) => void,
): Promise<StdioResult> {
  let how: CloseReason = "connection-lost";
  const gate = newGate();
  const wire: Wire = { write, end: () => gate.open(), pause: () => gate.shut(), resume: () => gate.open() };
  const handle = newSession(deps, wire, {
    kind,
    facts: options.facts,
    fullName: options.fullName,
    trusted: options.trusted,
    chosenSender: options.chosenSender,
    authenticatedSender: options.authenticatedSender,
    closed: (reason) => {
      how = reason;
    },
  });
  if (kind === "stdin" && deps.logSelector.has("smtp_connection"))
    deps.log.main(`SMTP connection from ${connectionName(handle.session.log)}`);
  handle.open();
  await gate.passed();
  for await (const chunk of options.input) {
    handle.receive(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    await gate.passed();
    if (handle.session.ended) break;
  }
  handle.ended();
  await gate.passed();
  return { accepted: handle.session.accepted, how };
}

export interface Gate {
  shut(): void;
  open(): void;
  /** Resolves when it is open. */
  passed(): Promise<void>;
}

/** Input waits while the session does. */
export function newGate(): Gate {
  let waiting: (() => void)[] | undefined;
  return {
    shut: () => {
      waiting ??= [];
    },
    open: () => {
      const released = waiting ?? [];
      waiting = undefined;
      for (const release of released) release();
    },
    passed: async () => {
      while (waiting !== undefined) await new Promise<void>((resolve) => waiting?.push(resolve));
    },
  };
}
