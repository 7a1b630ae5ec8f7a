/**
 * Where redirection data comes from: the `data` option or a file that has passed the checks of its place, mode and
 * owners (manual §"Redirection data", §"Private options for the redirect router").
 */
import { chain, errnoOf, firstOf, isFault, strerror, trimSpace } from "@mailkit/sdk";
import type { Account, FileFacts, FileFault, Maybe, RouterAddress, RouterOutcome, RouterServices } from "@mailkit/sdk";
import type { Options } from "./options.ts";

export interface Call {
  readonly address: RouterAddress;
  readonly own: Options;
  readonly host: RouterServices;
}

export interface Data {
  readonly text: string;
  readonly tainted: boolean;
  /** For messages: "error in redirect file", "error in filter data". */
  readonly from: "data" | "file";
  readonly file?: string;
}

/** Larger files are refused. */
export const MAX_FILE = 1024 * 1024;

export function readData(call: Call): Maybe<Data | RouterOutcome> {
  const { own, host } = call;
  const template = own.file ?? own.data;
  if (template === undefined) return { kind: "defer", message: `neither file nor data is set for ${call.address.router} router` };
  return chain(host.expand(template), (result): Maybe<Data | RouterOutcome> => {
    if (result.kind === "forcedFailure") return { kind: "decline", reason: result.message };
    if (result.kind === "error") return { kind: "defer", message: `failed to expand "${template.source}": ${result.message}` };
    if (own.file === undefined) return { text: result.text, tainted: result.tainted, from: "data" };
    const path = trimSpace(result.text);
    if (result.tainted) return { kind: "defer", message: `Tainted name '${path}' for file read not permitted\n` };
    if (!path.startsWith("/")) return { kind: "defer", message: `"${path}" is not an absolute path` };
    return chain(host.files.stat(path), (facts) => (isFault(facts) ? notThere(call, path, facts) : readFile(call, path, facts)));
  });
}

/** Nobody's fault, or a file system that is not mounted (manual, `file` and `ignore_enotdir`). */
function notThere({ own, host }: Call, path: string, fault: FileFault): Maybe<RouterOutcome> {
  const missing: RouterOutcome = { kind: "decline", reason: `${path} does not exist` };
  if (fault.code === "ENOTDIR" && own.ignore_enotdir) return missing;
  if (fault.code === "EACCES" && own.ignore_eacces) return missing;
  if (fault.code !== "ENOENT") return { kind: "defer", message: `failed to open ${path}: ${strerror(errnoOf(fault.code))}` };
  if (own.ignore_enotdir) return missing;
  const directory = `${path.slice(0, path.lastIndexOf("/"))}/.`;
  return chain(host.files.stat(directory), (facts) => {
    if (!isFault(facts)) return missing;
    if (facts.code === "EACCES" && own.ignore_eacces) return missing;
    return { kind: "defer", message: `failed to stat ${directory} (${strerror(errnoOf(facts.code))})` };
  });
}

function readFile(call: Call, path: string, facts: FileFacts): Maybe<Data | RouterOutcome> {
  const { own, host, address } = call;
  if (facts.kind !== "file") return { kind: "defer", message: `${path} is not a regular file` };
  const wrongBits = facts.mode & own.modemask & 0o7777;
  if (wrongBits !== 0) {
    const mode = (0o100000 | (facts.mode & 0o7777)).toString(8);
    return { kind: "defer", message: `bad mode (0${mode}) for ${path}: 0${wrongBits.toString(8)} bit(s) unexpected` };
  }
  return chain(ownersFault(call, path, facts, address.account), (fault): Maybe<Data | RouterOutcome> => {
    if (fault !== undefined) return { kind: "defer", message: fault };
    if (facts.size > MAX_FILE) return { kind: "defer", message: `${path} is too big (max ${MAX_FILE})` };
    return chain(host.files.read(path), (text): Data | RouterOutcome => {
      if (typeof text !== "string") return { kind: "defer", message: `failed to open ${path}: ${strerror(errnoOf(text.code))}` };
      return { text, tainted: false, from: "file", file: path };
    });
  });
}

// oxlint-disable-next-line max-params
function ownersFault(call: Call, path: string, facts: FileFacts, account: Account | undefined): Maybe<string | undefined> {
  const { own, host } = call;
  const checkOwner = own.check_owner ?? (account !== undefined || own.owners.length > 0);
  const checkGroup = own.check_group ?? ((account !== undefined && (own.modemask & 0o020) === 0) || own.owngroups.length > 0);
  const owner = !checkOwner || account?.uid === facts.uid || known(own.owners, facts.uid, (name) => host.accounts.byName(name), "uid");
  return chain(owner, (good) => {
    if (!good) return `bad owner for ${path}`;
    const group =
      !checkGroup || account?.gid === facts.gid || known(own.owngroups, facts.gid, (name) => host.accounts.groupByName(name), "gid");
    return chain(group, (fine) => (fine ? undefined : `bad group for ${path}`));
  });
}

/** Is the number among the names or numbers of a list? */
// oxlint-disable-next-line max-params
function known<K extends "uid" | "gid">(
  names: readonly string[],
  id: number,
  find: (name: string) => Maybe<Readonly<Record<K, number>> | undefined>,
  key: K,
): Maybe<boolean> {
  const hit = firstOf(names, (name): Maybe<true | undefined> => {
    if (/^\d+$/.test(name)) return Number(name) === id ? true : undefined;
    return chain(find(name), (found) => (found?.[key] === id ? true : undefined));
  });
  return chain(hit, (found) => found === true);
}
