/** All commands, in the order of the help. */
import type { CommandSpec } from "../command.ts";
import { check } from "./check.ts";
import { completionsCommand } from "./completions.ts";
import { expand } from "./expand.ts";
import { explain } from "./explain.ts";
import { info } from "./info.ts";
import { init } from "./init.ts";
import { log } from "./log.ts";
import { pluginCommands } from "./plugins.ts";
import { probe } from "./probe.ts";
import { queueCommands } from "./queue.ts";
import { queueEdit } from "./queue-edit.ts";
import { queueExport, queueImport } from "./queue-files.ts";
import { route } from "./route.ts";
import { send } from "./send.ts";
import { serve } from "./serve.ts";
import { session } from "./session.ts";
import { stats } from "./stats.ts";
import { userCommands } from "./user.ts";

export const COMMAND_TABLE: readonly CommandSpec[] = [
  serve,
  init,
  info,
  check,
  route,
  session,
  expand,
  ...queueCommands,
  queueEdit,
  queueExport,
  queueImport,
  explain,
  log,
  stats,
  send,
  probe,
  ...userCommands,
  ...pluginCommands,
  completionsCommand(() => COMMAND_TABLE),
];
