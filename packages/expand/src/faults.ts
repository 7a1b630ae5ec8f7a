/** Faults of files and sockets in the words of the C library, which Exim's messages have. */
import { errnoOf, strerror } from "@mailkit/sdk";
import type { FileFault } from "@mailkit/sdk";

export function faultText(fault: FileFault): string {
  const errno = errnoOf(fault.code);
  return errno === 0 ? fault.message : strerror(errno);
}

/** From a message that may name the code somewhere: `connect ECONNREFUSED 127.0.0.1:3`. */
export function messageText(message: string): string {
  const code = /\bE[A-Z0-9]{2,}\b/.exec(message)?.[0];
  const errno = errnoOf(code);
  return errno === 0 ? message : strerror(errno);
}
