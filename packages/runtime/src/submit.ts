/** Messages that mailkit writes itself: bounces, warnings, autoreplies. They go the way of any local message. */
import type { NewLocalMessage } from "@mailkit/sdk";
import { receiveLocal } from "@mailkit/smtpd";
import { callerByUid } from "./callers.ts";
import type { Mailroom } from "./mailroom.ts";

/** Resolves with the id when the message is durable; `causedBy` is shown as `R=` in the log. */
export async function submitLocally(room: Mailroom, message: NewLocalMessage, causedBy: string): Promise<string> {
  const { machine, config } = room.engine;
  // Bounces may be authenticated as somebody (manual, option bounce_sender_authentication).
  const authenticatedSender = message.sender === "" ? config.main.text("bounce_sender_authentication") : undefined;
  const { uid, gid } = message.identity ?? { uid: machine.eximUid, gid: machine.eximGid };
  const caller = await callerByUid(room.engine, uid, gid);
  const result = await receiveLocal(room.smtpd, {
    input: once(Buffer.from(message.text, "latin1")),
    caller,
    facts: { ident: caller.login },
    // Whoever may choose the sender, and does, gives no name with it.
    fullName: caller.trusted ? "" : caller.fullName,
    trusted: caller.trusted,
    sender: message.sender,
    recipients: message.recipients,
    extract: false,
    dotEnds: false,
    errors: "stderr",
    ...(authenticatedSender === undefined || authenticatedSender === "" ? {} : { authenticatedSender }),
    ...(causedBy === "" ? {} : { reference: causedBy }),
  });
  if (result.kind !== "failed") return result.id;
  throw new Error(`a message of mailkit's own was not accepted: ${result.text}`);
}

async function* once(octets: Buffer): AsyncGenerator<Buffer> {
  yield octets;
}
