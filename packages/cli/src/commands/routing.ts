/** What commands that ask the routers share: addresses of the command line to requests, and the tree of answers as data. */
import { parseMailbox } from "@mailkit/message";
import type { RouteNode, RouteRequest } from "@mailkit/routers";
import { UsageError } from "../command.ts";
import type { Engine } from "@mailkit/runtime";
import type { Scope } from "@mailkit/sdk";
import { fromUnicode, newMessageFacts, newSessionFacts, unicodeOf } from "@mailkit/sdk";

export interface Question {
  readonly purpose: RouteRequest["purpose"];
  /** Envelope sender that routers see; "" is the null sender. */
  readonly sender: string;
}

/** `<>` is the null sender, as for `exim -f`. */
export function senderOf(written: string | undefined): string {
  return fromUnicode(written ?? "").replace(/^<(.*)>$/, "$1");
}

export function scopeFor(engine: Engine, sender: string): Scope {
  return engine.scopes.forSession(newSessionFacts({ hostLookup: "ok", caller: engine.machine.caller }), newMessageFacts({ sender }));
}

/** Parsed, qualified and rewritten, as for a message; literals are taken, whatever `allow_domain_literals` says of those. */
export async function requestFor(engine: Engine, written: string, { purpose, sender }: Question): Promise<RouteRequest> {
  const scope = scopeFor(engine, sender);
  const { main } = engine.config;
  const rules = { allowDomainLiterals: true, utf8: true, stripTrailingDot: main.flag("strip_trailing_dot") };
  const mailbox = parseMailbox(fromUnicode(written), rules);
  if (!mailbox.ok) throw new UsageError(`"${written}" is no address: ${unicodeOf(mailbox.message)}`, "write local.part@domain");
  const full = mailbox.domain === "" ? `${mailbox.address}@${main.text("qualify_recipient")}` : mailbox.address;
  return { address: await engine.rewriter.address(full, "env-to", scope), purpose, sender, scope, explain: true };
}

export function hasTrouble(node: RouteNode): boolean {
  return node.result.kind === "failed" || node.result.kind === "deferred" || node.children.some(hasTrouble);
}

function acceptedParts({ transport, hosts, generated, problem }: Extract<RouteNode["result"], { kind: "accepted" }>): object {
  return {
    transport,
    hosts,
    generated,
    ...(problem === undefined ? {} : { problem: { ...problem, message: unicodeOf(problem.message) } }),
  };
}

/** The tree as data: what was decided, by whom, why, and where that stands in the configuration. */
export function plainNode(node: RouteNode): unknown {
  const { result } = node;
  const accepted = result.kind === "accepted" ? acceptedParts(result) : {};
  const text = result.kind === "failed" || result.kind === "deferred" ? { message: unicodeOf(result.message) } : {};
  return {
    address: unicodeOf(node.address),
    result: result.kind,
    router: result.router,
    ...accepted,
    ...text,
    steps: result.steps,
    children: node.children.map(plainNode),
  };
}
