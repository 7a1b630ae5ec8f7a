/** All commands, in the order of the help. */
import type { CommandSpec } from "../command.ts";
import { check } from "./check.ts";
import { expand } from "./expand.ts";
import { explain } from "./explain.ts";
import { log } from "./log.ts";
import { probe } from "./probe.ts";
import { queueCommands } from "./queue.ts";
import { route } from "./route.ts";
import { send } from "./send.ts";
import { serve } from "./serve.ts";
import { session } from "./session.ts";

export const COMMAND_TABLE: readonly CommandSpec[] = [serve, check, route, session, expand, ...queueCommands, explain, log, send, probe];
