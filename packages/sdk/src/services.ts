import type { DnsService } from "./dns.ts";
import type { Expansion, Template } from "./expansion.ts";
import type { ListService } from "./lists.ts";
import type { LookupService } from "./lookups.ts";
import type { Maybe } from "./maybe.ts";
import type { Scope } from "./scope.ts";
import type { Text } from "./text.ts";
import type { Tracer } from "./trace.ts";
import type { HintsStore } from "./hints.ts";

/**
 * The ports. Whatever a pure part needs from the world comes through one of these; `runtime` wires the real ones,
 * tests pass plain data. Circles of Exim's engine (expansion asks a list, a list asks a lookup, a lookup expands; an
 * ACL verifies an address by routing) are cut here.
 */
export interface Services {
  readonly clock: Clock;
  readonly random: Random;
  readonly dns: DnsService;
  readonly files: FileService;
  readonly accounts: AccountService;
  readonly processes: ProcessService;
  readonly sockets: SocketService;
  readonly lists: ListService;
  readonly lookups: LookupService;
  readonly strings: StringService;
  readonly acls: AclService;
  readonly hints: HintsStore;
  readonly trace: Tracer;
  /** Main options that string expansion depends on; absent = the defaults named in `ExpansionSettings`. */
  readonly expansion?: ExpansionSettings;
}

/** What `@mailkit/expand` has to know of the configuration. A filter file gets a copy with `forbidden` filled in. */
export interface ExpansionSettings {
  /** `timezone`: "UTC", "Europe/Paris"; absent = the machine's. */
  readonly timezone?: string;
  /** `headers_charset`; absent = UTF-8. */
  readonly headersCharset?: string;
  /** `check_rfc2047_length`; absent = true. */
  readonly checkRfc2047Length?: boolean;
  /** `print_topbitchars`. */
  readonly printTopbitchars?: boolean;
  /** `strict_acl_vars`. */
  readonly strictAclVars?: boolean;
  /** What `${env` sees, after `keep_environment` and `add_environment`. */
  readonly environment?: ReadonlyMap<string, string>;
  /** Items that `forbid_filter_...` locks out: exists, stat, lookup, perl, readfile, readsocket, run, dlfunc. */
  readonly forbidden?: ReadonlySet<string>;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits; ends early, without an error, when `signal` is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** A whole number from 0 to below `limit`, for shuffles. */
  below(limit: number): number;
  /** Octets that nobody can guess. */
  octets(count: number): Buffer;
}

export type FileFault = { readonly code: "ENOENT" | "EACCES" | "ENOTDIR" | "EISDIR" | string; readonly message: string };

export interface FileFacts {
  readonly kind: "file" | "directory" | "symlink" | "other";
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly inode: number;
  /** Number of the device; absent = not known. */
  readonly device?: number;
  readonly links: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
  readonly atime: number;
  readonly ctime: number;
}

/** Small files that configuration names (aliases, list files, .forward), cached by mtime, size and inode. */
export interface FileService {
  /** Content as a byte string, or the fault. */
  read(path: string): Maybe<string | FileFault>;
  stat(path: string, options?: { follow?: boolean }): Maybe<FileFacts | FileFault>;
  list(directory: string): Maybe<readonly string[] | FileFault>;
  /** A value derived from a file (a parsed alias table), kept as long as the file does not change. */
  derived<T>(path: string, what: string, derive: (content: string) => T): Maybe<{ value: T } | FileFault>;
}

export function isFault<T extends object>(result: T | FileFault): result is FileFault {
  return typeof (result as FileFault).code === "string" && typeof (result as FileFault).message === "string";
}

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly gecos: string;
  readonly home: string;
  readonly shell: string;
}

export interface AccountService {
  byName(name: string): Maybe<Account | undefined>;
  byUid(uid: number): Maybe<Account | undefined>;
  groupByName(name: string): Maybe<{ name: string; gid: number; members: readonly string[] } | undefined>;
  groupByGid(gid: number): Maybe<{ name: string; gid: number } | undefined>;
}

export interface RunRequest {
  /** Program and arguments; never a shell unless argv says so. */
  readonly argv: readonly string[];
  readonly stdin?: Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly maxOutput: number;
  readonly umask?: number;
}

export type RunResult =
  | { readonly kind: "exited"; readonly code: number; readonly output: Buffer }
  | { readonly kind: "signalled"; readonly signal: string; readonly number: number; readonly output: Buffer }
  | { readonly kind: "timeout"; readonly output: Buffer }
  | { readonly kind: "failed"; readonly errno: string; readonly message: string };

export interface ProcessService {
  run(request: RunRequest): Promise<RunResult>;
}

export interface SocketRequest {
  readonly target: { readonly path: string } | { readonly host: string; readonly port: number };
  readonly send: Buffer;
  /** Milliseconds. */
  readonly timeout: number;
  readonly halfClose: boolean;
  readonly tls?: boolean;
  readonly maxReply: number;
}

export interface SocketService {
  /** Connects, sends, reads to the end. */
  exchange(
    request: SocketRequest,
  ): Promise<{ kind: "reply"; octets: Buffer } | { kind: "failed"; stage: "connect" | "write" | "read" | "timeout"; message: string }>;
}

/** Port: expands a string that only came into being at run time from CONFIGURATION text (never from outside). */
export interface StringService {
  expand(source: string, scope: Scope): Maybe<Expansion>;
  /** Compiles configuration text once; use it for text that is evaluated often. */
  compile(source: string): Template;
}

/** Verdict of an ACL that ran for the `acl` condition or item. */
export interface AclService {
  run(name: string, args: readonly Text[], scope: Scope): Maybe<AclAnswer>;
}

export type AclAnswer =
  | { readonly kind: "accept" | "discard" | "deny" | "drop"; readonly message: string | undefined; readonly logMessage: string | undefined }
  | { readonly kind: "defer" | "error"; readonly message: string };
