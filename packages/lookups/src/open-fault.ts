/** Why a file could not be opened, in Exim's words: a refusal names who asked. */
import { errnoOf, strerror, type FileFault } from "@mailkit/sdk";

export function openFault(code: string): FileFault {
  const message = strerror(errnoOf(code));
  return { code, message: code === "EACCES" ? `${message} (euid=${process.geteuid?.() ?? 0} egid=${process.getegid?.() ?? 0})` : message };
}
