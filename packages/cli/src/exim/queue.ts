/** Modes on waiting messages: -bp and its forms, -bpc, the -M family, -q, -R, -S. */
import type { EximMode, MessageAction, QueueRunRequest } from "./argument-types.ts";
import { countMessages, queueAccess } from "@mailkit/runtime";
import type { QueueRunWish } from "@mailkit/runtime";
import { isMessageId, printHeaders } from "@mailkit/message";
import { eximHeaderFile } from "@mailkit/spool";
import type { Face } from "./face.ts";
import { deliveryHelpers } from "../helpers.ts";
import { idsOf, printQueue, tellResult, toAction } from "./queue-words.ts";

type ListMode = Extract<EximMode, { kind: "queueList" }>;

export async function listQueue(face: Face, mode: ListMode | "count"): Promise<number> {
  const { context, engine, caller, args } = face;
  const spool = engine.settings.text("spool_directory") as string;
  if (mode === "count") {
    context.stdout.write(`${await countMessages(spool)}\n`);
    return 0;
  }
  if (!caller.admin && engine.config.main.flag("queue_list_requires_admin")) {
    context.stderr.write("exim: permission denied\n");
    return 1;
  }
  await printQueue(context, spool, args);
  return 0;
}

/** Actions that change nothing: what they show. */
type Shown = Extract<MessageAction, "showHeader" | "showBody" | "showLog" | "showCopy">;
const SHOWN: ReadonlySet<MessageAction> = new Set(["showHeader", "showBody", "showLog", "showCopy"]);

export async function messageAction(face: Face, action: MessageAction): Promise<number> {
  const { context, args, caller } = face;
  if (!caller.admin && !caller.trusted) {
    context.stderr.write("exim: permission denied\n");
    return 1;
  }
  const ids = idsOf(action, args.rest);
  const malformed = ids.find((id) => !isMessageId(id));
  if (malformed !== undefined || ids.length === 0) {
    context.stderr.write(`exim: malformed message id ${malformed ?? ""} after -M option\n`);
    return 1;
  }
  let code = 0;
  for (const id of ids)
    code = Math.max(code, SHOWN.has(action) ? await showMessage(face, id, action as Shown) : await changeMessage(face, id, action));
  return code;
}

async function changeMessage(face: Face, id: string, action: MessageAction): Promise<number> {
  const { context, args, engine, caller } = face;
  const asked = toAction(action, args);
  if (asked === undefined) {
    context.stderr.write("exim: this -M option needs an argument\n");
    return 1;
  }
  return tellResult(context, id, action, await queueAccess(engine, { helpers: deliveryHelpers(engine) }).act(id, asked, caller.login));
}

async function showMessage(face: Face, id: string, what: Shown): Promise<number> {
  const { context, engine } = face;
  const access = queueAccess(engine);
  const message = await access.get(id);
  if (message === undefined) {
    context.stderr.write(`exim: message ${id} not found\n`);
    return 1;
  }
  switch (what) {
    case "showHeader":
      context.stdout.write(Buffer.from(eximHeaderFile(message), "latin1"));
      return 0;
    case "showBody":
      context.stdout.write(Buffer.concat([Buffer.from(`${id}-D\n`), await message.body.read()]));
      return 0;
    case "showLog":
      context.stdout.write(Buffer.from((await access.log(id)).map((line) => `${line}\n`).join(""), "latin1"));
      return 0;
    case "showCopy":
      context.stdout.write(Buffer.from(`${printHeaders(message.headers)}\n`, "latin1"));
      context.stdout.write(await message.body.read());
      return 0;
  }
}

export async function runQueueOnce(face: Face): Promise<number> {
  const { args, caller, context, engine } = face;
  if (!caller.admin && engine.config.main.flag("prod_requires_admin")) {
    context.stderr.write("exim: Permission denied\n");
    return 1;
  }
  // A queue runner of Exim works on one message after the other.
  await queueAccess(engine, { helpers: deliveryHelpers(engine), slots: 1 }).run(runWish(args.queueRun as QueueRunRequest));
  return 0;
}

export function runWish(request: QueueRunRequest): QueueRunWish {
  return {
    force: request.force,
    thaw: request.forceFrozen,
    queueName: request.queueName,
    ...(request.initialOnly ? { firstOnly: true } : {}),
    ...(request.localOnly ? { localOnly: true } : {}),
    ...(request.firstPass ? { twoPasses: true } : {}),
    ...(request.recipient === undefined ? {} : { recipient: request.recipient }),
    ...(request.sender === undefined ? {} : { sender: request.sender }),
    ...(request.firstId === undefined ? {} : { firstId: request.firstId }),
    ...(request.lastId === undefined ? {} : { lastId: request.lastId }),
  };
}
