/**
 * `-bf` and `-bF`: what a filter would do with the message on standard input. Filter manual §"Testing a new filter file",
 * manual, options -bf and -bF.
 */
import { printRun, printSieveRun, runEximFilter, runSieve, testHeading } from "@mailkit/filters";
import type { EximRequest } from "@mailkit/filters";
import { changedHeaders, filterKind, hostCheckDeps, testForwardFile } from "@mailkit/runtime";
import { clean, newAddressFacts, tainted } from "@mailkit/sdk";
import type { Scope } from "@mailkit/sdk";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { readTestMessage } from "@mailkit/smtpd";
import type { TestMessage } from "@mailkit/smtpd";
import type { EximMode } from "./argument-types.ts";
import type { Face } from "./face.ts";
import { sessionFactsOf } from "./session-facts.ts";

type FilterMode = Extract<EximMode, { kind: "filter" }>;

/** What both filters are tried on. */
interface Trial {
  readonly face: Face;
  readonly tested: TestMessage;
  readonly scope: Scope;
  readonly qualifyDomain: string;
  readonly recipient: string;
  /** The recipient without affixes. */
  readonly own: string;
}

export async function testFilters(face: Face, mode: FilterMode): Promise<number> {
  const files = [
    ...(mode.system === undefined ? [] : [{ path: mode.system, system: true }]),
    ...(mode.user === undefined ? [] : [{ path: mode.user, system: false }]),
  ];
  const texts: string[] = [];
  for (const { path } of files) {
    const text = await face.engine.services.files.read(resolve(face.context.cwd, path));
    if (typeof text !== "string") {
      face.context.stderr.write(`exim: failed to open ${path}: ${text.message}\n`);
      return 1;
    }
    texts.push(text);
  }
  const trial = await prepare(face, mode);
  if (trial === undefined) return 1;
  let numbers: readonly number[] = [];
  for (const [i, file] of files.entries()) {
    trial.tested.message.filterNumbers = [...Array.from({ length: 10 }, () => 0), ...numbers];
    const done = await (file.system ? testSystem : testUser)(trial, file.path, texts[i] as string);
    if (done.code !== 0) return done.code;
    numbers = done.numbers;
  }
  return 0;
}

async function prepare(face: Face, { options }: FilterMode): Promise<Trial | undefined> {
  const { args, caller, engine, context } = face;
  const main = engine.config.main;
  const qualifyDomain = main.text("qualify_domain") ?? engine.machine.hostname;
  const { localPart = caller.login, domain = main.text("qualify_recipient") ?? qualifyDomain, prefix = "", suffix = "" } = options;
  const recipient = `${prefix}${localPart}${suffix}@${domain}`;
  const tested = await readTestMessage(hostCheckDeps(engine), {
    input: context.stdin as AsyncIterable<Uint8Array>,
    caller,
    fullName: args.fullName ?? caller.fullName,
    trusted: caller.trusted,
    ...(args.sender === undefined ? {} : { sender: args.sender.replace(/^<(.*)>$/, "$1") }),
    recipients: [recipient],
    dotEnds: args.dotEnds,
    facts: sessionFactsOf(face, "test"),
  });
  if (tested === undefined) {
    context.stderr.write("exim: message header section too big\n");
    return undefined;
  }
  const sender = tested.message.sender ?? "";
  const account = await engine.services.accounts.byName(caller.login);
  const facts = newAddressFacts(localPart, domain, { prefix, suffix, ...(account === undefined ? {} : { home: clean(account.home) }) });
  facts.extra.set("return_path", tainted(tested.returnPath ?? sender));
  const scope = engine.scopes.forAddress(facts, engine.scopes.forSession(tested.session, tested.message));
  write(face, openingLines(tested, { recipient, prefix, suffix }));
  return { face, tested, scope, qualifyDomain, recipient, own: `${localPart}@${domain}` };
}

function openingLines(
  tested: TestMessage,
  { recipient, prefix, suffix }: Readonly<Record<"recipient" | "prefix" | "suffix", string>>,
): string {
  const { sender = "" } = tested.message;
  const lines = [
    ...(tested.hadHeaders ? [] : ["Warning: no message headers read"]),
    ...(tested.fromLine ? ['Sender taken from "From " line'] : []),
    ...(tested.returnPath === undefined
      ? ["Return-path copied from sender"]
      : ['Return-path taken from "Return-path:" header line', `Return-path = ${tested.returnPath || "<>"}`]),
    `Sender      = ${sender || "<>"}`,
    `Recipient   = ${recipient}`,
    ...(prefix === "" ? [] : [`Prefix    = ${prefix}`]),
    ...(suffix === "" ? [] : [`Suffix    = ${suffix}`]),
  ];
  return `${lines.join("\n")}\n`;
}

interface Done {
  readonly code: number;
  readonly numbers: readonly number[];
}

async function testSystem(trial: Trial, path: string, text: string): Promise<Done> {
  const { message } = trial.tested;
  write(trial.face, testHeading("exim", path));
  return testExim(trial, {
    text,
    system: true,
    changeHeaders: (change, given) => {
      message.headers = [...(changedHeaders(message.headers ?? [], change, given) ?? [])];
    },
  });
}

async function testUser(trial: Trial, path: string, text: string): Promise<Done> {
  const { face, scope, qualifyDomain } = trial;
  const kind = filterKind(text);
  if (kind === undefined) {
    write(face, `Testing forward file file "${path}"\n\n`);
    const printed = testForwardFile(text, qualifyDomain, readText);
    write(face, printed.text);
    return { code: printed.ok ? 0 : 1, numbers: [] };
  }
  write(face, testHeading(kind, path));
  if (kind === "exim") return testExim(trial, { text, system: false });
  const { own, recipient } = trial;
  const run = await runSieve({ text, scope, qualifyDomain, ownAddresses: [own], recipient, inbox: "inbox", test: true });
  write(face, printSieveRun(run));
  return { code: 0, numbers: [] };
}

async function testExim(trial: Trial, given: Pick<EximRequest, "text" | "system" | "changeHeaders">): Promise<Done> {
  const { face, scope, qualifyDomain } = trial;
  const run = await runEximFilter({
    ...given,
    scope,
    qualifyDomain,
    forbid: new Set(given.system ? [] : (["fail", "freeze", "defer"] as const)),
    ownAddresses: await ownAddresses(trial),
    purpose: "test",
    firstDelivery: true,
    manuallyThawed: false,
    ...(face.args.verbose ? { explain: (line: string) => void face.context.stderr.write(`${line}\n`) } : {}),
  });
  write(face, printRun(run, face.engine.config.main.flag("print_topbitchars")));
  return { code: run.end.kind === "error" ? 1 : 0, numbers: run.numbers };
}

async function ownAddresses({ face, scope, own, recipient }: Trial): Promise<readonly string[]> {
  return [...new Set([own, recipient, await face.engine.rewriter.address(own, "env-to", scope)])];
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}

function write({ context }: Face, text: string): void {
  context.stdout.write(Buffer.from(text, "latin1"));
}
