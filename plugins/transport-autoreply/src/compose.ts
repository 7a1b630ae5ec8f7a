/** The text of the reply: headers with In-Reply-To:, References: and Auto-Submitted:, body, the message itself. RFC 3834 §3.1. */
import { messageOctets, textOf, type LocalJob } from "@mailkit/sdk";
import type { Order } from "./plan.ts";

export async function composeReply(order: Order, job: LocalJob, fileText: string): Promise<string> {
  let text = order.headers;
  const ids = idsOf(job.message.headers, "message-id");
  if (ids.length > 0) text += `In-Reply-To: ${ids[0] ?? ""}\n`;
  const references = referencesFor(job.message.headers, ids);
  if (references.length > 0) text += `References: ${references.join("\n ")}\n`;
  text += `Auto-Submitted: auto-replied\n${order.moreHeaders}\n`;
  text += endLine(order.text) + endLine(fileText);
  return order.returnMessage ? text + (await copyOf(order, job)) : text;
}

/** First and last eleven ids (manual §"The autoreply transport"; RFC 5322 §3.6.4). */
function referencesFor(headers: string, own: readonly string[]): string[] {
  const older = idsOf(headers, "references");
  const before = older.length > 0 ? older : idsOf(headers, "in-reply-to");
  const all = [...before, ...own];
  return all.length > 12 ? [all[0] as string, ...all.slice(-11)] : all;
}

function idsOf(headers: string, name: string): string[] {
  const line = new RegExp(`^${name}[ \\t]*:((?:.*)(?:\\n[ \\t].*)*)`, "im").exec(headers);
  return line === null ? [] : ((line[1] as string).match(/<[^<> \t\r\n]{1,500}>/g) ?? []);
}

function endLine(text: string): string {
  return text === "" || text.endsWith("\n") ? text : text + "\n";
}

async function copyOf(order: Order, job: LocalJob): Promise<string> {
  const { body } = job.message;
  const limit = order.returnSizeLimit;
  const cut = limit > 0 && body.size > limit;
  let text = "\n------ This is a copy of the message, including all the headers.\n";
  if (cut) {
    text += `------ The body of the message is ${body.size} characters long; only the first\n------ ${limit} or so are included here.\n`;
  }
  text += "\n";
  const most = cut ? job.message.headers.length + 1 + limit : Infinity;
  let copied = 0;
  for await (const octets of messageOctets(job.message, {}, [])) {
    const part = textOf(octets).slice(0, Math.max(0, most - copied));
    text += part;
    copied += part.length;
    if (copied >= most) break;
  }
  return endLine(text);
}
