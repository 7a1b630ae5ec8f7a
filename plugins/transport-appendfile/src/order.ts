/** What `prepare` hands to `perform`: plain data that survives JSON, in any process. */
import type { MessageForm, RecipientFact } from "@mailkit/sdk";

export interface Order {
  /** "nothing" is /dev/null. */
  readonly kind: "file" | "maildir" | "mailstore" | "directory" | "nothing";
  readonly transport: string;
  readonly path: string;
  readonly hostname: string;
  readonly form: MessageForm;
  readonly mode: number;
  /** The mode was asked for by a filter: an existing file is given it. */
  readonly modeForced: boolean;
  readonly modeFailNarrower: boolean;
  readonly directoryMode: number;
  readonly createDirectory: boolean;
  /** `create_file` allows this path to be created. */
  readonly mayCreate: boolean;
  readonly fileMustExist: boolean;
  readonly allowSymlink: boolean;
  readonly allowFifo: boolean;
  readonly checkOwner: boolean;
  readonly checkGroup: boolean;
  /** `file_format`: text at the start of the mailbox, transport that it belongs to. */
  readonly fileFormat: readonly (readonly [string, string])[];
  readonly lock: LockRules;
  readonly quota: Quota;
  readonly maildir: MaildirRules;
  readonly texts: Texts;
}

export interface LockRules {
  readonly lockfile: boolean;
  readonly fcntl: boolean;
  readonly flock: boolean;
  /** Milliseconds after which locking is given up. */
  readonly patience: number;
  readonly lockfileMode: number;
  readonly lockfileTimeout: number;
}

export interface MaildirRules {
  readonly retries: number;
  readonly useSizeFile: boolean;
  readonly directoryRegex: string;
  readonly folderRegex: string | undefined;
}

/** Expanded texts that hold marks for what is known only while the file is written. */
export interface Texts {
  /** `maildir_tag`, SIZE_MARK inside. */
  readonly tag: string;
  /** `mailstore_prefix`, `mailstore_suffix`, BASENAME_MARK inside. */
  readonly prefix: string;
  readonly suffix: string;
  /** `directory_file`, INODE_MARK inside. */
  readonly fileName: string;
}

export interface Quota {
  /** Octets and files; 0 = no limit. */
  readonly size: number;
  readonly files: number;
  /** `/no_check`: kept up to date, never in the way. */
  readonly checked: boolean;
  readonly filesChecked: boolean;
  readonly inclusive: boolean;
  readonly directory: string | undefined;
  readonly sizeRegex: string | undefined;
  /** `mailbox_size`, `mailbox_filecount`. */
  readonly knownSize: number | undefined;
  readonly knownFiles: number | undefined;
  /** 0 = no warning. */
  readonly warnAt: number;
  readonly warning: string;
  /** From: of the warning when its text has none. */
  readonly warningFrom: string;
  /** Size of the message as received, which is what counts. */
  readonly messageSize: number;
}

/** Control characters cannot come from a configuration line. */
export const SIZE_MARK = "\x01size\x01";
export const INODE_MARK = "\x01inode\x01";
export const BASENAME_MARK = "\x01base\x01";

export type Fault = Extract<RecipientFact, { kind: "deferred" }>;

/** A step's result, or the fact that ends the delivery. */
export type Step<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

export function done<T>(value: T): Step<T> {
  return { ok: true, value };
}

export function defer(message: string, errno: number, more: Partial<Fault> = {}): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault: { kind: "deferred", message, scope: "recipient", errno, ...more } };
}
