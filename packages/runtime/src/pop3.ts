/**
 * POP3 over the same users and mailboxes as SMTP: passwords of the `users` file, the mailbox found by routing the user's
 * address and asking the transport where it files.
 */
import { openUserStore } from "@mailkit/auths";
import type { MailboxOpened, Pop3Deps } from "@mailkit/pop3d";
import type { HelperPool } from "@mailkit/transports";
import { TLSSocket } from "node:tls";
import type { SecureContext } from "node:tls";
import type { Socket } from "node:net";
import type { Engine } from "./engine.ts";
import { openAsUser, openHere } from "./mailbox-calls.ts";
import { locateMailbox } from "./mailbox-location.ts";
import type { LocatedMailbox } from "./mailbox-location.ts";
import type { MailLogs } from "./logs.ts";
import { makeSecureContext } from "./tls.ts";
import { usersFile } from "./users.ts";

const IDLE = 600_000;

export function pop3Deps(engine: Engine, logs: MailLogs, helpers: HelperPool | undefined): Pop3Deps {
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
    openMailbox: async (user) => {
      const found = await locateMailbox(engine, user);
      return "location" in found ? open(found, helpers) : { ok: false, code: "SYS/TEMP", ...found };
    },
    startTls: context === undefined ? undefined : (socket) => handshake(socket, context()),
    log: (line) => logs.main(line),
    idleTimeout: IDLE,
  };
}

/** Under the uid that its deliveries run under: here when that is ours, else in a helper. */
async function open({ identity, location }: LocatedMailbox, helpers: HelperPool | undefined): Promise<MailboxOpened> {
  if (helpers === undefined || identity === undefined || identity.uid === process.getuid?.()) return openHere(location);
  if (identity.uid === 0) return { ok: false, code: "SYS/TEMP", text: "root has no mailbox here" };
  return openAsUser(helpers, identity, location);
}

function handshake(socket: Socket, secureContext: SecureContext): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secured = new TLSSocket(socket, { isServer: true, secureContext });
    secured.once("secure", () => resolve(secured));
    secured.once("error", reject);
  });
}
