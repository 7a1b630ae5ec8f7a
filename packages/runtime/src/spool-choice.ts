/** May this process write the spool, or does it leave a message in `drop/` for the daemon? */
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "./engine.ts";

export function chooseSpool(engine: Engine): "spool" | "drop" {
  const spool = engine.settings.text("spool_directory") as string;
  try {
    if (!existsSync(join(spool, "input"))) mkdirSync(join(spool, "input"), { recursive: true, mode: 0o750 });
    accessSync(join(spool, "input"), constants.W_OK | constants.X_OK);
    return "spool";
  } catch {
    return "drop";
  }
}
