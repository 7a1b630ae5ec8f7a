/** Queue runs as commands and the control socket ask for them: plain data, so that they can cross a socket. */
import type { QueuedMessage, QueueRun } from "@mailkit/delivery";
import { compileRegex, lower } from "@mailkit/sdk";
import type { MailLogs } from "./logs.ts";
import type { Mailroom } from "./mailroom.ts";

export interface QueueRunWish extends Omit<QueueRun, "matches"> {
  /** `-R`, `-S`: a part of an open recipient's or the sender's address, or a regular expression. */
  readonly select?: { readonly field: "recipient" | "sender"; readonly text: string; readonly regex: boolean };
  readonly firstId?: string;
  readonly lastId?: string;
}

/** Lines around a run, as Exim writes them (log selector `queue_run`). */
export async function loggedRun(
  logs: Pick<MailLogs, "main" | "selector">,
  wish: QueueRunWish,
  work: () => Promise<number>,
): Promise<number> {
  const flags = `${wish.twoPasses === true ? "q" : ""}${wish.firstOnly === true ? "i" : ""}${wish.thaw ? "ff" : wish.force ? "f" : ""}${wish.localOnly === true ? "l" : ""}`;
  const { select } = wish;
  const only = select === undefined ? "" : ` -${select.field === "recipient" ? "R" : "S"}${select.regex ? "r" : ""} ${select.text}`;
  const text = `queue run: pid=${process.pid}${flags === "" ? "" : ` -q${flags}`}${only}`;
  const log = logs.selector.has("queue_run") ? logs.main : () => {};
  log(`Start ${text}`);
  const tried = await work();
  log(`End ${text}`);
  return tried;
}

export function runQueue(room: Mailroom, wish: QueueRunWish): Promise<number> {
  const { select, firstId, lastId, ...run } = wish;
  const chosen = selector(select);
  return room.queue.run({
    ...run,
    matches: (message) =>
      (firstId === undefined || message.id >= firstId) && (lastId === undefined || message.id <= lastId) && chosen(message),
  });
}

function selector(select: QueueRunWish["select"]): (message: QueuedMessage) => boolean {
  if (select === undefined) return () => true;
  const test = textTest(select);
  if (select.field === "sender") return (message) => test(message.sender);
  return (message) => message.recipients.some((recipient) => !message.done.has(recipient) && test(recipient));
}

function textTest(select: NonNullable<QueueRunWish["select"]>): (text: string) => boolean {
  const wanted = lower(select.text);
  if (!select.regex) return (text) => lower(text).includes(wanted);
  const made = compileRegex(select.text, { caseless: true });
  return made.ok ? (text) => made.regex.test(text) : () => false;
}
