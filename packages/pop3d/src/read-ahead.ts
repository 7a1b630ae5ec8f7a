/** A client takes message after message: the next one is read while this one is on its way. */
import type { Mailbox } from "./mailbox.ts";

/** Octets that one session holds in advance at most. */
const LARGEST_AHEAD = 256 * 1024;

export function readingAhead(mailbox: Mailbox): Mailbox {
  let ahead: { readonly index: number; readonly octets: Promise<Buffer> } | undefined;
  const prepare = (index: number): void => {
    const next = mailbox.messages[index];
    ahead = undefined;
    if (next === undefined || next.size > LARGEST_AHEAD) return;
    const octets = mailbox.read(index, undefined);
    // A fault is told when the message is asked for; then it is tried again.
    octets.catch(() => {});
    ahead = { index, octets };
  };
  return {
    messages: mailbox.messages,
    async read(index, lines) {
      if (lines !== undefined) return mailbox.read(index, lines);
      const ready = ahead?.index === index ? ahead.octets : undefined;
      const octets = await (ready === undefined ? mailbox.read(index, undefined) : ready.catch(() => mailbox.read(index, undefined)));
      prepare(index + 1);
      return octets;
    },
    async update(deleted, retrieved) {
      await settled();
      return mailbox.update(deleted, retrieved);
    },
    async release() {
      await settled();
      await mailbox.release();
    },
  };

  async function settled(): Promise<void> {
    await ahead?.octets.catch(() => {});
    ahead = undefined;
  }
}
