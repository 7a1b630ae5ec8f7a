/** `mailkit queue export`, `mailkit queue import`: messages as Exim's -H and -D files. */
import { MAILKIT_VERSION, openMailroom } from "@mailkit/runtime";
import type { Engine, Mailroom, QueueAccess } from "@mailkit/runtime";
import type { Progress } from "@mailkit/sdk";
import { isMessageId } from "@mailkit/message";
import { fromEximFiles, toEximFiles } from "@mailkit/spool";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { CommandContext } from "../command.ts";
import { CommandFailure, JSON_FLAG, UsageError } from "../command.ts";
import { plural } from "../words.ts";
import { choose, DRY, queueCommand } from "./queue.ts";
import { FILTERS, filterOf } from "./queue-list.ts";
import type { Given } from "./queue.ts";

export const queueExport = queueCommand("export", "write messages as Exim's -H and -D files", exportAll, {
  description: "The messages stay in the queue; take them out with mailkit queue remove. Without ids and filters: all of them.",
  args: [
    { name: "FOLDER", doc: "where to; made when it is not there", required: true },
    { name: "ID", doc: "message ids", multiple: true },
  ],
  flags: { ...FILTERS, ...JSON_FLAG },
  examples: ["mailkit queue export /var/tmp/queue", "mailkit queue export /var/tmp/queue --domain slow.example"],
});

export const queueImport = queueCommand("import", "take over messages of Exim's spool; ids, times and states stay", importAll, {
  description:
    "Reads -H and -D files of Exim 4 (stop that Exim first). What is in the queue already is left out. A running server takes the messages over within seconds; else they wait for one.",
  args: [{ name: "PATH", doc: "an input folder of Exim (split ones too), or -H files", required: true, multiple: true }],
  flags: { ...DRY, ...JSON_FLAG, remove: { type: "boolean", doc: "delete the files of what was taken over" } },
  examples: ["mailkit queue import /var/spool/exim4/input --dry-run", "mailkit queue import /var/spool/exim4/input --remove"],
});

async function exportAll(context: CommandContext, access: QueueAccess, { engine, flags, args }: Given): Promise<number> {
  const [folder, ...ids] = args as [string, ...string[]];
  const target = resolve(context.cwd, folder);
  const items = await choose(access, ids, filterOf(flags, engine.services.clock.now()));
  mkdirSync(target, { recursive: true, mode: 0o700 });
  let written = 0;
  for (const { id } of items) {
    const message = await access.get(id);
    if (message === undefined) continue; // delivered meanwhile
    const { header, data } = await toEximFiles(message);
    const [headerFile, dataFile] = [join(target, `${id}-H`), join(target, `${id}-D`)];
    if (existsSync(headerFile)) throw new CommandFailure(`${headerFile} exists already`, { hint: "give a folder without messages" });
    writeFileSync(dataFile, data, { mode: 0o600, flag: "wx" });
    writeFileSync(headerFile, header, { mode: 0o600, flag: "wx" });
    written++;
    if (flags.flag("json")) context.stdout.write(`${JSON.stringify({ id, header: headerFile, data: dataFile })}\n`);
  }
  if (!flags.flag("json") && !flags.flag("quiet")) context.stdout.write(`${plural(written, "message")} written to ${target}\n`);
  return 0;
}

async function importAll(context: CommandContext, access: QueueAccess, { engine, flags, args }: Given): Promise<number> {
  const files = args.flatMap((path) => headerFiles(resolve(context.cwd, path)));
  if (files.length === 0)
    throw new CommandFailure(`no -H files in ${args.join(", ")}`, { hint: "the folder is Exim's spool_directory and /input" });
  const known = new Set((await access.list()).map(({ id }) => id));
  const dry = flags.flag("dry-run");
  const room = dry ? undefined : await ownPartition(engine);
  const counts = { taken: 0, known: 0, failed: 0 };
  try {
    for (const file of files) {
      const result = await importOne(file, { known, room });
      counts[result.kind === "taken" ? "taken" : result.kind === "known" ? "known" : "failed"]++;
      if (result.kind === "taken" && flags.flag("remove") && !dry) removeFiles(file);
      report(context, flags, { file, ...result });
    }
  } finally {
    await room?.close();
  }
  if (!flags.flag("json") && !flags.flag("quiet"))
    context.stdout.write(
      `${plural(counts.taken, "message")} ${dry ? "would be " : ""}taken over, ${counts.known} known already, ${counts.failed} not readable\n`,
    );
  return counts.failed > 0 ? 1 : 0;
}

