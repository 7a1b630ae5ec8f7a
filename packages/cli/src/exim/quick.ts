/**
 * `-bp`, `-bpc` and their like without the engine, where the configuration says plainly where the spool is. Monitoring
 * calls these every minute, with long queues besides.
 */
import { itemsOf, readQueue } from "@mailkit/spool";
import { fromUnicode } from "@mailkit/sdk";
import type { CommandContext } from "../command.ts";
import { peekSpool } from "../peek-spool.ts";
import { parseEximArguments } from "./arguments.ts";
import { choiceOf, queueListing } from "./queue-text.ts";

/** The exit code; undefined: this call needs the engine. */
export function quickQueue(context: CommandContext, program: string, argv: readonly string[]): number | undefined {
  const parsed = parseEximArguments(program, argv.map(fromUnicode));
  if (!parsed.ok || parsed.arguments.debug !== undefined) return undefined;
  const args = parsed.arguments;
  const { mode } = args;
  if (mode.kind !== "queueList" && mode.kind !== "queueCount") return undefined;
  const spool = peekSpool(context, {
    config: args.config,
    defines: args.defines.map(([name, value]) => `${name}=${value}`),
    system: true,
  });
  if (spool === undefined) return undefined;
  if (mode.kind === "queueList" && !spool.anybodyLists && process.getuid?.() !== 0) return undefined;
  const scans = readQueue(spool.directory);
  if (mode.kind === "queueCount") context.stdout.write(`${scans.reduce((sum, scan) => sum + scan.count, 0)}\n`);
  else for (const text of queueListing(itemsOf(scans), choiceOf(args), mode, Date.now())) context.stdout.write(text, "latin1");
  return 0;
}
