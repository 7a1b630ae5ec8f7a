/** What was filed: messages of a Maildir or an mbox file, LF line ends. */
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { MailServer } from "./mailkit.ts";
import { until } from "./wait.ts";

/** Oldest first; none when there is no such mailbox. */
export function messagesIn(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  return statSync(path).isDirectory() ? maildirMessages(path) : mboxMessages(readFileSync(path, "latin1"));
}

/** Waits until a mailbox under a server's folder holds `count` messages. */
export function mailIn(server: Pick<MailServer, "folder" | "describe">, name: string, count = 1): Promise<readonly string[]> {
  const path = join(server.folder, name);
  return until(
    () => {
      const found = messagesIn(path);
      return found.length >= count ? found : undefined;
    },
    { what: `${count} messages in ${path}`, instead: () => `there are ${messagesIn(path).length}\n${server.describe()}` },
  );
}

function maildirMessages(path: string): string[] {
  return ["new", "cur"]
    .flatMap((part) => (existsSync(join(path, part)) ? readdirSync(join(path, part)).map((name) => join(path, part, name)) : []))
    .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)
    .map((file) => readFileSync(file, "latin1"));
}

/** Messages end with an empty line; "From " within one is quoted. */
function mboxMessages(text: string): string[] {
  return text
    .split(/^(?=From )/m)
    .filter((part) => part !== "")
    .map((part) => part.replace(/^From [^\n]*\n/, "").replace(/\n\n$/, "\n").replace(/^>From /gm, "From ")); // prettier-ignore
}