type Imported = { readonly kind: "taken" | "known"; readonly id: string } | { readonly kind: "failed"; readonly message: string };

async function importOne(file: string, { known, room }: { known: Set<string>; room: Mailroom | undefined }): Promise<Imported> {
  const id = basename(file).slice(0, -2);
  if (known.has(id)) return { kind: "known", id };
  const data = `${file.slice(0, -2)}-D`;
  if (!existsSync(data)) return { kind: "failed", message: `${data} is missing` };
  const read = fromEximFiles(readFileSync(file), readFileSync(data));
  if (!read.ok) return { kind: "failed", message: read.message };
  if (read.message.envelope.id !== id) return { kind: "failed", message: `it is named after another message, ${read.message.envelope.id}` };
  known.add(id);
  if (room !== undefined) {
    await room.partition.accept({ ...read.message, progress: [...read.message.progress, ...journal(file)] });
    room.logs.main(`${id} taken over from ${file} (mailkit ${MAILKIT_VERSION})`);
  }
  return { kind: "taken", id };
}

/** -J: deliveries that Exim had made and not yet noted in the -H file. */
function journal(file: string): readonly Progress[] {
  const path = `${file.slice(0, -2)}-J`;
  if (!existsSync(path)) return [];
  const addresses = readFileSync(path, "latin1")
    .split("\n")
    .filter((line) => line !== "");
  return addresses.length === 0 ? [] : [{ kind: "done", addresses }];
}

/** The -H file goes first: without it Exim sees no message. */
function removeFiles(file: string): void {
  for (const end of ["-H", "-D", "-J"]) rmSync(`${file.slice(0, -2)}${end}`, { force: true });
  rmSync(join(dirname(file).replace(/\/input(?=\/|$)/, "/msglog"), basename(file).slice(0, -2)), { force: true });
}

async function ownPartition(engine: Engine): Promise<Mailroom> {
  const opened = await openMailroom(engine, {
    partition: `import-${Date.now().toString(36)}-${process.pid}`,
    brief: true,
    deliverOnArrival: false,
  });
  if (opened.kind !== "open") throw new CommandFailure(opened.message);
  return opened.mailroom;
}

/** -H files of a folder and of the folders that split_spool_directory makes; the path itself when it is one. */
function headerFiles(path: string): string[] {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined) throw new CommandFailure(`${path}: no such file or folder`);
  if (!facts.isDirectory()) {
    if (!isHeaderFile(basename(path))) throw new UsageError(`${path} is not the -H file of a message`);
    return [path];
  }
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.isFile() && isHeaderFile(entry.name)) return [join(path, entry.name)];
      return entry.isDirectory() && /^[0-9A-Za-z]$/.test(entry.name) ? headerFiles(join(path, entry.name)) : [];
    });
}

function isHeaderFile(name: string): boolean {
  return name.endsWith("-H") && isMessageId(name.slice(0, -2));
}

function report(context: CommandContext, flags: Given["flags"], result: { readonly file: string } & Imported): void {
  if (flags.flag("json")) context.stdout.write(`${JSON.stringify(result)}\n`);
  else if (result.kind === "failed") context.stderr.write(`${result.file}: ${result.message}\n`);
  else if (!flags.flag("quiet")) context.stdout.write(`${result.id}  ${result.kind === "known" ? "in the queue already" : "taken over"}\n`);
}
