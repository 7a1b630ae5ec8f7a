import test from "ava";
import { stdioExitCode } from "./receive.ts";

test("-bs: a session that this side ended is no failure, one that broke is", (t) => {
  for (const how of ["quit", "acl-drop", "bad-commands"] as const) t.is(stdioExitCode(how), 0, how);
  for (const how of ["connection-lost", "synchronization-error", "command-timeout", "data-timeout"] as const)
    t.is(stdioExitCode(how), 1, how);
});
