/**
 * What a command is. One table a command: oclif's flags, help and completions are made from it, and so is the parser
 * of the fast path, which does not load oclif at all (`main.ts`).
 */
import type { Readable, Writable } from "node:stream";

export interface FlagSpec {
  readonly type: "boolean" | "string" | "integer";
  readonly char?: string;
  readonly doc: string;
  readonly multiple?: boolean;
  readonly values?: readonly string[];
  readonly default?: string;
  readonly placeholder?: string;
}

export interface ArgSpec {
  readonly name: string;
  readonly doc: string;
  readonly required?: boolean;
  readonly multiple?: boolean;
}

export interface CommandSpec {
  /** Words of the command: "queue list". */
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly args?: readonly ArgSpec[];
  readonly flags?: Readonly<Record<string, FlagSpec>>;
  readonly examples: readonly string[];
  /** Reached without oclif. */
  readonly hot?: boolean;
  /** Exim's form of the same, for the reference page. */
  readonly exim?: string;
  /** Resolves to the exit code: 0, 1 it failed, 2 usage. */
  readonly run: (context: CommandContext, input: CommandInput) => Promise<number>;
}

export interface CommandInput {
  readonly args: readonly string[];
  readonly flags: Flags;
}

/** Values of flags by their long names. */
export interface Flags {
  flag(name: string): boolean;
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  number(name: string): number | undefined;
}

export interface CommandContext {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly stdin: Readable;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly color: boolean;
}

export const GLOBAL_FLAGS: Readonly<Record<string, FlagSpec>> = {
  config: {
    type: "string",
    char: "C",
    placeholder: "FILE",
    doc: "configuration file (default: $MAILKIT_CONFIG, /etc/mailkit/mailkit.conf, Debian's Exim file, else the embedded default)",
  },
  define: { type: "string", char: "D", multiple: true, placeholder: "NAME=VALUE", doc: "define a macro; beats the file's own definition" },
  quiet: { type: "boolean", char: "q", doc: "print results only" },
};

export const JSON_FLAG: Readonly<Record<string, FlagSpec>> = {
  json: { type: "boolean", doc: "print JSON" },
};

/** A mistake in how the command was called: exit code 2. */
export class UsageError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** It was called right and could not be done: exit code 1. */
export class CommandFailure extends Error {
  readonly hint: string | undefined;
  readonly details: readonly string[];
  /** Of a diagnostic (`MK....`), where the fault has one. */
  readonly code: string | undefined;
  constructor(message: string, options: { hint?: string; details?: readonly string[]; code?: string } = {}) {
    super(message);
    this.hint = options.hint;
    this.details = options.details ?? [];
    this.code = options.code;
  }
}

export function allFlags(spec: CommandSpec): Readonly<Record<string, FlagSpec>> {
  return { ...GLOBAL_FLAGS, ...spec.flags };
}

/** Values as the parser left them: environment and defaults are in. */
export function makeFlags(values: Readonly<Record<string, unknown>>): Flags {
  return {
    flag: (name) => values[name] === true,
    text: (name) => {
      const found = values[name];
      return typeof found === "string" ? found : undefined;
    },
    texts: (name) => {
      const found = values[name];
      return Array.isArray(found) ? (found as string[]) : typeof found === "string" ? [found] : [];
    },
    number: (name) => (values[name] === undefined ? undefined : Number(values[name])),
  };
}

/** The variable that stands for a flag where it is not given: `--queue-run` is `MAILKIT_QUEUE_RUN`. */
export function flagVariable(name: string): string {
  return `MAILKIT_${name.toUpperCase().replaceAll("-", "_")}`;
}
