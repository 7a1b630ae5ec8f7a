/** `mailkit queue edit`: the envelope of a waiting message. */
import type { QueueAccess, QueueAction } from "@mailkit/runtime";
import { fromUnicode, splitAddress } from "@mailkit/sdk";
import type { CommandContext } from "../command.ts";
import { CommandFailure, JSON_FLAG, UsageError } from "../command.ts";
import { choose, queueCommand } from "./queue.ts";
import type { Given } from "./queue.ts";

export const queueEdit = queueCommand("edit", "change the envelope of a message: sender, recipients, queue", edit, {
  args: [{ name: "ID", doc: "message id, or its beginning", required: true }],
  flags: {
    ...JSON_FLAG,
    sender: { type: "string", placeholder: "ADDRESS", doc: "another sender, who gets the bounces; <> for none" },
    add: { type: "string", multiple: true, placeholder: "ADDRESS", doc: "one more recipient" },
    done: { type: "string", multiple: true, placeholder: "ADDRESS", doc: "count this recipient as delivered" },
    move: { type: "string", placeholder: "QUEUE", doc: "move it to a named queue; an empty name is the default queue" },
  },
  examples: [
    "mailkit queue edit 1vNQwE-00000001AbC-2XyZ --add marc@machin.com --done mark@machin.com",
    "mailkit queue edit 1vNQwE --sender fred@truc.fr",
  ],
  exim: "-Mes -Mar -Mmd -MG",
});

async function edit(context: CommandContext, access: QueueAccess, { engine, flags, args }: Given): Promise<number> {
  const actions = actionsOf({ sender: flags.text("sender"), add: flags.texts("add"), done: flags.texts("done"), move: flags.text("move") });
  if (actions.length === 0) throw new UsageError("nothing to change", "--sender, --add, --done or --move");
  const [item] = await choose(access, args, () => false);
  if (item === undefined) throw new CommandFailure(`no message ${args[0]} in the queue`);
  let failed = 0;
  for (const [what, action] of actions) {
    const result = await access.act(item.id, action, engine.machine.caller.login);
    if (result.kind !== "done") failed++;
    const text = `${what}: ${result.kind === "done" ? "done" : result.message}`;
    if (flags.flag("json")) context.stdout.write(`${JSON.stringify({ id: item.id, change: what, ...result })}\n`);
    else if (result.kind !== "done" || !flags.flag("quiet")) context.stdout.write(`${item.id}  ${text}\n`);
  }
  return failed > 0 ? 1 : 0;
}

interface Wanted {
  readonly sender: string | undefined;
  readonly add: readonly string[];
  readonly done: readonly string[];
  readonly move: string | undefined;
}

/** Recipients come before those that are done, so that the message does not end in between. */
function actionsOf({ sender, add, done, move }: Wanted): (readonly [string, QueueAction])[] {
  return [
    ...(sender === undefined ? [] : [[`sender ${sender}`, { kind: "editSender", sender: addressOf(sender, true) }] as const]),
    ...add.map((address) => [`recipient ${address} added`, { kind: "addRecipients", addresses: [addressOf(address, false)] }] as const),
    ...done.map((address) => [`recipient ${address} done`, { kind: "markDelivered", addresses: [addressOf(address, false)] }] as const),
    ...(move === undefined ? [] : [[`queue "${move}"`, { kind: "setQueue", queueName: move }] as const]),
  ];
}

function addressOf(written: string, canBeNull: boolean): string {
  const address = fromUnicode(written).replace(/^<(.*)>$/, "$1");
  if (address === "" && canBeNull) return "";
  const { localPart, domain } = splitAddress(address);
  if (localPart === "" || domain === "" || /[\s\0-\x1f<>]/.test(address))
    throw new UsageError(`"${written}" is no address`, "write user@domain");
  return address;
}
