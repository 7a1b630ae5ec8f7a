/** Delivery helpers under other uids, for a process that is root itself (a command of root; workers ask the supervisor). */
import type { Engine, PluginFolder } from "@mailkit/runtime";
import { newHelperPool, startHelperAsChild } from "@mailkit/transports";
import type { HelperPool } from "@mailkit/transports";
import { join } from "node:path";
import { selfCommand } from "./self.ts";

/** What is allowed to run, as it crosses to other processes. */
export interface WirePlugins {
  readonly folder: string;
  readonly allowed: readonly string[];
}

export function pluginsToWire(plugins: PluginFolder | undefined): WirePlugins | undefined {
  return plugins === undefined ? undefined : { folder: plugins.folder, allowed: [...plugins.allowed] };
}

export function pluginsFromWire({ folder, allowed }: WirePlugins): PluginFolder {
  return { folder, allowed: new Set(allowed) };
}

export function helperCommand(engine: Engine): readonly string[] {
  return [...selfCommand(), "__helper", JSON.stringify(pluginsToWire(engine.plugins) ?? null)];
}

export function deliveryHelpers(engine: Engine): HelperPool | undefined {
  if (!engine.machine.isRoot) return undefined;
  const pool = newHelperPool({
    directory: join(engine.settings.text("spool_directory") as string, "helpers"),
    start: startHelperAsChild(helperCommand(engine)),
  });
  // Idle helpers would keep a short command alive.
  engine.atClose(() => pool.close());
  return pool;
}
