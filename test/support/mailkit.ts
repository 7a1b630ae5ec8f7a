/**
 * The built program as a child of a test: `startMailkit` runs a server and waits for the line that says it is up,
 * `mailkit` runs one command. What is tested is the bundle behind node_modules/.bin/mailkit, not the sources.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { freePort, loopbackAddress } from "./loopback.ts";
import { program } from "./program.ts";
import { run } from "./programs.ts";
import type { Ran, RunOptions } from "./programs.ts";
import { isAlive, killHard, processesOf } from "./server-processes.ts";
import { asTester, TEST_GID, TEST_UID, temporaryFolder, writeFiles } from "./temporary.ts";
import type { Teardown } from "./temporary.ts";
import { until } from "./wait.ts";

export interface ServerOptions {
  /** Configuration text, in which FOLDER, ADDRESS, PORT, TESTER_UID, TESTER_GID are put in; undefined = the embedded default. */
  readonly config?: string | undefined;
  /** Files under the server's folder; the same words are put in. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Further arguments of `serve`. */
  readonly args?: readonly string[];
  readonly address?: string;
  readonly port?: number;
  /** Words in front of node: a tool that watches it. */
  readonly through?: readonly string[];
  /** Who runs it; default: nobody when root runs the tests. */
  readonly as?: { readonly uid?: number; readonly gid?: number };
}

export interface MailServer {
  readonly folder: string;
  readonly address: string;
  readonly port: number;
  readonly pop3Port: number;
  readonly env: NodeJS.ProcessEnv;
  /** Everything that the server wrote to its terminal. */
  output(): string;
  /** The logs, one text each. */
  mainlog(): string;
  rejectlog(): string;
  paniclog(): string;
  /** Output and logs, for the message of a test that fails. */
  describe(): string;
  /** Waits for a line in the main log. */
  logged(pattern: RegExp, count?: number): Promise<string>;
  read(name: string): string;
  /** A command beside the server, with its configuration and environment. */
  command(argv: readonly string[], options?: RunOptions): Promise<Ran>;
  readonly running: boolean;
  readonly pid: number;
  signal(name: NodeJS.Signals): void;
  /** Ends the process; resolves with its exit code (null = by the signal). */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Starts it again in the same folder, on the same ports, with further arguments that come last. */
  start(more?: readonly string[]): Promise<void>;
}

export async function startMailkit(t: Teardown, options: ServerOptions = {}): Promise<MailServer> {
  const server = await prepareMailkit(t, options);
  await server.start();
  return server;
}

/** All but the start. */
export async function prepareMailkit(t: Teardown, options: ServerOptions = {}): Promise<MailServer> {
  const folder = temporaryFolder(t, "server");
  const address = options.address ?? loopbackAddress();
  const port = options.port ?? (await freePort(address));
  const pop3Port = await freePort(address);
  const words: readonly (readonly [string, string])[] = [
    ["FOLDER", folder],
    ["ADDRESS", address],
    ["TESTER_UID", String(TEST_UID)],
    ["TESTER_GID", String(TEST_GID)],
    ["PORT", String(port)],
  ];
  const fillIn = (text: string): string => words.reduce((filled, [word, value]) => filled.replaceAll(word, value), text);
  const config = options.config === undefined ? undefined : join(folder, "exim.conf");
  const files = { ...options.files, ...(options.config === undefined ? {} : { "exim.conf": options.config }) };
  writeFiles(folder, Object.fromEntries(Object.entries(files).map(([name, text]) => [name, fillIn(text)])));
  const env = cleanEnvironment({
    MAILKIT_STATE: folder,
    MAILKIT_HOSTNAME: "host.test",
    ...(config === undefined
      ? { MAILKIT_SMTP_PORT: String(port), MAILKIT_SUBMISSION_PORT: String(await freePort("127.0.0.1")) }
      : { MAILKIT_CONFIG: config }),
    ...options.env,
  });
  const listens = options.config?.includes("daemon_smtp_ports") === true ? [] : ["--port", `[${address}]:${port}`];
  const argv = ["serve", "--workers", "1", ...listens, "--pop3", `${address}:${pop3Port}`, ...(options.args ?? [])];
  return makeServer(t, { folder, address, port, pop3Port, env, argv, through: options.through ?? [], as: options.as ?? asTester });
}

