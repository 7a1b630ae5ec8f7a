/** `mailkit verify`: would an address pass `verify = recipient` or `verify = sender`, and why. No callouts. */
import { renderRoute } from "@mailkit/routers";
import type { RouteNode, VerifyRouting } from "@mailkit/routers";
import { unicodeOf } from "@mailkit/sdk";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { JSON_FLAG } from "../command.ts";
import { openForCommand } from "../open.ts";
import { plainNode, requestFor, senderOf } from "./routing.ts";

export const verify: CommandSpec = {
  name: "verify",
  summary: "verify addresses as ACLs do, and say why",
  description:
    "Recipients, or with --sender senders. A redirection to one address is followed; one to several, to a pipe or a file is good. Ends " +
    "with 1 when an address fails or cannot be decided now.",
  args: [{ name: "ADDRESS", doc: "address; several may be given", required: true, multiple: true }],
  flags: {
    ...JSON_FLAG,
    sender: { type: "boolean", doc: "verify them as senders" },
    from: { type: "string", char: "f", placeholder: "ADDRESS", doc: "sender that routers see" },
  },
  examples: ["mailkit verify fred@truc.fr", "mailkit verify --sender bob@example.org --json"],
  hot: true,
  exim: "-bv, -bvs",
  run,
};

interface Answer {
  readonly address: string;
  readonly tree: readonly RouteNode[];
  readonly verdict: VerifyRouting;
}

async function run(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const engine = await openForCommand(context, flags);
  try {
    const purpose = flags.flag("sender") ? "verifySender" : "verifyRecipient";
    const answers: Answer[] = [];
    for (const arg of args) {
      const request = await requestFor(engine, arg, { purpose, sender: flags.flag("sender") ? "" : senderOf(flags.text("from")) });
      const verdict = await engine.routers.verify(request);
      answers.push({ address: request.address, verdict, tree: await engine.routers.routeAll([request]) });
    }
    if (flags.flag("json")) context.stdout.write(`${JSON.stringify(answers.map(plain))}\n`);
    else context.stdout.write(answers.map(rendered).join("\n"));
    return answers.every(({ verdict }) => verdict.kind === "ok") ? 0 : 1;
  } finally {
    await engine.close();
  }
}

/** The tree of `route` without its count of deliveries: nothing would be delivered here. */
function rendered({ address, verdict, tree }: Answer): string {
  const lines = unicodeOf(renderRoute(tree)).trimEnd().split("\n").slice(0, -1);
  return `${lines.join("\n")}\n${unicodeOf(address)} ${sentence(verdict)}\n`;
}

function sentence(verdict: VerifyRouting): string {
  if (verdict.kind === "ok") return "is good";
  const lead = verdict.kind === "failed" ? "fails" : "cannot be decided now";
  return verdict.message === "" ? lead : `${lead}: ${unicodeOf(verdict.message)}`;
}

function plain({ address, verdict, tree }: Answer): unknown {
  const text = verdict.kind === "ok" ? {} : { message: unicodeOf(verdict.message) };
  return { address: unicodeOf(address), verdict: verdict.kind, ...text, route: tree.map(plainNode) };
}
