/** What can go wrong with the store, as values; `SpoolFault` is also what a rejected `accept` carries. */
export class SpoolFault extends Error {
  /** `ENOSPC`, `EIO`, `EDQUOT`, ... or `ECLOSED`, `ENOMSG`, `ESHORT`. */
  readonly code: string;
  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "SpoolFault";
    this.code = code;
  }
}

export function faultOf(error: unknown, doing: string): SpoolFault {
  if (error instanceof SpoolFault) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new SpoolFault(code ?? "EIO", `spool: ${doing}: ${message ?? String(error)}`, error);
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? "";
}

/** Something on disk that could not be read: it went aside (or stays, when nothing could be moved). One paniclog line. */
export interface SpoolTrouble {
  readonly kind: "corrupt" | "tornTail" | "missingBody" | "unreadable";
  readonly partition: string;
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
  /** The message that it was, as far as that can be told. */
  readonly id?: string;
  /** Files in `corrupt/` that hold what was there. */
  readonly savedAs: readonly string[];
  readonly message: string;
}
