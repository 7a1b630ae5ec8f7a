/**
 * SMTP without a socket of our own: `-bs` on standard input and output, and `-bh`, which plays a session from a made-up
 * host and stores nothing. Manual §"Command line options".
 */
import type { SessionFacts } from "@mailkit/sdk";
import type { CloseReason } from "@mailkit/smtp-core";
import type { SmtpdDeps } from "./deps.ts";
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
export function checkHost(deps: SmtpdDeps, options: StdioOptions): Promise<StdioResult> {
  const address = options.facts.peer?.address ?? "";
  const ident = options.facts.ident === undefined || options.facts.ident === "" ? "**** but without any ident (RFC 1413) callback.\n" : "";
  options.write(`\n**** SMTP testing session as if from host ${address}\n${ident}**** This is not for real!\n\n`);
  const write = (text: string): void =>
    options.write(text.replace(/^(250 OK id=.*\r\n)/gm, "$1\n**** SMTP testing: that is not a real message id!\n\n"));
  return run(deps, { ...options, facts: { ...options.facts, hostChecking: true } }, "hostCheck", write);
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
