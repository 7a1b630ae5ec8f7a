/** Reception that stores nothing, for `-bh` and `mailkit session`: the same machine and ACLs, a spool that forgets. */
import type { LogPort, SmtpdDeps } from "@mailkit/smtpd";
import { messageIds } from "@mailkit/message";
import type { Partition } from "@mailkit/spool";
import type { Engine } from "./engine.ts";
import { logSelectorOf } from "./logs.ts";
import { smtpdDeps } from "./smtpd-deps.ts";

export function hostCheckDeps(engine: Engine, log: (line: string) => void = () => {}): SmtpdDeps {
  const port: LogPort = { main: (line) => log(`LOG: ${line}`), reject: () => {}, panic: (line) => log(`LOG: PANIC ${line}`) };
  const unused = { stamp: () => "", fault: () => {}, reopen: () => {}, flush: () => {}, close: async () => {} };
  const newId = messageIds({ now: engine.services.clock.now, process: process.pid });
  const deps = smtpdDeps({
    engine,
    partition: undefined as unknown as Partition,
    logs: { ...port, panicOnly: port.panic, selector: logSelectorOf(engine), ...unused },
    newId,
    deliver: () => {},
    held: () => false,
    runQueue: undefined,
  });
  return {
    ...deps,
    spool: { newId, shortage: () => undefined, openBody: () => forgetful(), accept: async () => {} },
  };
}

function forgetful(): Awaited<ReturnType<SmtpdDeps["spool"]["openBody"]>> {
  const chunks: Buffer[] = [];
  return {
    write: (octets) => void chunks.push(octets),
    finish: () => {
      const bytes = Buffer.concat(chunks);
      return {
        size: bytes.length,
        bytes,
        read: async (start = 0, length = bytes.length) => bytes.subarray(start, start + length),
        chunks: async function* () {
          yield bytes;
        },
      };
    },
    discard: () => {},
  };
}
