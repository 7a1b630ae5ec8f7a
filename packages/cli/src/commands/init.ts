/** `mailkit init`: a commented starter configuration (the sandbox that `serve` runs without one), or a systemd unit. */
import { embeddedConfiguration } from "@mailkit/runtime";
import { fromUnicode } from "@mailkit/sdk";
import { chownSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { CommandFailure, UsageError } from "../command.ts";
import { openForCommand } from "../open.ts";
import { programPath } from "../self.ts";
import { systemdUnit } from "../systemd-unit.ts";

export const init: CommandSpec = {
  name: "init",
  summary: "write a commented starter configuration; --systemd prints a unit",
  description:
    "The configuration is the text of the sandbox that `mailkit serve` runs without one: users of a file, aliases, mail for other domains caught. It is found by every command in its folder. What exists is never overwritten.",
  args: [{ name: "FILE", doc: "where to write it (default: mailkit.conf here); - prints it" }],
  flags: {
    state: { type: "string", placeholder: "FOLDER", doc: "folder of mail, queue, logs, users (default: .mailkit beside the file)" },
    systemd: { type: "boolean", doc: "print a hardened unit file for the configuration instead" },
    "run-as": {
      type: "string",
      placeholder: "USER",
      doc: "with --systemd: never root (virtual users only: no delivery under a user's own uid)",
    },
  },
  examples: [
    "mailkit init",
    "mailkit init /etc/mailkit/mailkit.conf --state /var/lib/mailkit",
    "mailkit init --systemd -C /etc/mailkit/mailkit.conf > /etc/systemd/system/mailkit.service",
  ],
  run,
};

async function run(context: CommandContext, input: CommandInput): Promise<number> {
  const { args, flags } = input;
  if (flags.flag("systemd")) return printUnit(context, input);
  if (flags.text("run-as") !== undefined) throw new UsageError("--run-as goes with --systemd");
  const file = args[0] ?? "mailkit.conf";
  const path = resolve(context.cwd, file);
  const state = resolve(context.cwd, flags.text("state") ?? join(file === "-" ? context.cwd : dirname(path), ".mailkit"));
  const text = embeddedConfiguration({ state: fromUnicode(state), smtpPort: 2525, submissionPort: 2587 });
  if (file === "-") {
    context.stdout.write(Buffer.from(text, "latin1"));
    return 0;
  }
  if (existsSync(path))
    throw new CommandFailure(`${path} exists already, and is left as it is`, {
      hint: `mailkit check -C ${file}, or give another name: mailkit init other.conf`,
    });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.from(text, "latin1"), { flag: "wx", mode: 0o644 });
  const made = makeState(state);
  await giveToServer(context, input, { path, files: [state, ...made] });
  if (!flags.flag("quiet")) context.stdout.write(nextSteps(context, { path, made }));
  return 0;
}

const ALIASES = "# alias: addresses\n# postmaster: fred\n# abuse: postmaster\n";
const USERS = "# name:hash, made by mailkit user add\n";

/** What the configuration refers to, so that it works from the first start. */
function makeState(state: string): readonly string[] {
  mkdirSync(state, { recursive: true, mode: 0o750 });
  const wanted = [
    [join(state, "aliases"), ALIASES],
    [join(state, "users"), USERS],
  ] as const;
  return wanted.flatMap(([path, text]) => {
    if (existsSync(path)) return [];
    writeFileSync(path, text, { flag: "wx", mode: 0o600 });
    return [path];
  });
}

/** What root makes is for the server's own user. */
async function giveToServer(
  context: CommandContext,
  { flags }: CommandInput,
  { path, files }: { path: string; files: readonly string[] },
): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const engine = await openForCommand(
    context,
    { ...flags, text: (name) => (name === "config" ? path : flags.text(name)) },
    { tolerant: true },
  );
  for (const file of files) chownSync(file, engine.machine.eximUid, engine.machine.eximGid);
  await engine.close();
}

function nextSteps(context: CommandContext, { path, made }: { path: string; made: readonly string[] }): string {
  const found = relative(context.cwd, path) === "mailkit.conf" || path === "/etc/mailkit/mailkit.conf";
  const option = found ? "" : ` -C ${path}`;
  return [
    `written: ${[path, ...made].join("\n         ")}`,
    "then",
    `  mailkit user add fred${option}`,
    `  mailkit check${option}`,
    `  mailkit serve${option} --pop3 2110`,
    "",
  ].join("\n");
}

async function printUnit(context: CommandContext, { flags }: CommandInput): Promise<number> {
  const engine = await openForCommand(context, flags, { tolerant: true });
  try {
    const { config, settings } = engine;
    if (!config.file.startsWith("/"))
      throw new UsageError("a unit needs a configuration file", "mailkit init first, or name one: mailkit init --systemd -C FILE");
    const writable = [settings.text("spool_directory") ?? "", dirname(settings.text("log_file_path") ?? "/")].filter(
      (path) => path.length > 1,
    );
    const user = flags.text("run-as");
    context.stdout.write(
      systemdUnit({
        program: programPath(),
        config: config.file,
        writable: [...new Set(writable)],
        ...(user === undefined ? {} : { user }),
      }),
    );
    return 0;
  } finally {
    await engine.close();
  }
}
