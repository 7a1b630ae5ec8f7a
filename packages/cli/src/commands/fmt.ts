/** `mailkit fmt`: the canonical layout of configuration files; the meaning stays. */
import { format } from "@mailkit/config";
import { fromUnicode, octetsOf } from "@mailkit/sdk";
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { CommandFailure, JSON_FLAG, UsageError } from "../command.ts";
import { configSource } from "../open.ts";

export const fmt: CommandSpec = {
  name: "fmt",
  summary: "lay configuration files out in the canonical way",
  description:
    "Prints the text; --write puts it into the file, --check only tells which files would change. Comments stay where they are, and so " +
    "does the meaning. Included files are files of their own: name them too.",
  args: [{ name: "FILE", doc: "configuration file; - for standard input (default: as for every command)", multiple: true }],
  flags: {
    ...JSON_FLAG,
    write: { type: "boolean", char: "w", doc: "write the files, and name those that changed" },
    check: { type: "boolean", doc: "change nothing; end with 1 when a file would change" },
  },
  examples: [
    "mailkit fmt mailkit.conf",
    "mailkit fmt --write /etc/exim4/conf.d/*/*",
    "mailkit fmt --check mailkit.conf",
    "mailkit fmt - < old.conf > new.conf",
  ],
  run,
};

interface Formatted {
  readonly file: string;
  readonly text: string;
  readonly changed: boolean;
}

async function run(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const write = flags.flag("write");
  const check = flags.flag("check");
  if (write && check) throw new UsageError("--write and --check exclude each other");
  if (write && args.includes("-")) throw new UsageError("standard input cannot be written", "leave --write out");
  const files = args.length > 0 ? args : [defaultFile(context, flags)];
  const results: Formatted[] = [];
  for (const file of files) {
    const before = file === "-" ? await readAll(context) : readFileSync(resolve(context.cwd, file), "latin1");
    const text = format(before);
    results.push({ file: file === "-" ? "standard input" : file, text, changed: text !== before });
  }
  const changed = results.filter((result) => result.changed);
  if (write) for (const { file, text } of changed) replace(resolve(context.cwd, file), octetsOf(text));
  if (flags.flag("json")) context.stdout.write(`${JSON.stringify(results.map(({ file, changed: is }) => ({ file, changed: is })))}\n`);
  else if (write || check) for (const { file } of changed) context.stdout.write(`${file}\n`);
  else for (const { text } of results) context.stdout.write(octetsOf(text));
  return check && changed.length > 0 ? 1 : 0;
}

function defaultFile(context: CommandContext, flags: CommandInput["flags"]): string {
  const source = configSource(context, flags);
  if (source.kind === "file") return source.path;
  throw new CommandFailure("there is no configuration file to lay out", { hint: "name one, or mailkit init writes one" });
}

async function readAll({ stdin }: CommandContext): Promise<string> {
  let text = "";
  for await (const chunk of stdin) text += typeof chunk === "string" ? fromUnicode(chunk) : (chunk as Buffer).toString("latin1");
  return text;
}

/** Whole or not at all: a new file takes the old one's place, with its owner and mode. */
function replace(path: string, octets: Buffer): void {
  const { mode, uid, gid } = statSync(path);
  const next = `${path}.mailkit-fmt-${process.pid}`;
  try {
    writeFileSync(next, octets, { mode: mode & 0o7777, flag: "wx" });
    const made = statSync(next);
    // Without the right to give it back to its owner the file itself is written.
    if (made.uid !== uid || made.gid !== gid) writeFileSync(path, octets);
    else renameSync(next, path);
  } finally {
    rmSync(next, { force: true });
  }
}
