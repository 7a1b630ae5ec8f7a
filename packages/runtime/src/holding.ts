/**
 * Is mail that arrives now kept for a queue run? `queue_only`, and `queue_only_file` while one of its files is there:
 * `/path` keeps everything, `smtp/path` remote deliveries. Manual §"queue_only_file", §"queue_only_override".
 */
import { splitList } from "@mailkit/sdk";
import { existsSync } from "node:fs";
import type { Engine } from "./engine.ts";

export type Held = "all" | "remote" | undefined;

/** `chosen`: the command line said how to deliver (`-od..`), which beats `queue_only` unless `no_queue_only_override`; a file stays in force, as in Exim 4.96. */
export function heldNow({ config: { main } }: Engine, chosen: boolean): Held {
  if (main.flag("queue_only") && !(chosen && main.flag("queue_only_override"))) return "all";
  const found = splitList(main.text("queue_only_file") ?? "").items.filter((item) => existsSync(item.replace(/^smtp(?=\/)/, "")));
  if (found.some((item) => !item.startsWith("smtp"))) return "all";
  return found.length > 0 ? "remote" : undefined;
}
