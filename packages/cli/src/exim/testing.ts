/** Modes that test a configuration and store nothing: -bt, -bv, -be, -bh, -brt, -brw. */
import { macroLines, retryErrorFault, showRetryRule } from "@mailkit/config";
import { chooseRule } from "@mailkit/delivery";
import { parseAddressList } from "@mailkit/message";
import type { ListRules, Mailbox } from "@mailkit/message";
import type { Expansion, Maybe, Scope } from "@mailkit/sdk";
import { chain, isPromise, newMessageFacts } from "@mailkit/sdk";
import type { Writable } from "node:stream";
import { renderBt, renderBv } from "@mailkit/routers";
import { renderBrw } from "@mailkit/rewrite";
import { checkHost } from "@mailkit/smtpd";
import { hostCheckDeps, queueAccess, readEximMessage, readMessageFile } from "@mailkit/runtime";
import { joinedLines, linesOf } from "../lines.ts";
import type { EximMode } from "./argument-types.ts";
import type { Face } from "./face.ts";
import { authenticatedSenderOf, peerFacts, splitHostPort, testSender, testSession } from "./session-facts.ts";

export async function testAddresses(face: Face): Promise<number> {
  const test = async (address: string): Promise<Tested> => {
    const request = { address, purpose: "test" as const, sender: testSender(face), scope: messageScope(face) };
    return renderBt(await face.engine.routers.routeAll([request]));
  };
  return eachAddress(face, { where: "env-to", test });
}

export async function verifyAddresses(face: Face, sender: boolean): Promise<number> {
  const { args, engine } = face;
  // Any debugging makes it as talkative as -v.
  const verbose = args.verbose || (args.debug !== undefined && args.debug !== "-all");
  const test = async (address: string): Promise<Tested> => {
    const purpose = sender ? ("verifySender" as const) : ("verifyRecipient" as const);
    // While a sender is verified there is none (manual, option "senders" of routers).
    const from = sender ? "" : testSender(face);
    const request = { address, purpose, sender: from, scope: messageScope(face, from) };
    if (verbose) return renderBt(await engine.routers.routeAll([request]), true);
    return renderBv(address, await engine.routers.verify(request));
  };
  return eachAddress(face, { where: sender ? "env-from" : "env-to", test });
}

interface Testing {
  /** Rules of rewriting that count for such addresses. */
  readonly where: "env-from" | "env-to";
  readonly test: (address: string) => Promise<Tested>;
}

interface Tested {
  readonly text: string;
  readonly exitCode: number;
}

/** Addresses of the command line, or of standard input with a prompt; each may be a list. The worst exit code counts. */
async function eachAddress(face: Face, testing: Testing): Promise<number> {
  const { context, args } = face;
  let code = 0;
  const list = async (text: string): Promise<void> => {
    for (const { mailbox } of parseAddressList(text, addressRules(face))) {
      const made = await testItem(face, mailbox, testing);
      context.stdout.write(Buffer.from(made.text, "latin1"));
      code = Math.max(code, made.exitCode);
    }
  };
  if (args.rest.length > 0) {
    for (const text of args.rest) await list(text);
    return code;
  }
  context.stdout.write("> ");
  for await (const line of linesOf(context.stdin)) {
    await list(line);
    context.stdout.write("> ");
  }
  context.stdout.write("\n");
  return code;
}

async function testItem(face: Face, mailbox: Mailbox, { where, test }: Testing): Promise<Tested> {
  if (!mailbox.ok) return { text: `syntax error: ${mailbox.message}\n`, exitCode: 2 };
  const full = mailbox.domain === "" ? `${mailbox.address}@${face.engine.config.main.text("qualify_recipient")}` : mailbox.address;
  const rewritten = await face.engine.rewriter.address(full, where, messageScope(face));
  const { text, exitCode } = await test(rewritten);
  return { text: rewritten === full ? text : `Address rewritten as: ${rewritten}\n${text}`, exitCode };
}

function addressRules({ engine: { config } }: Face): ListRules {
  return {
    allowGroups: false,
    // What tests addresses takes literals, whatever allow_domain_literals says of messages.
    allowDomainLiterals: true,
    stripExcessAngleBrackets: config.main.flag("strip_excess_angle_brackets"),
    stripTrailingDot: config.main.flag("strip_trailing_dot"),
    utf8: config.main.flag("allow_utf8_domains"),
  };
}

function messageScope(face: Face, sender = testSender(face)): Scope {
  const receivedProtocol = face.args.trusted.protocol ?? "";
  return face.engine.scopes.forSession(testSession(face), newMessageFacts({ sender, receivedProtocol }));
}

