/**
 * Debian's folder /etc/exim4 as one configuration, without its generator: `update-exim4.conf.conf` becomes macros, `conf.d`
 * (or the template) the text (update-exim4.conf(8)). Files are included, not copied, so that every line keeps its place.
 */
import type { FileReadFault, ReadFile } from "../source/reader.ts";
import { debianMacros, type DebianFacts } from "./macros.ts";
import { readShellSettings } from "./shell-settings.ts";

export interface FolderPorts {
  readonly readFile: ReadFile;
  /** Names of files in a directory, not of directories; none when it cannot be listed. */
  readonly list: (directory: string) => readonly string[];
}

export interface DebianFolder {
  /** What to load, through `readFile`. */
  readonly file: string;
  readonly readFile: ReadFile;
}

const SECTIONS = ["main", "acl", "router", "transport", "retry", "rewrite", "auth"];
const SETTINGS = "update-exim4.conf.conf";
/** The generator puts its macros here. */
const PLACEHOLDER = /^UPEX4CmacrosUPEX4C\s*=.*$/m;

/** The text that no file holds: nobody wrote its macros one by one. */
export function isMadeOfSettings(file: string): boolean {
  return file.endsWith(`/${SETTINGS}:macros`);
}

/** Undefined: not such a folder. */
export function debianFolder(folder: string, ports: FolderPorts, facts: DebianFacts): DebianFolder | undefined {
  const exists = (name: string): boolean => !isFault(ports.readFile(`${folder}/${name}`));
  if (exists("exim4.conf")) return { file: `${folder}/exim4.conf`, readFile: ports.readFile };
  const written = ports.readFile(`${folder}/${SETTINGS}`);
  const settings = readShellSettings(isFault(written) ? "" : written);
  const parts = settings.get("dc_use_split_config") === "true" ? splitParts(folder, ports) : templateParts(folder, exists);
  if (parts.length === 0) return undefined;
  const text = parts.map((path) => `.include ${path}\n`).join("");
  const macrosFile = `${folder}/${SETTINGS}:macros`;
  return {
    file: folder,
    readFile: (path) => {
      if (path === folder) return text;
      if (path === macrosFile) return debianMacros(settings, facts);
      const content = ports.readFile(path);
      return isFault(content) ? content : content.replace(PLACEHOLDER, `.include ${macrosFile}`);
    },
  };
}

function isFault(read: string | FileReadFault): read is FileReadFault {
  return typeof read !== "string";
}

function templateParts(folder: string, exists: (name: string) => boolean): string[] {
  if (!exists("exim4.conf.template")) return [];
  return ["exim4.conf.localmacros", "exim4.conf.template"].filter(exists).map((name) => `${folder}/${name}`);
}

/** Names of letters, digits, `_` and `-`, in the order of their octets; `name.rul` goes before `name`. */
function splitParts(folder: string, { list }: FolderPorts): string[] {
  return SECTIONS.flatMap((section) => {
    const directory = `${folder}/conf.d/${section}`;
    const names = list(directory);
    return names
      .filter((name) => /^[A-Za-z0-9_-]+$/.test(name))
      .sort()
      .map((name) => `${directory}/${names.includes(`${name}.rul`) ? `${name}.rul` : name}`);
  });
}
