/** `mailkit route`: how each address is routed, and why. The same routers, asked the same way as by `serve`. */
import { fromUnicode, newMessageFacts, newSessionFacts, splitAddress, unicodeOf } from "@mailkit/sdk";
import { renderRoute } from "@mailkit/routers";
import type { RouteNode, RouteRequest } from "@mailkit/routers";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { JSON_FLAG } from "../command.ts";
import { openForCommand } from "../open.ts";

export const route: CommandSpec = {
  name: "route",
  summary: "show how addresses are routed, and why",
  args: [{ name: "ADDRESS", doc: "address; several may be given", required: true, multiple: true }],
  flags: {
    ...JSON_FLAG,
    sender: { type: "string", char: "f", placeholder: "ADDRESS", doc: "sender that routers see" },
    verify: { type: "boolean", doc: "route as recipient verification does" },
  },
  examples: ["mailkit route info@mailkit.test", "mailkit route --json fred@truc.fr marc@machin.com"],
  hot: true,
  exim: "-bt",
  run,
};

async function run(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const engine = await openForCommand(context, flags);
  try {
    const sender = fromUnicode(flags.text("sender") ?? "");
    const scope = engine.scopes.forSession(
      newSessionFacts({ hostLookup: "ok", caller: engine.machine.caller }),
      newMessageFacts({ sender }),
    );
    const requests = await Promise.all(
      args.map(async (arg): Promise<RouteRequest> => {
        const text = fromUnicode(arg).replace(/^<(.*)>$/, "$1");
        const full = splitAddress(text).domain === "" ? `${text}@${engine.config.main.text("qualify_recipient")}` : text;
        return {
          address: await engine.rewriter.address(full, "env-to", scope),
          purpose: flags.flag("verify") ? "verifyRecipient" : "test",
          sender,
          scope,
          explain: true,
        };
      }),
    );
    const nodes = await engine.routers.routeAll(requests);
    context.stdout.write(flags.flag("json") ? `${JSON.stringify(nodes.map(plainNode))}\n` : unicodeOf(renderRoute(nodes)));
    return nodes.some(hasTrouble) ? 1 : 0;
  } finally {
    await engine.close();
  }
}

function hasTrouble(node: RouteNode): boolean {
  return node.result.kind === "failed" || node.result.kind === "deferred" || node.children.some(hasTrouble);
}

/** The tree as data: what was decided, by whom, why, and where that stands in the configuration. */
function plainNode(node: RouteNode): unknown {
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
