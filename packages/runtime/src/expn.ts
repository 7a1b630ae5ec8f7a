/** EXPN: what one address becomes, one level deep, as `-bt` would route it (manual §"VRFY and EXPN commands"). */
import { chain, splitAddress } from "@mailkit/sdk";
import type { Maybe, MessageFacts, SessionFacts } from "@mailkit/sdk";
import type { RouteResult } from "@mailkit/routers";
import type { ExpnResult } from "@mailkit/smtpd";
import type { Engine } from "./engine.ts";

export function expandAddress(engine: Engine, argument: string, session: SessionFacts, message: MessageFacts): Maybe<ExpnResult> {
  const address = splitAddress(argument).domain === "" ? `${argument}@${engine.setting("qualify_domain") ?? ""}` : argument;
  const scope = engine.scopes.forSession(session, message);
  return chain(engine.rewriter.address(address, "env-to", scope), (rewritten) =>
    chain(engine.routers.route({ address: rewritten, purpose: "test", sender: undefined, scope }), told),
  );
}

function told(result: RouteResult): ExpnResult {
  switch (result.kind) {
    case "accepted":
      return { kind: "ok", lines: [`<${result.address}>`] };
    case "discarded":
      return { kind: "ok", lines: [`mail to <${result.address}> is discarded`] };
    case "redirected":
      return { kind: "ok", lines: members(result).map((address) => `<${address}>`) };
    case "copied": {
      const seen = told(result.seen);
      return seen.kind === "ok" ? seen : told(result.rest);
    }
    case "failed":
      return { kind: "fail", message: `${result.address} is undeliverable` };
    case "deferred":
      return { kind: "defer", message: `${result.address} cannot be resolved at this time` };
  }
}

/** Pipes and files stand where they stood in the list. */
function members({ children, generated, generatedAt }: Extract<RouteResult, { kind: "redirected" }>): string[] {
  const out: string[] = [];
  for (let i = 0; i <= children.length; i++) {
    generated.forEach((one, index) => {
      if ((generatedAt[index] ?? children.length) === i) out.push(one.address);
    });
    const child = children[i];
    if (child !== undefined) out.push(child.address);
  }
  return out;
}
