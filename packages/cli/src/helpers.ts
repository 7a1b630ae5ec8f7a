/** Delivery helpers under other uids, for a process that is root itself (a command of root; workers ask the supervisor). */
import type { Engine } from "@mailkit/runtime";
import { newHelperPool, startHelperAsChild } from "@mailkit/transports";
import type { HelperPool } from "@mailkit/transports";
import { join } from "node:path";
import { selfCommand } from "./self.ts";

export function deliveryHelpers(engine: Engine): HelperPool | undefined {
  if (!engine.machine.isRoot) return undefined;
  return newHelperPool({
    directory: join(engine.settings.text("spool_directory") as string, "helpers"),
    start: startHelperAsChild([...selfCommand(), "__helper"]),
  });
}
