/** Modes that test a configuration and store nothing: -bt, -bv, -be, -bh, -brt, -brw. */
import { chooseRule } from "@mailkit/delivery";
import type { Scope } from "@mailkit/sdk";
import { newMessageFacts, newSessionFacts, splitAddress } from "@mailkit/sdk";
import { renderBt, renderBv } from "@mailkit/routers";
import { renderBrw } from "@mailkit/rewrite";
import { checkHost } from "@mailkit/smtpd";
import { hostCheckDeps, readMessageFile } from "@mailkit/runtime";
import { linesOf } from "../lines.ts";
import type { Face } from "./face.ts";

export async function testAddresses(face: Face): Promise<number> {
  return eachAddress(face, async (address) => {
    const { engine } = face;
    const scope = messageScope(face);
    const nodes = await engine.routers.routeAll([
      { address: await rewritten(face, qualified(face, address), scope), purpose: "test", sender: face.args.sender, scope },
    ]);
    return renderBt(nodes);
  });
}

export async function verifyAddresses(face: Face, sender: boolean): Promise<number> {
  return eachAddress(face, async (address) => {
    const { engine } = face;
    const scope = messageScope(face);
    const full = await rewritten(face, qualified(face, address), scope);
    const request = {
      address: full,
      purpose: sender ? ("verifySender" as const) : ("verifyRecipient" as const),
      sender: face.args.sender,
      scope,
    };
    if (face.args.verbose) return renderBt(await engine.routers.routeAll([request]), true);
    return renderBv(full, await engine.routers.verify(request));
  });
}

/** Addresses of the command line, or of standard input with a prompt. The worst exit code counts. */
async function eachAddress(face: Face, test: (address: string) => Promise<{ text: string; exitCode: number }>): Promise<number> {
  const { context, args } = face;
  let code = 0;
  const one = async (address: string): Promise<void> => {
    const made = await test(address);
    context.stdout.write(Buffer.from(made.text, "latin1"));
    code = Math.max(code, made.exitCode);
  };
  if (args.rest.length > 0) {
    for (const address of args.rest) await one(address);
    return code;
  }
  context.stdout.write("> ");
  for await (const line of linesOf(context.stdin)) {
    if (line.trim() !== "") await one(line.trim());
    context.stdout.write("> ");
  }
  context.stdout.write("\n");
  return code;
}

function messageScope({ engine, args }: Face): Scope {
  const message = newMessageFacts({ sender: args.sender ?? "" });
  return engine.scopes.forSession(newSessionFacts({ hostLookup: "ok", caller: engine.machine.caller }), message);
}

function qualified({ engine }: Face, address: string): string {
  const bare = /^<(.*)>$/.exec(address)?.[1] ?? address;
  return splitAddress(bare).domain === "" && bare !== "" ? `${bare}@${engine.config.main.text("qualify_recipient")}` : bare;
}

async function rewritten(face: Face, address: string, scope: Scope): Promise<string> {
  return face.engine.rewriter.address(address, "env-to", scope);
}

/** `-be`: each argument or each line of standard input; `\` at the end of a line goes on with the next. */
export async function testExpansions(face: Face, messageFile: string | undefined): Promise<number> {
  const { context, args, engine } = face;
  const message = messageFile === undefined ? newMessageFacts({ sender: args.sender }) : await readMessageFile(messageFile, args.sender);
  const caller = engine.machine.caller;
  const scope = engine.scopes.forSession(newSessionFacts({ hostLookup: "ok", caller, ...peerOf(args.trusted) }), message);
  const expandOne = async (text: string): Promise<void> => {
    const result = await engine.services.strings.expand(text, scope);
    const shown = result.kind === "value" ? result.text : `Failed: ${result.message}`;
    context.stdout.write(Buffer.from(`${shown}\n`, "latin1"));
  };
  if (args.rest.length > 0) {
    for (const text of args.rest) await expandOne(text);
    return 0;
  }
  let pending = "";
  context.stdout.write("> ");
  for await (const line of linesOf(context.stdin)) {
    const text = pending === "" ? line : line.replace(/^[ \t]+/, "");
    if (/\\[ \t]*$/.test(text)) {
      pending += text.replace(/\\[ \t]*$/, "");
      continue;
    }
    const whole = pending + text;
    pending = "";
    if (/^set,[ \t]*\w+/.test(whole) === false) await expandOne(whole);
    context.stdout.write("> ");
  }
  context.stdout.write("\n");
  return 0;
}

function peerOf(trusted: Face["args"]["trusted"]): { peer?: { address: string; port: number }; helo?: string; ident?: string } {
  const { host } = trusted;
  if (host === undefined) return {};
  const cut = splitHostPort(host);
  return {
    peer: cut,
    ...(trusted.helo === undefined ? {} : { helo: trusted.helo }),
    ...(trusted.ident === undefined ? {} : { ident: trusted.ident }),
  };
}

/** `1.2.3.4`, `1.2.3.4.5678`, `[::1]:25`. */
export function splitHostPort(text: string): { address: string; port: number } {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
  if (bracketed !== null) return { address: bracketed[1] as string, port: Number(bracketed[2] ?? 0) };
  const dotted = /^(\d+\.\d+\.\d+\.\d+)(?:\.(\d+))?$/.exec(text);
  if (dotted !== null) return { address: dotted[1] as string, port: Number(dotted[2] ?? 0) };
  return { address: text, port: 0 };
}

export async function checkHostMode(face: Face, address: string): Promise<number> {
  const { context, engine, args } = face;
  const { trusted } = args;
  await checkHost(hostCheckDeps(engine), {
    input: context.stdin as AsyncIterable<Uint8Array>,
    write: (text) => context.stdout.write(Buffer.from(text, "latin1")),
    facts: {
      peer: splitHostPort(address),
      local: trusted.interface === undefined ? { address: "127.0.0.1", port: 25 } : splitHostPort(trusted.interface),
      ...(trusted.ident === undefined ? {} : { ident: trusted.ident }),
    },
    fullName: "",
    trusted: false,
  });
  return 0;
}

/** `-brt`: host or address, perhaps a second domain, perhaps an error name. */
export async function testRetry(face: Face): Promise<number> {
  const { context, engine, args } = face;
  const [first, ...others] = args.rest;
  if (first === undefined) {
    context.stderr.write("-brt needs a domain or address argument\n");
    return 1;
  }
  const second = others.find((text) => text.includes("."));
  const error = others.find((text) => !text.includes(".")) ?? "*";
  const subject = (text: string): string => (text.includes("@") ? text : `*@${text}`);
  const rule = await chooseRule(
    engine.config.retry,
    { first: subject(first), ...(second === undefined ? {} : { second: subject(second) }), error, sender: args.sender },
    engine.scopes.bare(),
  );
  context.stdout.write(rule === undefined ? "No retry information found\n" : `Retry rule: ${rule.source}\n`);
  return rule === undefined ? 2 : 0;
}

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
