/** Submissions from `drop/`: the owner of the file is the caller, whatever stands in it. */
import { chain } from "@mailkit/sdk";
import { collectDrop } from "@mailkit/spool";
import type { DroppedMessage } from "@mailkit/spool";
import { receiveLocal } from "@mailkit/smtpd";
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
  const account = await chain(room.engine.services.accounts.byUid(dropped.uid), (found) => found);
  const login = account?.name ?? String(dropped.uid);
  const sender = typeof options["sender"] === "string" ? options["sender"] : request.sender;
  const result = await receiveLocal(room.smtpd, {
    input: once(dropped.message),
    caller: { login, uid: dropped.uid, gid: dropped.gid },
    fullName: typeof options["fullName"] === "string" ? options["fullName"] : (account?.gecos.split(",")[0] ?? ""),
    trusted: dropped.uid === 0 || room.engine.config.main.items("trusted_users").includes(login),
    ...(sender === undefined ? {} : { sender: sender.replace(/^<(.*)>$/, "$1") }),
    recipients: request.recipients,
    extract: options["extract"] === true,
    dotEnds: options["dotEnds"] === true,
    errors: "mail",
  });
  if (result.kind === "failed" && !result.mailed) room.logs.main(`submission of ${login} in drop/ was not taken: ${result.text}`);
  dropped.done();
}

async function* once(octets: Buffer): AsyncGenerator<Buffer> {
  yield octets;
}
