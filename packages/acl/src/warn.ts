/** What a `warn` statement does when its conditions are true, or cannot be completed. Manual §"ACL verbs". */
import { hookName, receivesMessage } from "./hooks.ts";
import { type Run, writeLog } from "./run.ts";

/** Lines that have been logged for this message already: an identical one is not repeated. */
const LOGGED = "acl warnings logged";

/** Always goes on with the next statement. */
export function warn(run: Run, result: "yes" | "defer", addHeaders?: (run: Run, text: string) => void): undefined {
  const { host, hook } = run.context;
  if (result === "defer") {
    if (host.logs("acl_warn_skipped")) {
      const why = run.logMessage === undefined ? "" : `: ${run.logMessage}`;
      writeLog(run, { to: ["main"], text: `Warning: ACL "warn" statement skipped: condition test deferred${why}`, withHost: true });
    }
  } else {
    if (run.userMessage !== undefined) {
      if (receivesMessage(hook)) addHeaders?.(run, run.userMessage);
      else
        writeLog(run, {
          to: ["main", "panic"],
          text: `ACL "warn" with "message" setting found in a non-message (${hookName(hook)}) ACL: cannot specify header lines here: message ignored`,
          withHost: false,
        });
    }
    if (run.logMessage !== undefined) logOnce(run, run.logMessage);
  }
  run.userMessage = undefined;
  run.logMessage = undefined;
  return undefined;
}

function logOnce(run: Run, text: string): void {
  const { listCache } = run.context.message;
  let logged = listCache.get(LOGGED) as Set<string> | undefined;
  if (logged === undefined) listCache.set(LOGGED, (logged = new Set()));
  if (logged.has(text)) return;
  logged.add(text);
  writeLog(run, { to: ["main"], text: `Warning: ${text}`, withHost: true });
}
