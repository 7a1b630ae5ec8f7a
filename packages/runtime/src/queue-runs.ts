/** Queue runs as commands and the control socket ask for them: plain data, so that they can cross a socket. */
import type { QueueRun } from "@mailkit/delivery";
import { compileRegex, lower } from "@mailkit/sdk";
import type { MailLogs } from "./logs.ts";
import type { Mailroom } from "./mailroom.ts";

/** A part of an address, or a regular expression. */
export interface Selection {
  readonly text: string;
  readonly regex: boolean;
}

export interface QueueRunWish extends Omit<QueueRun, "matches" | "forceFirst"> {
  /** `-R`: an open recipient matches; `-S`: the sender does. */
  readonly recipient?: Selection;
  readonly sender?: Selection;
  readonly firstId?: string;
  readonly lastId?: string;
}

/** Lines around a run, as Exim writes them (log selector `queue_run`). */
export async function loggedRun(
  logs: Pick<MailLogs, "main" | "selector">,
  wish: QueueRunWish,
  work: () => Promise<number>,
): Promise<number> {
  const text = runText(wish);
  const log = logs.selector.has("queue_run") ? logs.main : () => {};
  log(`Start ${text}`);
  const tried = await work();
  log(`End ${text}`);
  return tried;
}

function runText(wish: QueueRunWish): string {
  const { twoPasses, firstOnly, thaw, force, localOnly, queueName = "" } = wish;
  const flags = `${twoPasses === true ? "q" : ""}${firstOnly === true ? "i" : ""}${thaw ? "ff" : force ? "f" : ""}${localOnly === true ? "l" : ""}`;
  const name = queueName === "" ? "" : `'${queueName}' `;
  const selected = (letter: string, selection: Selection | undefined): string =>
    selection === undefined ? "" : ` -${letter}${selection.regex ? "r" : ""} ${selection.text}`;
  return `${name}queue run: pid=${process.pid}${flags === "" ? "" : ` -q${flags}`}${selected("R", wish.recipient)}${selected("S", wish.sender)}`;
}

/** The first message that `-R` or `-S` chooses is tried whatever its retry times say. */
export function runQueue(room: Mailroom, wish: QueueRunWish): Promise<number> {
  const { recipient, sender, firstId, lastId, ...run } = wish;
  const ofRecipient = textTest(recipient);
  const ofSender = textTest(sender);
  return room.queue.run({
    ...run,
    ...(recipient === undefined && sender === undefined ? {} : { forceFirst: true }),
    matches: (message) =>
      (firstId === undefined || message.id >= firstId) &&
      (lastId === undefined || message.id <= lastId) &&
      ofSender(message.sender) &&
      message.recipients.some((address) => !message.done.has(address) && ofRecipient(address)),
  });
}

function textTest(selection: Selection | undefined): (text: string) => boolean {
  if (selection === undefined) return () => true;
  const wanted = lower(selection.text);
  if (!selection.regex) return (text) => lower(text).includes(wanted);
  const made = compileRegex(selection.text, { caseless: true });
  return made.ok ? (text) => made.regex.test(text) : () => false;
}
