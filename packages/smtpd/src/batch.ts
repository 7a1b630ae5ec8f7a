/**
 * `-bS`: messages with their envelopes as SMTP commands, no replies; the first fault ends the batch with a report that
 * programs can read. Manual §"Incoming batched SMTP".
 */
import { trimSpace, trimSpaceEnd } from "@mailkit/sdk";
import type { SessionFacts } from "@mailkit/sdk";
import { parseCommand } from "@mailkit/smtp-core";
import type { SmtpdDeps } from "./deps.ts";
import { noRoomForLocal } from "./room.ts";
import { newSession } from "./session.ts";
import type { Wire } from "./session-types.ts";
import { newGate } from "./stdio.ts";

export interface BatchOptions {
  readonly input: AsyncIterable<Uint8Array>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly facts: Partial<SessionFacts>;
  readonly fullName: string;
  readonly trusted: boolean;
  /** `-f` and `-oMas`. */
  readonly chosenSender?: string | undefined;
  readonly authenticatedSender?: string | undefined;
  /** `-oMr` of a trusted caller. */
  readonly protocol?: string | undefined;
}

/** Exit code: 0; 1 = a fault after some messages were taken; 2 = a fault and none was. */
export async function runBatch(deps: SmtpdDeps, options: BatchOptions): Promise<0 | 1 | 2> {
  const noRoom = await noRoomForLocal(deps);
  if (noRoom !== undefined) {
    options.stderr(`exim: ${noRoom}\n`);
    return 1;
  }
  let fault: string | undefined;
  let over = false;
  const gate = newGate();
  const wire: Wire = {
    write: (text) => {
      if (/^[45]/.test(text)) fault ??= text.replace(/\r\n$/, "").replaceAll("\r\n", "\n");
    },
    end: () => {
      over = true;
      gate.open();
    },
    pause: () => gate.shut(),
    resume: () => gate.open(),
  };
  const { facts, fullName, trusted, chosenSender, authenticatedSender, protocol } = options;
  const handle = newSession(deps, wire, { kind: "batch", facts, fullName, trusted, chosenSender, authenticatedSender, protocol });
  handle.open();
  await gate.passed();
  let line = 0;
  let started = 0;
  let command = "";
  for await (const octets of linesOf(options.input)) {
    line++;
    const text = trimSpaceEnd(octets.toString("latin1"));
    if (!handle.inData) {
      const { verb } = parseCommand(text);
      if (verb === "VRFY" || verb === "EXPN" || verb === "ETRN" || verb === "HELP" || verb === "NOOP") continue;
      command = text;
      // Lines before it.
      if (verb === "MAIL") started = line - 1;
    }
    handle.receive(verbatim(octets));
    await gate.passed();
    if (fault !== undefined || over) break;
  }
  if (fault === undefined && handle.inData) {
    handle.ended();
    await gate.passed();
  }
  if (fault === undefined) return 0;
  report(options, { fault: plainFault(fault, command), started, line, command, accepted: handle.session.accepted });
  return handle.session.accepted > 0 ? 1 : 2;
}

/** HELO and EHLO act as RSET, whatever their argument. */
function verbatim(octets: Buffer): Buffer {
  return /^(?:HELO|EHLO)\b/i.test(octets.toString("latin1", 0, 5)) ? Buffer.from("RSET\n") : octets;
}

/** The address stands in the command that is shown below: the fault alone is enough. */
function plainFault(fault: string, command: string): string {
  const code = fault.slice(0, 4);
  const argument = trimSpace(command.slice(command.indexOf(":") + 1));
  return fault.slice(4).startsWith(`${argument}: `) ? code + fault.slice(4 + argument.length + 2) : fault;
}

interface Fault {
  readonly fault: string;
  readonly started: number;
  readonly line: number;
  readonly command: string;
  readonly accepted: number;
}

function report({ stdout, stderr }: BatchOptions, { fault, started, line, command, accepted }: Fault): void {
  stdout(
    `${fault}\nTransaction started in line ${started}\nError detected in line ${line}\n${fault.startsWith("421") || fault.startsWith("554 Un") ? "" : `${command}\n`}`,
  );
  const messages =
    accepted === 0 ? "No previous messages were" : accepted === 1 ? "1 previous message was" : `${accepted} previous messages were`;
  stderr(
    `An error was detected while processing a file of BSMTP input.\nThe error message was:\n\n  ${fault}\n\n` +
      `The SMTP transaction started in line ${started}.\nThe error was detected in line ${line}.\nThe SMTP command at fault was:\n\n   ${command}\n\n` +
      `${messages} successfully processed.\nThe rest of the batch was abandoned.\n`,
  );
}

/** Whole lines with their ends; a last one without is given too. */
async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of input) {
    const piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let octets = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    for (let end = octets.indexOf(10); end >= 0; end = octets.indexOf(10)) {
      yield octets.subarray(0, end + 1);
      octets = octets.subarray(end + 1);
    }
    rest = octets;
  }
  if (rest.length > 0) yield rest;
}