interface Parts {
  readonly folder: string;
  readonly address: string;
  readonly port: number;
  readonly pop3Port: number;
  readonly env: NodeJS.ProcessEnv;
  readonly argv: readonly string[];
  readonly through: readonly string[];
  readonly as: { readonly uid?: number; readonly gid?: number };
}

function makeServer(t: Teardown, parts: Parts): MailServer {
  let child: ChildProcess | undefined;
  let output = "";
  const log = (name: string): string => readLog(parts.folder, name);
  const read = (name: string): string => (existsSync(join(parts.folder, name)) ? readFileSync(join(parts.folder, name), "latin1") : "");
  const everything = (): string => `--- output\n${output}--- mainlog\n${log("main")}--- paniclog\n${log("panic")}`;
  const alive = (): boolean => child !== undefined && child.exitCode === null && child.signalCode === null;
  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> => {
    const ending = child;
    if (ending === undefined || !alive()) return ending?.exitCode ?? null;
    ending.kill(signal);
    await until(() => !alive(), { what: `the end of the server after ${signal}`, instead: everything });
    return ending.exitCode;
  };
  t.teardown(async () => {
    // Workers and helpers outlive a supervisor that is killed, and still write into the folder.
    const below = alive() ? processesOf(child?.pid ?? 0).map(({ pid }) => pid) : [];
    await stop("SIGKILL");
    killHard(below);
    await until(() => !below.some(isAlive), { what: "the end of the server's processes", instead: everything });
  });
  return {
    ...parts,
    output: () => output,
    mainlog: () => log("main"),
    rejectlog: () => log("reject"),
    paniclog: () => log("panic"),
    describe: everything,
    logged: (pattern, count = 1) =>
      until(() => matching(log("main"), pattern, count), { what: `${count} x ${String(pattern)} in the main log`, instead: everything }),
    read,
    command: (argv, options = {}) => mailkit(argv, { cwd: parts.folder, ...parts.as, ...options, env: { ...parts.env, ...options.env } }),
    get running() {
      return alive();
    },
    get pid() {
      return child?.pid ?? 0;
    },
    signal: (name) => void child?.kill(name),
    stop,
    start: async (more = []) => {
      output = "";
      const { node, script } = program();
      const [command, ...words] = [...parts.through, node, script, ...parts.argv, ...more] as [string, ...string[]];
      const started = spawn(command, words, {
        cwd: parts.folder,
        env: parts.env,
        ...parts.as,
        stdio: ["ignore", "pipe", "pipe"],
      });
      child = started;
      for (const stream of [started.stdout, started.stderr]) stream.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
      await until(() => /^mailkit is up: /m.test(output) || !alive(), { what: "the server's ready line", instead: everything });
      if (!alive()) throw new Error(`the server ended at its start\n${everything()}`);
    },
  };
}

/** One command of the program, run to its end. */
export function mailkit(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { node, script } = program();
  return run(node, [script, ...argv], { ...asTester, ...options, env: { ...cleanEnvironment({}), ...options.env } });
}

/** Without what the caller's shell says about mailkit, colour and Node. */
export function cleanEnvironment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(MAILKIT_|NODE_|FORCE_COLOR|AVA_|HOME$|LANG|LC_)/.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: "1", TZ: "UTC", ...more };
}

/** The last line that matches, when there are enough of them. */
function matching(text: string, pattern: RegExp, count: number): string | undefined {
  const lines = text.split("\n").filter((line) => pattern.test(line));
  return lines.length >= count ? lines.at(-1) : undefined;
}

/** In `log/` of the folder or of its spool. */
function readLog(folder: string, name: string): string {
  for (const place of ["log", "spool/log"]) {
    const directory = join(folder, place);
    const file = existsSync(directory) ? readdirSync(directory).find((entry) => entry === `${name}log`) : undefined;
    if (file !== undefined) return readFileSync(join(directory, file), "latin1");
  }
  return "";
}
