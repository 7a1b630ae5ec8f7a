/** Submissions from `drop/`: the owner of the file is the caller, whatever stands in it. */
import { collectDrop } from "@mailkit/spool";
import type { DroppedMessage } from "@mailkit/spool";
import { receiveLocal } from "@mailkit/smtpd";
import { callerByUid } from "./callers.ts";
import type { Mailroom } from "./mailroom.ts";

const DEFAULT_LIMIT = 52_428_800;

export async function collectDropped(room: Mailroom, directory: string): Promise<number> {
  const { engine, logs } = room;
  return collectDrop({
    directory,
    maxSize: engine.config.main.number("message_size_limit") || DEFAULT_LIMIT,
    now: engine.services.clock.now(),
    take: (dropped) => take(room, dropped),
    refuse: (refusal) => logs.panic(`drop: ${refusal.file} refused: ${refusal.reason}`),
  });
}

async function take(room: Mailroom, dropped: DroppedMessage): Promise<void> {
  const { request } = dropped;
  const options = request.options ?? {};
  const caller = await callerByUid(room.engine, dropped.uid, dropped.gid);
  const sender = typeof options["sender"] === "string" ? options["sender"] : request.sender;
  const result = await receiveLocal(room.smtpd, {
    input: once(dropped.message),
    caller,
    facts: { ident: caller.login },
    fullName: typeof options["fullName"] === "string" ? options["fullName"] : caller.fullName,
    trusted: caller.trusted,
    ...(sender === undefined ? {} : { sender: sender.replace(/^<(.*)>$/, "$1") }),
    recipients: request.recipients,
    extract: options["extract"] === true,
    dotEnds: options["dotEnds"] === true,
    errors: "mail",
  });
  if (result.kind === "failed" && !result.mailed) room.logs.main(`submission of ${caller.login} in drop/ was not taken: ${result.text}`);
  dropped.done();
}

async function* once(octets: Buffer): AsyncGenerator<Buffer> {
  yield octets;
}
