/** A program on a terminal of its own (`script` of util-linux makes one), for tests: what it shows, and keys that are typed. */
import { spawn } from "node:child_process";
import { until } from "./wait.ts";
import type { Teardown } from "./temporary.ts";

export interface Terminal {
  /** Keys, as a terminal sends them: `\r` is Enter, `\t` Tab, `\u0003` ^C. */
  type(keys: string): void;
  /** What is shown since the last time, up to and with what matches; without escape sequences. */
  shows(pattern: RegExp): Promise<string>;
  /** The exit code, when it has ended. */
  ended(): Promise<number>;
}

export function openTerminal(t: Teardown, argv: readonly string[], env: NodeJS.ProcessEnv): Terminal {
  const command = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const child = spawn("script", ["-qec", command, "/dev/null"], { env: { ...env, TERM: "xterm", SHELL: "/bin/sh" }, stdio: "pipe" });
  let shown = "";
  let code: number | undefined;
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (shown += chunk));
  child.once("close", (status) => (code = status ?? 128));
  child.stdin.on("error", () => {});
  t.teardown(() => void child.kill("SIGKILL"));
  const shows = async (pattern: RegExp): Promise<string> => {
    const found = await until(() => pattern.exec(plain(shown)) ?? undefined, { what: String(pattern), instead: () => plain(shown) });
    const text = plain(shown);
    shown = text.slice(found.index + found[0].length);
    return text.slice(0, found.index + found[0].length);
  };
  return {
    type: (keys) => void child.stdin.write(keys),
    shows,
    ended: () => until(() => code, { what: "its end", instead: () => plain(shown) }),
  };
}

function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "").replaceAll("\r", "");
}
