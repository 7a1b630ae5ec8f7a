/**
 * `transport_filter`: the message goes through a program before the driver sees it (manual §"transport_filter"). It runs
 * where the delivery runs, under its uid. The whole output is collected first, so a filter that fails leaves nothing
 * half written.
 */
import { spawn } from "node:child_process";
import { messageOctets, octetsOf, splitCommand, type OutgoingMessage, type Scope, type Template, unicodeOf } from "@mailkit/sdk";
import { newBodyCollector } from "./body.ts";
import { defer, done, type Step } from "./step.ts";

/** Plain data: goes to the helper with the job. */
export interface FilterOrder {
  readonly argv: readonly string[];
  /** Milliseconds; 0 = for ever. */
  readonly timeout: number;
  /** What the driver writes to, for the text of a fault: ` while writing to /path`. */
  readonly target: string;
  /** A timeout is as final as one of the pipe command itself (manual §"transport_filter_timeout"). */
  readonly timeoutFails: boolean;
}

export interface Filtered {
  readonly message: OutgoingMessage;
  readonly dispose: () => void;
}

const words = new WeakMap<Template, readonly (Template | "addresses")[] | string>();

/** The command cut into words and expanded; undefined = no filter after all. */
export async function filterCommand(
  option: Template,
  at: { readonly scope: Scope; readonly transport: string; readonly recipients: readonly { readonly address: string }[] },
): Promise<Step<readonly string[] | undefined>> {
  const cut = wordsOf(option, at.scope);
  if (typeof cut === "string") return defer(`${cut} in ${at.transport} transport filter: ${option.source}`, -1);
  const argv: string[] = [];
  for (const word of cut) {
    if (word === "addresses") {
      argv.push(...at.recipients.map((recipient) => recipient.address));
      continue;
    }
    const result = await word.evaluate(at.scope);
    if (result.kind !== "value")
      return defer(
        `Expansion of "${word.source}" from command "${option.source}" in ${at.transport} transport filter failed: ${result.message}`,
        -27,
      );
    if (argv.length === 0 && result.tainted)
      return defer(`Tainted arg 0 for ${at.transport} transport filter command: '${result.text}'`, -1);
    argv.push(result.text);
  }
  return done(argv[0] === undefined || argv[0] === "" ? undefined : argv);
}

function wordsOf(option: Template, scope: Scope): readonly (Template | "addresses")[] | string {
  let known = words.get(option);
  if (known === undefined) {
    const cut = splitCommand(option.source);
    known =
      "fault" in cut
        ? cut.fault
        : cut.words.map((word) => (word === "$pipe_addresses" ? ("addresses" as const) : scope.services.strings.compile(word)));
    words.set(option, known);
  }
  return known;
}

export async function runFilter(message: OutgoingMessage, order: FilterOrder): Promise<Step<Filtered>> {
  const [program, ...args] = order.argv.map(unicodeOf) as [string, ...string[]];
  if (!program.startsWith("/")) return failed(order, 127);
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], detached: true, env: {} });
  const collector = newBodyCollector();
  let timedOut = false;
  const timer = order.timeout > 0 ? setTimeout(() => ((timedOut = true), killGroup(child.pid)), order.timeout) : undefined;
  const collect = (octets: Buffer): void => collector.push(octets);
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  child.stdin.on("error", () => {
    // A filter may stop reading early; its exit code says whether that is a fault.
  });
  const ended = new Promise<{ code: number | null; started: boolean }>((resolve) => {
    child.on("error", () => resolve({ code: 127, started: false }));
    child.on("close", (code) => resolve({ code, started: true }));
  });
  const fed = feed(message, child.stdin);
  const { code } = await ended;
  clearTimeout(timer);
  await fed;
  if (timedOut) {
    collector.dispose();
    const text = `transport filter timeout while writing to ${order.target === "" ? "pipe" : order.target}`;
    return {
      ok: false,
      fact: order.timeoutFails ? { kind: "failed", message: text } : { kind: "deferred", message: text, scope: "recipient", errno: 0 },
    };
  }
  if (code !== 0) {
    collector.dispose();
    return failed(order, code ?? 128);
  }
  const { longestBodyLine: _, ...rest } = message;
  return done({ message: { ...rest, headers: "", body: collector.finish(), parts: "body" }, dispose: collector.dispose });
}

function failed(order: FilterOrder, code: number): Step<never> {
  const where = order.target === "" ? "" : ` while writing to ${order.target}`;
  return defer(`transport filter process failed (${code})${where}${code === 127 ? ": unable to execute command" : ""}`, -24);
}

async function feed(message: OutgoingMessage, stdin: NodeJS.WritableStream): Promise<void> {
  try {
    for await (const octets of messageOctets(message, {}, [])) {
      if (!stdin.writable) return;
      if (!stdin.write(octets)) await drained(stdin);
    }
  } finally {
    stdin.end(octetsOf(""));
  }
}

function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      stream.removeListener("drain", go);
      stream.removeListener("close", go);
      stream.removeListener("error", go);
      resolve();
    };
    stream.on("drain", go);
    stream.on("close", go);
    stream.on("error", go);
  });
}

/** The filter leads a process group of its own, so that what it started ends with it. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
