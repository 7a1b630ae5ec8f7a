/**
 * POP3 over the same users and mailboxes as SMTP: passwords of the `users` file, the mailbox found by routing the user's
 * address and asking the transport where it files.
 */
import { openUserStore } from "@mailkit/auths";
import type { MailboxLocation, MailboxOpened, Pop3Deps } from "@mailkit/pop3d";
import { openMaildir, openMbox } from "@mailkit/pop3d";
import { createSecureContext, TLSSocket } from "node:tls";
import type { Socket } from "node:net";
import type { Engine } from "./engine.ts";
import { locateMailbox } from "./mailbox-location.ts";
import type { MailLogs } from "./logs.ts";
import { makeSecureContext } from "./tls.ts";
import { usersFile } from "./users.ts";

const IDLE = 600_000;

export function pop3Deps(engine: Engine, logs: MailLogs): Pop3Deps {
  const context = makeSecureContext(engine);
  const users = openUserStore(usersFile(engine));
  return {
    hostname: engine.config.main.text("primary_hostname") ?? engine.machine.hostname,
    authenticate: async (user, password) => {
      try {
        return { ok: await users.verify(user, password) };
      } catch (error) {
        logs.panic(`pop3: users file: ${(error as Error).message}`);
        return { ok: false, trouble: (error as Error).message };
      }
    },
    openMailbox: async (user) => open(await locateMailbox(engine, user)),
    startTls: context === undefined ? undefined : (socket) => handshake(socket, context()),
    log: (line) => logs.main(line),
    idleTimeout: IDLE,
  };
}

function open(location: MailboxLocation | string): Promise<MailboxOpened> | MailboxOpened {
  if (typeof location === "string") return { ok: false, code: "SYS/TEMP", text: location };
  return location.kind === "maildir" ? openMaildir(location.path) : openMbox(location.path);
}

function handshake(socket: Socket, secureContext: ReturnType<typeof createSecureContext>): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secured = new TLSSocket(socket, { isServer: true, secureContext });
    secured.once("secure", () => resolve(secured));
    secured.once("error", reject);
  });
}
