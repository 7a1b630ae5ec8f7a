/** `mailkit route`: how each address is routed, and why. The same routers, asked the same way as by `serve`. */
import { unicodeOf } from "@mailkit/sdk";
import { renderRoute } from "@mailkit/routers";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { JSON_FLAG } from "../command.ts";
import { openForCommand } from "../open.ts";
import { hasTrouble, plainNode, requestFor, senderOf } from "./routing.ts";

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
    const question = {
      purpose: flags.flag("verify") ? ("verifyRecipient" as const) : ("test" as const),
      sender: senderOf(flags.text("sender")),
    };
    const requests = await Promise.all(args.map((arg) => requestFor(engine, arg, question)));
    const nodes = await engine.routers.routeAll(requests);
    context.stdout.write(flags.flag("json") ? `${JSON.stringify(nodes.map(plainNode))}\n` : unicodeOf(renderRoute(nodes)));
    return nodes.some(hasTrouble) ? 1 : 0;
  } finally {
    await engine.close();
  }
}
