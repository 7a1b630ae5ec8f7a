/** The tools that people send and fetch mail with. */
import { join } from "node:path";
import type { MailServer } from "./mailkit.ts";
import { cleanEnvironment } from "./mailkit.ts";
import { run } from "./programs.ts";
import type { Ran } from "./programs.ts";
import { asTester, writeFiles } from "./temporary.ts";
import { PASSWORD } from "./users.ts";

export interface Letter {
  readonly from: string;
  readonly to: string | readonly string[];
  readonly subject?: string;
  readonly body?: string;
  readonly more?: readonly string[];
}

export function swaks(server: Pick<MailServer, "address" | "port">, letter: Letter): Promise<Ran> {
  const to = typeof letter.to === "string" ? letter.to : letter.to.join(",");
  return run("swaks", [
    "--server", server.address, "--port", String(server.port), "--from", letter.from, "--to", to, "--timeout", "30",
    "--header", `Subject: ${letter.subject ?? "test"}`, "--body", letter.body ?? "hello", ...(letter.more ?? []),
  ]); // prettier-ignore
}

/** curl as a mail client: submits a message with its header. */
export function curlSend(server: Pick<MailServer, "address" | "port">, letter: Letter): Promise<Ran> {
  const recipients = typeof letter.to === "string" ? [letter.to] : letter.to;
  const message = `From: ${letter.from}\r\nTo: ${recipients.join(", ")}\r\nSubject: ${letter.subject ?? "test"}\r\n\r\n${(letter.body ?? "hello").replaceAll("\n", "\r\n")}\r\n`;
  return run(
    "curl",
    ["-sS", "--max-time", "30", `smtp://${server.address}:${server.port}/client.test`, "--mail-from", letter.from === "" ? "<>" : letter.from]
      .concat(recipients.flatMap((address) => ["--mail-rcpt", address]), ["--upload-file", "-", ...(letter.more ?? [])]),
    { input: message },
  ); // prettier-ignore
}

/** curl over POP3: `path` is empty for the list, a number for a message. */
export function curlFetch(
  server: Pick<MailServer, "address" | "pop3Port">,
  user: string,
  path = "",
  more: readonly string[] = [],
): Promise<Ran> {
  return run("curl", [
    "-sS",
    "--max-time",
    "30",
    "-u",
    `${user}:${PASSWORD}`,
    `pop3://${server.address}:${server.pop3Port}/${path}`,
    ...more,
  ]);
}

/** fetchmail: everything into one mbox file of the server's folder, kept on the server or deleted. */
export async function fetchmail(server: MailServer, user: string, { keep }: { readonly keep: boolean }): Promise<Ran> {
  const into = join(server.folder, `fetched-${user}`);
  const control = [
    `poll ${server.address} protocol POP3 port ${server.pop3Port} uidl`,
    `  user "${user}" password "${PASSWORD}" ${keep ? "keep" : "no keep"} fetchall sslproto ""`,
    `  mda "cat >> ${into}"`,
    "",
  ].join("\n");
  writeFiles(server.folder, { [`fetchmailrc-${user}`]: control });
  await run("chmod", ["600", join(server.folder, `fetchmailrc-${user}`)]);
  return run(
    "fetchmail",
    ["--nodetach", "--nosyslog", "-v", "--fetchmailrc", join(server.folder, `fetchmailrc-${user}`), "--pidfile", join(server.folder, "fetchmail.pid"), "--idfile", join(server.folder, `fetchids-${user}`)],
    { ...asTester, env: cleanEnvironment({ HOME: server.folder, FETCHMAILHOME: server.folder }) },
  ); // prettier-ignore
}
