/** Everything that there is to fuzz, by name. */
import { config } from "./config.ts";
import { control } from "./control.ts";
import { segment } from "./segment.ts";
import type { FuzzTarget } from "./target.ts";

export const TARGETS: readonly FuzzTarget[] = [segment, control, config];
