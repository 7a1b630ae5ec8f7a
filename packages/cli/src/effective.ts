/** The effective configuration: every setting as it counts, with the place it comes from. */
import { show } from "@mailkit/config";
import type { Engine } from "@mailkit/runtime";

export function effectiveText(engine: Engine): string {
  return show(engine.config, ["config"], { admin: true })
    .lines.map((line) => `${line}\n`)
    .join("");
}
