/** What `-bp` and the `-M` options ask for and how they tell the outcome; needs no engine. Manual §"-M options". */
import { listMessages } from "@mailkit/runtime";
import type { ActionResult, QueueAction } from "@mailkit/runtime";
import type { CommandContext } from "../command.ts";
import type { EximArguments, MessageAction } from "./argument-types.ts";

const AT_ONCE = 500;

/** `-bp` and its forms. */
export async function printQueue(context: CommandContext, spool: string, args: EximArguments): Promise<void> {
  const { mode } = args;
  if (mode.kind !== "queueList") return;
  const texts = await listMessages(spool, {
    choice: { queueName: args.queueName ?? args.queueRun?.queueName ?? "", ids: args.rest },
    form: { form: mode.form, undeliveredOnly: mode.undeliveredOnly },
    now: Date.now(),
  });
  for (let at = 0; at < texts.length; at += AT_ONCE) context.stdout.write(texts.slice(at, at + AT_ONCE).join(""), "latin1");
}

const TAKE_MORE: ReadonlySet<MessageAction> = new Set(["addRecipient", "markDelivered", "editSender"]);

/** Words that are message ids; of some options the further ones are arguments. */
export function idsOf(action: MessageAction, words: readonly string[]): readonly string[] {
  return TAKE_MORE.has(action) ? words.slice(0, 1) : words;
}

/** Undefined: an argument is missing, or it changes nothing. */
export function toAction(action: MessageAction, args: Pick<EximArguments, "rest" | "queueName">): QueueAction | undefined {
  const [, ...rest] = args.rest;
  switch (action) {
    case "deliver":
      return { kind: "deliver", force: true };
    case "deliverNow":
      return { kind: "deliver", force: false };
    case "freeze":
    case "thaw":
    case "remove":
    case "giveUp":
    case "markAll":
      return { kind: action };
    case "addRecipient":
      return rest.length === 0 ? undefined : { kind: "addRecipients", addresses: rest };
    case "markDelivered":
      return rest.length === 0 ? undefined : { kind: "markDelivered", addresses: rest };
    case "editSender":
      return rest[0] === undefined ? undefined : { kind: "editSender", sender: rest[0].replace(/^<(.*)>$/, "$1") };
    case "setQueue":
      return { kind: "setQueue", queueName: args.queueName ?? "" };
    default:
      return undefined;
  }
}

/** Prints the outcome as Exim does; the exit code. */
export function tellResult({ stdout }: Pick<CommandContext, "stdout">, id: string, action: MessageAction, result: ActionResult): number {
  if (result.kind === "done") {
    if (result.note !== undefined) stdout.write(`Message ${id} ${result.note}\n`);
    return 0;
  }
  if (action === "deliver" || action === "deliverNow") return 1;
  const gone = `Message ${id} does not exist: No such file or directory\n`;
  stdout.write(
    result.kind === "unchanged" ? `Message ${id} ${result.message}\n` : result.kind === "busy" ? `Message ${id} is locked\n` : gone,
  );
  return 1;
}
