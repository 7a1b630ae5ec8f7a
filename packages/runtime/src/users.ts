/** Where mailkit's own users are: `MAILKIT_USERS`, else a file `users` beside the spool of the configuration. */
import { dirname, join } from "node:path";
import type { Engine } from "./engine.ts";

export function usersFile(engine: Engine, env: NodeJS.ProcessEnv = process.env): string {
  if (env.MAILKIT_USERS !== undefined) return env.MAILKIT_USERS;
  const spool = engine.settings.text("spool_directory") ?? "/var/spool/mailkit";
  return join(dirname(spool), "users");
}
