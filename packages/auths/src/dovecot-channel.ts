/** One connection to Dovecot's authentication service: the handshake, then line by line. Owns its socket. */
import { connect } from "node:net";
import { textOf } from "@mailkit/sdk";

export interface DovecotChannel {
  /** In upper case. */
  readonly mechanisms: ReadonlySet<string>;
  /** Sends a line and waits for the next one; undefined: no answer came. */
  ask(line: string): Promise<string | undefined>;
  close(): void;
}

const MAX_LINE = 8192;
const MAX_HANDSHAKE_LINES = 200;
/** As long as an SMTP client may take for its answer. */
const IDLE = 300_000;
const HANDSHAKE = 30_000;

/** A string is the problem. */
export async function openDovecot(path: string): Promise<DovecotChannel | string> {
  const lines = lineSocket(path);
  lines.send(`VERSION\t1\t0\nCPID\t${process.pid}`);
  const mechanisms = new Set<string>();
  for (let i = 0; i < MAX_HANDSHAKE_LINES; i++) {
    const line = await lines.next();
    if (line === undefined) return `cannot talk to dovecot at ${path}: ${lines.problem() ?? "connection closed"}`;
    const [word, first] = line.split("\t");
    if (word === "VERSION" && first !== "1") {
      lines.close();
      return `dovecot at ${path} speaks version ${first} of the protocol, wanted: 1`;
    }
    if (word === "MECH" && first !== undefined) mechanisms.add(first.toUpperCase());
    if (word === "DONE") {
      lines.patient();
      return { mechanisms, ask: (command) => (lines.send(command), lines.next()), close: lines.close };
    }
  }
  lines.close();
  return `dovecot at ${path}: the handshake does not end`;
}

function lineSocket(path: string) {
  const socket = connect({ path });
  const waiting: ((line: string | undefined) => void)[] = [];
  const ready: string[] = [];
  let buffer = "";
  let problem: string | undefined;
  let ended = false;
  const end = () => {
    ended = true;
    for (const wake of waiting.splice(0)) wake(undefined);
  };
  const fail = (message: string) => {
    problem ??= message;
    socket.destroy();
  };
  socket.setTimeout(HANDSHAKE, () => fail("timed out"));
  socket.on("error", (error) => (problem ??= error.message));
  socket.on("close", end);
  socket.on("data", (octets) => {
    buffer += textOf(octets);
    for (let newline = buffer.indexOf("\n"); newline >= 0; newline = buffer.indexOf("\n")) {
      const line = buffer.slice(0, newline);
      buffer = buffer.slice(newline + 1);
      const wake = waiting.shift();
      if (wake === undefined) ready.push(line);
      else wake(line);
    }
    if (buffer.length > MAX_LINE || ready.length > MAX_HANDSHAKE_LINES) fail("too much data");
  });
  return {
    send: (text: string) => void socket.write(`${text}\n`, "latin1"),
    next: (): Promise<string | undefined> => {
      const line = ready.shift();
      if (line !== undefined || ended) return Promise.resolve(line);
      return new Promise((resolve) => waiting.push(resolve));
    },
    problem: () => problem,
    patient: () => void socket.setTimeout(IDLE),
    close: () => void socket.destroy(),
  };
}
