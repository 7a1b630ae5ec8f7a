/**
 * What can be done to messages that wait, by whoever holds their partition: the same code behind the control socket of a
 * running worker and a command that opened the partition itself. Log lines are Exim's (manual §"-M options").
 */
import type { DeliveryEnd } from "@mailkit/delivery";
import type { Progress } from "@mailkit/sdk";
import type { Mailroom } from "./mailroom.ts";

export type QueueAction =
  | { readonly kind: "remove" }
  | { readonly kind: "freeze" }
  | { readonly kind: "thaw" }
  | { readonly kind: "deliver"; readonly force: boolean }
  | { readonly kind: "giveUp" }
  | { readonly kind: "addRecipients"; readonly addresses: readonly string[] }
  | { readonly kind: "markDelivered"; readonly addresses: readonly string[] }
  | { readonly kind: "markAll" }
  | { readonly kind: "editSender"; readonly sender: string }
  | { readonly kind: "setQueue"; readonly queueName: string };

export type ActionResult =
  | { readonly kind: "done"; readonly end?: DeliveryEnd; readonly note?: string }
  | { readonly kind: "gone" | "busy" | "unchanged"; readonly message: string };

export async function actOn(room: Mailroom, id: string, action: QueueAction, by: string): Promise<ActionResult> {
  const { partition, queue } = room;
  if (!partition.has(id)) return { kind: "gone", message: `message ${id} is not in the queue` };
  if (queue.isBusy(id)) return { kind: "busy", message: `message ${id} is locked: it is being delivered` };
  switch (action.kind) {
    case "remove":
      room.logs.main(`${id} removed by ${by}`);
      await partition.record(id, [], { last: true });
      room.logs.main(`${id} Completed`);
      return { kind: "done", note: "has been removed" };
    case "deliver":
      return delivered(await room.deliver(id, { cause: "request", force: action.force, thaw: action.force }), id);
    case "giveUp":
      room.logs.main(`${id} cancelled by ${by}`);
      return delivered(
        await room.deliver(id, {
          cause: "request",
          force: true,
          thaw: true,
          giveUp: "delivery cancelled by administrator",
          cancelled: true,
        }),
        id,
      );
    default:
      return change(room, id, action, by);
  }
}

function delivered(end: DeliveryEnd | undefined, id: string): ActionResult {
  return end === undefined ? { kind: "busy", message: `message ${id} is locked: it is being delivered` } : { kind: "done", end };
}

type Change = Exclude<QueueAction, { kind: "remove" | "deliver" | "giveUp" }>;

async function change(room: Mailroom, id: string, action: Change, by: string): Promise<ActionResult> {
  const message = await room.partition.get(id);
  if (message === undefined) return { kind: "gone", message: `message ${id} is not in the queue` };
  const { envelope, state } = message;
  const open = envelope.recipients.filter((recipient) => !state.done.has(recipient.address));
  const now = room.engine.services.clock.now();
  const record = async (progress: Progress, line: string, note: string): Promise<ActionResult> => {
    await room.partition.record(id, [progress]);
    room.logs.main(`${id} ${line}`);
    return { kind: "done", note };
  };
  switch (action.kind) {
    case "freeze":
      if (state.frozen !== undefined) return { kind: "unchanged", message: "is already frozen" };
      return record({ kind: "freeze", at: now, why: `by ${by}` }, `frozen by ${by}`, "is now frozen");
    case "thaw":
      if (state.frozen === undefined) return { kind: "unchanged", message: "is not frozen" };
      return record({ kind: "thaw", manual: true }, `unfrozen by ${by}`, "is no longer frozen");
    case "addRecipients": {
      const added = action.addresses.map((address) => ({ address }));
      await room.partition.record(id, [{ kind: "recipients", recipients: [...envelope.recipients, ...added] }]);
      for (const address of action.addresses) room.logs.main(`${id} recipient <${address}> added by ${by}`);
      return { kind: "done", note: "has been modified" };
    }
    case "markDelivered":
      return markDelivered(
        room,
        id,
        action.addresses.filter((address) => open.some((recipient) => recipient.address === address)),
        by,
      );
    case "markAll":
      return markDelivered(
        room,
        id,
        open.map((recipient) => recipient.address),
        by,
      );
    case "editSender":
      return record(
        { kind: "sender", sender: action.sender },
        `sender address changed to <${action.sender}> by ${by}`,
        "has been modified",
      );
    case "setQueue":
      return record({ kind: "queue", queueName: action.queueName }, `moved to queue "${action.queueName}" by ${by}`, "has been moved");
  }
}

async function markDelivered(room: Mailroom, id: string, addresses: readonly string[], by: string): Promise<ActionResult> {
  if (addresses.length === 0) return { kind: "unchanged", message: "has no such recipient" };
  const message = await room.partition.get(id);
  const left = (message?.envelope.recipients ?? []).filter((r) => !message?.state.done.has(r.address) && !addresses.includes(r.address));
  for (const address of addresses) room.logs.main(`${id} delivery to <${address}> marked by ${by}`);
  await room.partition.record(id, [{ kind: "done", addresses }], left.length === 0 ? { last: true } : {});
  if (left.length === 0) room.logs.main(`${id} Completed`);
  return { kind: "done", note: "has been modified" };
}
