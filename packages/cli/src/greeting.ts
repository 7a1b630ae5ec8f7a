/** What `serve` says when it is up: where it listens, where things are, what to try. Pure. */
import type { ConfigText, SandboxUser } from "@mailkit/runtime";
import { cellsOf } from "./tui/cells.ts";

export interface Greeting {
  readonly source: ConfigText;
  readonly addresses: readonly string[];
  readonly users: readonly SandboxUser[];
  readonly spool: string;
  readonly log: string;
  readonly pid: number;
  /** How this program is called here: `mailkit`, or `npx mailkit` under npm. */
  readonly program: string;
  readonly relay: boolean;
  /** Given with -C. */
  readonly config: string | undefined;
}

export function greetingText(given: Greeting): string {
  return given.source.kind === "embedded" ? sandboxText(given, given.source.paths.state) : serverText(given);
}

function sandboxText({ addresses, users, program, relay }: Greeting, state: string): string {
  const width = Math.max(0, ...users.map(({ name }) => cellsOf(name)));
  const [first, second = first] = users;
  const pop3 = addresses.find((address) => address.startsWith("POP3 "))?.slice(5);
  return lines([
    `mailkit is up: a mail sandbox, ${relay ? "mail for other domains is sent" : "nothing leaves this machine"}`,
    ...addresses.map((address) => `  ${address}`),
    ...users.map(({ name, password }) => `  user ${`${name}@mailkit.test`.padEnd(width + 13)}  password ${password}`),
    `  state ${state}`,
    "try",
    ...(first === undefined || second === undefined
      ? []
      : [`  ${program} send ${first.name}@mailkit.test --from ${second.name}@mailkit.test`]),
    ...(first === undefined || pop3 === undefined ? [] : [`  curl -u ${first.name}:${first.password} pop3://${pop3}/1`]),
    `  ${program} route info@mailkit.test`,
    `  ${program} log`,
  ]);
}

function serverText({ source, addresses, spool, log, pid, program, config }: Greeting): string {
  const option = config === undefined ? "" : ` -C ${config}`;
  return lines([
    `mailkit is up: ${addresses.join(", ")}`,
    `  configuration ${source.kind === "file" ? source.path : ""}`,
    `  spool ${spool}, log ${log}, pid ${pid}`,
    `  watch it: ${program} log${option}`,
  ]);
}

function lines(texts: readonly string[]): string {
  return `${texts.join("\n")}\n`;
}
