/** Main options that are expanded once, at load: names, folders, lists of addresses. A failure is a fault of the configuration. */
import { isPromise } from "@mailkit/sdk";
import type { Diagnostic, OptionType, Scope } from "@mailkit/sdk";
import { MAIN_OPTIONS } from "@mailkit/config";
import type { MainSettings } from "@mailkit/config";

export interface Settings {
  /** An expanded option as text; undefined = unset or not expandable. */
  text(name: string): string | undefined;
  readonly faults: readonly Diagnostic[];
}

/** Options that hold for the life of the process; those that may differ by message are expanded where they are used. */
const EXPANDED_AT_START = ["spool_directory", "log_file_path", "pid_file_path", "localhost_number", "tls_certificate", "tls_privatekey"];

const DEBIAN_SPOOL = "/var/spool/exim4";
const DEBIAN_LOGS = "/var/log/exim4/%slog";

export function expandSettings(main: MainSettings, scope: () => Scope): Settings {
  const known = new Map<string, string | undefined>();
  const faults: Diagnostic[] = [];
  for (const name of EXPANDED_AT_START) {
    const template = main.template(name);
    const value = template?.evaluate(scope());
    if (value === undefined || isPromise(value)) continue;
    if (value.kind === "value") known.set(name, value.text);
    else
      faults.push({ code: "MK0903", severity: "error", message: `${name} cannot be expanded: ${value.message}`, at: main.position(name) });
  }
  // Debian's files name the spool and leave the logs to what its package was built with.
  if (!known.has("log_file_path") && (known.get("spool_directory") ?? main.text("spool_directory")) === DEBIAN_SPOOL)
    known.set("log_file_path", DEBIAN_LOGS);
  return { text: (name) => (known.has(name) ? known.get(name) : main.text(name)), faults };
}

/** Lists of servers hold passwords with any characters. Of plain strings some are expanded when they begin with a dollar (`av_scanner`). */
function isLiteral(type: OptionType | undefined, text: string): boolean {
  return type === "stringList" || (type === "string" && !text.startsWith("$"));
}

/** For drivers and lookups: any main option, expanded in `scope` when it is a template; booleans as "yes" and "no". */
export function settingIn(main: MainSettings, settings: () => Settings, scope: () => Scope): (name: string) => string | undefined {
  return (name) => {
    if (EXPANDED_AT_START.includes(name)) return settings().text(name);
    const type = MAIN_OPTIONS[name]?.type;
    if (type === "boolean") return main.flag(name) ? "yes" : "no";
    const text = main.text(name);
    if (text === undefined || !/[$\\]/.test(text) || isLiteral(type, text)) return text;
    const value = main.template(name)?.evaluate(scope());
    return value !== undefined && !isPromise(value) && value.kind === "value" ? value.text : undefined;
  };
}
