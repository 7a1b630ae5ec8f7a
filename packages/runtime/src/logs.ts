/** The three logs of the configuration, opened for one process. */
import type { HeaderLine } from "@mailkit/sdk";
import { openLogWriter, parseLogSelector } from "@mailkit/logs";
import type { Engine } from "./engine.ts";

export interface MailLogs {
  main(line: string): void;
  reject(line: string, headers?: readonly HeaderLine[]): void;
  panic(line: string): void;
  readonly selector: ReadonlySet<string>;
  /** Date and time as lines have them. */
  stamp(): string;
  /** Opens the files again (after a rotation). */
  reopen(): void;
  close(): Promise<void>;
}
