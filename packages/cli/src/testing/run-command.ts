/** Runs commands in this process, in a folder of their own, with what they print caught. For tests. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import type { CommandContext } from "../command.ts";
import { COMMAND_TABLE } from "../commands/table.ts";
import { reportFailure } from "../context.ts";
import { eximMain } from "../exim/face.ts";
import { findCommand } from "../find-command.ts";
import { parseCommandLine } from "../parse-flags.ts";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Bench {
  readonly folder: string;
  readonly run: (argv: readonly string[], input?: string) => Promise<Ran>;
  /** Exim's command line, with `-C`. */
  readonly exim: (argv: readonly string[], input?: string) => Promise<Ran>;
  readonly close: () => void;
}

const CONFIG = `primary_hostname = mx.truc.fr
qualify_domain = truc.fr
spool_directory = FOLDER/spool
log_file_path = FOLDER/log/%slog
begin routers
all:
  driver = accept
  transport = nowhere
begin transports
nowhere:
  driver = appendfile
  file = /dev/null
begin retry
* * F,1h,5m
`;

/** `config`: FOLDER stands for the folder; "" = none is written and none is named. */
export function bench(config = CONFIG): Bench {
  const folder = mkdtempSync(join(tmpdir(), "mailkit-cli-"));
  const file = join(folder, "test.conf");
  if (config !== "") writeFileSync(file, config.replaceAll("FOLDER", folder));
  const env = {
    MAILKIT_EXIM_USER: userInfo().username,
    MAILKIT_PLUGINS: join(folder, "plugins"),
    ...(config === "" ? {} : { MAILKIT_CONFIG: file }),
  };
  return {
    folder,
    run: (argv, input = "") => run({ argv, input, cwd: folder, env }),
    exim: (argv, input = "") => capture({ input, cwd: folder, env }, (context) => eximMain(context, "exim", ["-C", file, ...argv])),
    close: () => rmSync(folder, { recursive: true }),
  };
}

interface Given {
  readonly input: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

function run({ argv, ...given }: Given & { argv: readonly string[] }): Promise<Ran> {
  return capture(given, (context) => {
    const found = findCommand(
      COMMAND_TABLE.map(({ name }) => name),
      argv,
    );
    if (found.kind !== "command") throw new Error(`no command in ${argv.join(" ")}`);
    const spec = COMMAND_TABLE.find(({ name }) => name === found.name) as (typeof COMMAND_TABLE)[number];
    return reportFailure(context, async () => spec.run(context, parseCommandLine(spec, found.rest, context.env)));
  });
}

async function capture({ input, cwd, env }: Given, work: (context: CommandContext) => Promise<number>): Promise<Ran> {
  const [stdout, stderr] = [caught(), caught()];
  const code = await work({
    stdout: stdout.stream,
    stderr: stderr.stream,
    stdin: Readable.from([Buffer.from(input)]),
    env,
    cwd,
    color: false,
  });
  return { code, out: stdout.text(), err: stderr.text() };
}

function caught(): { stream: PassThrough; text: () => string } {
  const chunks: Buffer[] = [];
  const stream = new PassThrough();
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString("utf8") };
}