/** `-be`: each argument or each line of standard input; lines may define macros and use them (manual, option -be). */
export async function testExpansions(face: Face, messageFile: string | undefined): Promise<number> {
  const { context, args, engine } = face;
  const scope = await expansionScope(face, messageFile);
  if (scope === undefined) return 1;
  const macros = macroLines(engine.config.macros, { all: face.caller.admin });
  const output = gathered(context.stdout);
  const expandOne = (line: string): Maybe<void> => {
    const read = macros(line);
    if (read.kind === "text")
      return chain(engine.services.strings.expand(read.text, scope), (result) => output.write(`${shownAs(result)}\n`));
    if (read.kind === "defined") return output.write(`Defined macro '${read.name}'\n`);
    output.flush();
    context.stderr.write(`Exim configuration error:\n  ${read.message}\n`);
  };
  if (args.rest.length > 0) for (const text of args.rest) await expandOne(text);
  else {
    output.write("> ");
    for await (const line of joinedLines(linesOf(context.stdin))) {
      const waiting = expandOne(line);
      if (isPromise(waiting)) await waiting;
      output.write("> ");
      // Between what debugging says on standard error.
      if (args.debug !== undefined) output.flush();
    }
    output.write("\n");
  }
  output.flush();
  return 0;
}

function shownAs(result: Expansion): string {
  return result.kind === "value" ? result.text : `Failed: ${result.message}`;
}

interface Gathered {
  write(text: string): void;
  flush(): void;
}

/** What many lines give goes out in one piece, at the latest when the next input is waited for. */
function gathered(stream: Writable): Gathered {
  let text = "";
  let timer: NodeJS.Immediate | undefined;
  const flush = (): void => {
    clearImmediate(timer);
    timer = undefined;
    if (text !== "") stream.write(Buffer.from(text, "latin1"));
    text = "";
  };
  const write = (more: string): void => {
    text += more;
    if (text.length > 65_536) flush();
    else timer ??= setImmediate(flush);
  };
  return { write, flush };
}

/** Facts of the command line, of a message file (`-bem`), or of a message of the queue (`-Mset`). */
async function expansionScope(face: Face, messageFile: string | undefined): Promise<Scope | undefined> {
  const { args, engine, context } = face;
  if (args.messageId !== undefined) {
    const spool = engine.settings.text("spool_directory") as string;
    const stored = (await queueAccess(engine).get(args.messageId)) ?? readEximMessage(spool, args.messageId);
    if (stored === undefined) context.stderr.write(`exim: can't find message ${args.messageId}\n`);
    return stored === undefined ? undefined : engine.scopes.forMessage(stored);
  }
  const sender = testSender(face);
  const message = messageFile === undefined ? newMessageFacts({ sender, size: 0 }) : readMessageFile(messageFile, args.sender ?? sender);
  message.authenticatedSender = authenticatedSenderOf(face);
  message.receivedProtocol = args.trusted.protocol ?? "";
  return engine.scopes.forSession(testSession(face), message);
}

type HostCheck = Extract<EximMode, { kind: "hostCheck" }>;

/** `-bh`, and `-bhc`, which makes callouts too. */
export async function checkHostMode(face: Face, { address, callouts }: HostCheck): Promise<number> {
  const { context, engine, args } = face;
  const { trusted } = args;
  await checkHost(hostCheckDeps(engine), {
    input: context.stdin as AsyncIterable<Uint8Array>,
    write: (text) => context.stdout.write(Buffer.from(text, "latin1")),
    facts: { peer: splitHostPort(address), ...peerFacts(trusted), noCallouts: !callouts },
    fullName: "",
    trusted: false,
  });
  return 0;
}

/** `-brt`: host or address, perhaps a second domain, perhaps an error name (manual, option -brt). */
export async function testRetry({ context, engine, args }: Face): Promise<number> {
  const [first, ...others] = args.rest;
  if (first === undefined) {
    context.stdout.write("-brt needs a domain or address argument\n");
    return 1;
  }
  if (!/[@.]/.test(first)) context.stdout.write(ONE_COMPONENT.replace("NAME", first));
  const second = others[0]?.includes(".") === true ? others.shift() : undefined;
  const error = others[0] ?? "*";
  const fault = others[0] === undefined ? undefined : retryErrorFault(error);
  if (fault !== undefined) {
    context.stdout.write(`${fault}\n`);
    return 1;
  }
  const subject = (text: string): string => (text.includes("@") ? text : `*@${text}`);
  const rule = await chooseRule(
    engine.config.retry,
    {
      first: subject(first),
      ...(second === undefined ? {} : { second: subject(second) }),
      error,
      sender: args.sender?.replace(/^<(.*)>$/, "$1"),
    },
    engine.scopes.bare(),
  );
  context.stdout.write(rule === undefined ? "No retry information found\n" : `Retry rule: ${showRetryRule(rule)}\n`);
  return 0;
}

const ONE_COMPONENT = `Warning: "NAME" contains no '@' and no '.' characters. It is being \ntreated as a one-component domain, not as a local part.\n\n`;

export async function testRewriting(face: Face): Promise<number> {
  const { context, engine, args } = face;
  for (const address of args.rest)
    context.stdout.write(
      Buffer.from(
        await renderBrw(engine.rewriter, {
          address,
          qualifyDomain: engine.config.main.text("qualify_recipient") ?? "",
          scope: engine.scopes.bare(),
        }),
        "latin1",
      ),
    );
  return 0;
}
