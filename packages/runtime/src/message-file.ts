/** A message from a file, as facts for expansions and filters to look at (`-bem`, `-bf`, `expand --message`). */
import { parseHeaders } from "@mailkit/message";
import { newMessageFacts } from "@mailkit/sdk";
import type { MessageFacts } from "@mailkit/sdk";
import { readFileSync } from "node:fs";

const VISIBLE = 500;

export function readMessageFile(path: string, sender: string | undefined): MessageFacts {
  return messageFromText(readFileSync(path, "latin1"), sender);
}

/** A `From ` line of a mailbox at the start gives the sender, when none is given. */
export function messageFromText(text: string, sender: string | undefined): MessageFacts {
  const fromLine = /^From (\S+) .*\n/.exec(text);
  const rest = fromLine === null ? text : text.slice(fromLine[0].length);
  const parsed = parseHeaders(rest);
  const headers = parsed.headers;
  const body = parsed.kind === "ok" ? rest.slice(parsed.bodyStart) : "";
  const flat = body.replaceAll("\n", " ");
  return newMessageFacts({
    sender: sender ?? fromLine?.[1] ?? "",
    headers: [...headers],
    bodyStart: flat.slice(0, VISIBLE),
    bodyEnd: flat.slice(-VISIBLE),
    bodySize: body.length,
    bodyLines: body.split("\n").length - 1,
    bodyZeros: body.split("\0").length - 1,
    size: text.length,
    received: Date.now(),
  });
}
