/** `$variables` that are facts of the machine, the process and the configuration. */
import { clean } from "@mailkit/sdk";
import type { Clock, VariableSource } from "@mailkit/sdk";
import { readQueue } from "@mailkit/spool";
import { loadavg } from "node:os";
import { diskRoom } from "../disk-room.ts";

export interface EnvironmentFacts {
  readonly primaryHostname: string;
  readonly qualifyDomain: string;
  readonly qualifyRecipient: string;
  readonly spoolDirectory: () => string;

  readonly configFile: string;
  readonly eximPath: string;
  readonly eximUid: number;
  readonly eximGid: number;
  readonly localhostNumber: string;
  readonly version: string;
  readonly initialCwd: string;
  /** `bounce_return_size_limit` in octets. */
  readonly bounceReturnSizeLimit: number;
  /** Folder of the main log; undefined when it goes to syslog alone. */
  readonly logDirectory: () => string | undefined;
  /** `spf_guess`. */
  readonly spfGuess: string;
  readonly clock: Clock;
}

export function environmentVariables(facts: EnvironmentFacts): VariableSource {
  const table = new Map<string, (() => string) | string>([
    ["primary_hostname", facts.primaryHostname],
    // Sessions that answer to another name say so themselves.
    ["smtp_active_hostname", facts.primaryHostname],
    ["qualify_domain", facts.qualifyDomain],
    ["qualify_recipient", facts.qualifyRecipient],
    ["spool_directory", facts.spoolDirectory],
    ["config_file", facts.configFile],
    ["config_dir", facts.configFile.replace(/\/[^/]*$/, "") || "/"],
    ["exim_path", facts.eximPath],
    ["exim_uid", String(facts.eximUid)],
    ["exim_gid", String(facts.eximGid)],
    ["exim_version", facts.version],
    ["version_number", facts.version],
    ["compile_number", "1"],
    ["compile_date", "24-Nov-2026 00:00:00"],
    ["localhost_number", facts.localhostNumber],
    ["initial_cwd", facts.initialCwd],
    ["bounce_return_size_limit", String(facts.bounceReturnSizeLimit)],
    ["return_size_limit", String(facts.bounceReturnSizeLimit)],
    ["pid", () => String(process.pid)],
    ["caller_uid", () => String(process.getuid?.() ?? 0)],
    ["caller_gid", () => String(process.getgid?.() ?? 0)],
    ["load_average", () => String(Math.round((loadavg()[0] ?? 0) * 1000))],
    ["queue_size", queueSize(facts)],
    ["spf_guess", facts.spfGuess],
    ["spool_space", () => space(facts.spoolDirectory())],
    ["spool_inodes", () => inodes(facts.spoolDirectory())],
    ["log_space", () => space(facts.logDirectory())],
    ["log_inodes", () => inodes(facts.logDirectory())],
  ]);
  return (name) => {
    const found = table.get(name);
    return found === undefined ? undefined : clean(typeof found === "string" ? found : found());
  };
}

const MINUTE = 60_000;

/** All partitions, counted at most once a minute (manual §"$queue_size"). */
function queueSize({ clock, spoolDirectory }: EnvironmentFacts): () => string {
  let known: { readonly text: string; readonly until: number } | undefined;
  return () => {
    const now = clock.now();
    if (known === undefined || now >= known.until) {
      const size = readQueue(spoolDirectory()).reduce((sum, { count }) => sum + count, 0);
      known = { text: String(size), until: now + MINUTE };
    }
    return known.text;
  };
}

/** Kilobytes, or -1. */
function space(directory: string | undefined): string {
  const room = directory === undefined ? undefined : diskRoom(directory);
  return String(room === undefined ? -1 : Math.floor(room.space / 1024));
}

function inodes(directory: string | undefined): string {
  return String((directory === undefined ? undefined : diskRoom(directory))?.inodes ?? -1);
}
