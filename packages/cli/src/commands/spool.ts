/** `mailkit spool verify`: reads every octet of a spool, or of a copy of one, and says what is wrong with it. */
import { verifySpool, type PartitionReport, type SpoolReport } from "@mailkit/spool";
import { unicodeOf } from "@mailkit/sdk";
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { CommandFailure, JSON_FLAG } from "../command.ts";
import { openForCommand } from "../open.ts";

export const spoolVerify: CommandSpec = {
  name: "spool verify",
  summary: "read the whole spool, or a backup of it, and report damage",
  description:
    "Every record of every segment is checked, every message read back, every body file looked for. Nothing is changed, and a server may be running: what it is writing at the moment is passed over. Exit code 1 when something is damaged.",
  args: [{ name: "FOLDER", doc: "spool folder (default: that of the configuration)" }],
  flags: JSON_FLAG,
  examples: ["mailkit spool verify", "mailkit spool verify /backup/mailkit --json"],
  run,
};

async function run(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const [given] = args;
  const folder = given === undefined ? await configured(context, flags) : resolve(context.cwd, given);
  if (statSync(join(folder, "input"), { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new CommandFailure(`${folder} is no spool: there is no folder input in it`, {
      hint: given === undefined ? "the server makes it when it starts" : "name the folder that spool_directory names",
    });
  const report = await verifySpool(folder);
  if (flags.flag("json")) context.stdout.write(`${JSON.stringify({ folder, ...report })}\n`);
  else context.stdout.write(textOf(folder, report, flags.flag("quiet")));
  return report.ok ? 0 : 1;
}

async function configured(context: CommandContext, flags: CommandInput["flags"]): Promise<string> {
  const engine = await openForCommand(context, flags);
  await engine.close();
  return engine.settings.text("spool_directory") as string;
}

function textOf(folder: string, { ok, partitions }: SpoolReport, quiet: boolean): string {
  const lines = partitions.flatMap((partition) => [...(quiet ? [] : [lineOf(partition)]), ...faultsOf(partition)]);
  if (partitions.length === 0 && !quiet) lines.push(`${folder}: no partitions, no messages`);
  if (!quiet) lines.push(ok ? "the spool is sound" : "the spool is damaged; the server puts damaged records aside when it starts");
  return lines.map((line) => `${line}\n`).join("");
}

function lineOf({ name, held, segments, messages, size }: PartitionReport): string {
  const state = held ? "in use" : "not in use";
  return `${name}: ${messages} ${messages === 1 ? "message" : "messages"}, ${size} octets of bodies, ${segments} ${segments === 1 ? "segment" : "segments"}, ${state}`;
}

function faultsOf({ faults }: PartitionReport): string[] {
  return faults.map((fault) => `  ${fault.kind === "orphanBody" ? "note" : "damage"}: ${unicodeOf(fault.message)}`);
}
