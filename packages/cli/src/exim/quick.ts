/**
 * `-bp`, `-bpc`, and `-M` options that change messages, without the engine: where the configuration says plainly where the
 * spool is, and a running server, or the segments, tell the rest. Monitoring calls these every minute.
 */
import { actAmongHolders, countMessages } from "@mailkit/runtime";
import { isMessageId } from "@mailkit/message";

import { userInfo } from "node:os";
import type { CommandContext } from "../command.ts";
import { peekSpool } from "../peek-spool.ts";
import type { EximArguments, MessageAction } from "./argument-types.ts";
import { parseEximArguments } from "./arguments.ts";
import { rawArguments } from "./raw-arguments.ts";
import { idsOf, printQueue, tellResult, toAction } from "./queue-words.ts";

/** The exit code; undefined: this call needs the engine. */
export async function quickQueue(context: CommandContext, program: string, argv: readonly string[]): Promise<number | undefined> {
  const parsed = parseEximArguments(program, rawArguments(argv));
  if (!parsed.ok || parsed.arguments.debug !== undefined) return undefined;
  const args = parsed.arguments;
  const { mode } = args;
  if (mode.kind !== "queueList" && mode.kind !== "queueCount" && mode.kind !== "message") return undefined;
  const spool = peekSpool(context, {
    config: args.config,
    defines: args.defines.map(([name, value]) => `${name}=${value}`),
    system: true,
  });
  if (spool === undefined) return undefined;
  const isRoot = process.getuid?.() === 0;
  if (mode.kind === "message") return isRoot ? changeMessages(context, { spool: spool.directory, action: mode.action, args }) : undefined;
  if (mode.kind === "queueList" && !spool.anybodyLists && !isRoot) return undefined;
  if (mode.kind === "queueList") await printQueue(context, spool.directory, args);
  else context.stdout.write(`${await countMessages(spool.directory)}\n`);
  return 0;
}

interface Change {
  readonly spool: string;
  readonly action: MessageAction;
  readonly args: EximArguments;
}

/** Only by asking running servers: who changes a partition that nobody holds has to open it. */
async function changeMessages(context: CommandContext, { spool, action, args }: Change): Promise<number | undefined> {
  const asked = toAction(action, args);
  const ids = idsOf(action, args.rest);
  if (asked === undefined || ids.length === 0 || !ids.every(isMessageId)) return undefined;
  const act = await actAmongHolders(spool);
  if (act === undefined) return undefined;
  let code = 0;
  for (const id of ids) code = Math.max(code, tellResult(context, id, action, await act(id, asked, userInfo().username)));
  return code;
}
