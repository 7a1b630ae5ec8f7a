/** All commands, in the order of the help. */
import type { CommandSpec } from "../command.ts";
import { check } from "./check.ts";
import { completionsCommand } from "./completions.ts";
import { dns } from "./dns.ts";
import { expand } from "./expand.ts";
import { explain } from "./explain.ts";
import { fmt } from "./fmt.ts";
import { info } from "./info.ts";
import { init } from "./init.ts";
import { lint } from "./lint.ts";
import { log } from "./log.ts";
import { pluginCommands } from "./plugins.ts";
import { probe } from "./probe.ts";
import { queueCommands } from "./queue.ts";
import { queueEdit } from "./queue-edit.ts";
import { queueExport, queueImport } from "./queue-files.ts";
import { retry } from "./retry.ts";
import { rewrite } from "./rewrite.ts";
import { route } from "./route.ts";
import { send } from "./send.ts";
import { serve } from "./serve.ts";
import { session } from "./session.ts";
import { spoolVerify } from "./spool.ts";
import { stats } from "./stats.ts";
import { userCommands } from "./user.ts";
import { verify } from "./verify.ts";

export const COMMAND_TABLE: readonly CommandSpec[] = [
  serve,
  init,
  info,
  check,
  lint,
  fmt,
  route,
  verify,
  session,
  expand,
  rewrite,
  retry,
  dns,
  ...queueCommands,
  queueEdit,
  queueExport,
  queueImport,
  spoolVerify,
  explain,
  log,
  stats,
  send,
  probe,
  ...userCommands,
  ...pluginCommands,
  completionsCommand(() => COMMAND_TABLE),
];
