import type { Reporter } from "../reporter.ts";
import type { Configuration } from "../types.ts";

export type Trap = (configuration: Configuration, report: Reporter) => void;
