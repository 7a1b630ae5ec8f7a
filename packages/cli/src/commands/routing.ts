/** What commands that ask the routers share: addresses of the command line to requests, and the tree of answers as data. */
import type { RouteNode, RouteRequest } from "@mailkit/routers";
import type { Engine } from "@mailkit/runtime";
import type { Scope } from "@mailkit/sdk";
import { fromUnicode, newMessageFacts, newSessionFacts, splitAddress, unicodeOf } from "@mailkit/sdk";

export interface Question {
  readonly purpose: RouteRequest["purpose"];
  /** Envelope sender that routers see; "" is the null sender. */
  readonly sender: string;
}

export function scopeFor(engine: Engine, sender: string): Scope {
  return engine.scopes.forSession(newSessionFacts({ hostLookup: "ok", caller: engine.machine.caller }), newMessageFacts({ sender }));
}

/** Qualified and rewritten, as for a message. */
export async function requestFor(engine: Engine, written: string, { purpose, sender }: Question): Promise<RouteRequest> {
  const scope = scopeFor(engine, sender);
  const text = fromUnicode(written).replace(/^<(.*)>$/, "$1");
  const full = splitAddress(text).domain === "" ? `${text}@${engine.config.main.text("qualify_recipient")}` : text;
  return { address: await engine.rewriter.address(full, "env-to", scope), purpose, sender, scope, explain: true };
}

export function hasTrouble(node: RouteNode): boolean {
  return node.result.kind === "failed" || node.result.kind === "deferred" || node.children.some(hasTrouble);
}

/** The tree as data: what was decided, by whom, why, and where that stands in the configuration. */
export function plainNode(node: RouteNode): unknown {
  const { result } = node;
  const accepted = result.kind === "accepted" ? { transport: result.transport, hosts: result.hosts, generated: result.generated } : {};
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
