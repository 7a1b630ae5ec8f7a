/**
 * A mailbox of another user: opened, read and changed by a helper that runs under that user's uid, call by call. The two
 * halves stand here side by side: `mailboxCalls` is what the helper does, `openAsUser` is what the worker sees of it.
 */
import { openMaildir, openMbox } from "@mailkit/pop3d";
import type { Mailbox, MailboxLocation, MailboxOpened } from "@mailkit/pop3d";
import type { Identity } from "@mailkit/sdk";
import type { HelperAnswer, HelperCalls, HelperPool } from "@mailkit/transports";

export function openHere(location: MailboxLocation): Promise<MailboxOpened> {
  return location.kind === "maildir" ? openMaildir(location.path) : openMbox(location.path);
}

interface OpenArgs {
  readonly location: MailboxLocation;
}
interface ReadArgs {
  readonly box: number;
  readonly index: number;
  readonly lines?: number;
}
interface UpdateArgs {
  readonly box: number;
  readonly deleted: readonly number[];
  readonly retrieved: readonly number[];
}

export function mailboxCalls(): HelperCalls {
  const open = new Map<number, Mailbox>();
  let next = 1;
  const box = (number: number): Mailbox => {
    const found = open.get(number);
    if (found === undefined) throw new Error("the mailbox is not open");
    return found;
  };
  const calls: Record<string, (args: never) => Promise<HelperAnswer>> = {
    "mailbox.open": async ({ location }: OpenArgs) => {
      const opened = await openHere(location);
      if (!opened.ok) return { value: opened };
      const number = next++;
      open.set(number, opened.mailbox);
      return { value: { ok: true, box: number, messages: opened.mailbox.messages } };
    },
    "mailbox.read": async ({ box: number, index, lines }: ReadArgs) => ({ octets: await box(number).read(index, lines) }),
    "mailbox.update": async ({ box: number, deleted, retrieved }: UpdateArgs) => ({ value: await box(number).update(deleted, retrieved) }),
    "mailbox.release": async ({ box: number }: { box: number }) => {
      await open.get(number)?.release();
      open.delete(number);
      return {};
    },
  };
  return new Map(Object.entries(calls)) as unknown as HelperCalls;
}

export async function openAsUser(helpers: HelperPool, identity: Identity, location: MailboxLocation): Promise<MailboxOpened> {
  const lease = helpers.lease(identity);
  try {
    const { value } = await lease.call("mailbox.open", { location });
    const opened = value as { ok: true; box: number; messages: Mailbox["messages"] } | Extract<MailboxOpened, { ok: false }>;
    if (!opened.ok) {
      lease.release();
      return opened;
    }
    const { box, messages } = opened;
    return {
      ok: true,
      mailbox: {
        messages,
        read: async (index, lines) => (await lease.call("mailbox.read", { box, index, lines })).octets as Buffer,
        update: async (deleted, retrieved) => (await lease.call("mailbox.update", { box, deleted, retrieved })).value as number,
        release: async () => {
          await lease.call("mailbox.release", { box }).catch(() => {});
          lease.release();
        },
      },
    };
  } catch (error) {
    lease.release();
    return { ok: false, code: "SYS/TEMP", text: `the mailbox cannot be opened: ${(error as Error).message}` };
  }
}
