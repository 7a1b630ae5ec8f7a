import type { Severity } from "@mailkit/sdk";

/** What `docs/diagnostics.md` says of a code. Codes are permanent: a fault that goes away leaves its code unused. */
export interface CodeEntry {
  readonly severity: Severity;
  readonly title: string;
  readonly explanation: string;
  /** Lines of a configuration that have the fault. */
  readonly example: string;
}
