/** dsearch: is there an entry with this name in a directory (manual §"Single-key lookup types")? */
import { chain, defineLookup, isFault, type FileFacts, type LookupResult, lookupOption } from "@mailkit/sdk";
import { openFault } from "../open-fault.ts";

const NOT_FOUND: LookupResult = { kind: "notFound" };

export const dsearch = defineLookup({
  name: "dsearch",
  style: "single-key",
  find: ({ file, key, options }, host) => {
    const fault = keyFault(key, lookupOption(options, "key") === "path");
    if (fault !== undefined) return { kind: "defer", message: fault };
    if (key.includes("\0")) return NOT_FOUND;
    return chain(host.files.stat(file), (directory): LookupResult | Promise<LookupResult> => {
      if (isFault(directory)) return notOpened(file, directory.code);
      if (directory.kind !== "directory") return notOpened(file, "ENOTDIR");
      return chain(host.files.stat(`${file}/${key}`, { follow: false }), (entry): LookupResult => {
        if (isFault(entry)) {
          if (entry.code === "EACCES") return notOpened(file, entry.code);
          const isAbsent = entry.code === "ENOENT" || entry.code === "ENOTDIR" || entry.code === "ENAMETOOLONG";
          return isAbsent ? NOT_FOUND : { kind: "defer", message: `${file}/${key}: lstat: ${entry.message}` };
        }
        if (!passes(entry, key, lookupOption(options, "filter"))) return NOT_FOUND;
        return { kind: "found", text: lookupOption(options, "ret") === "full" ? `${file}/${key}` : key };
      });
    });
  },
});

/** `key=path` allows sub-directories, but never a way up. */
function keyFault(key: string, isPath: boolean): string | undefined {
  if (!key.includes("/")) return undefined;
  if (!isPath) return `key for dsearch lookup contains a slash: ${key}`;
  return key.split("/").includes("..") ? `key for dsearch lookup contains bad component: ${key}` : undefined;
}

function notOpened(file: string, code: string): LookupResult {
  return { kind: "defer", message: `failed to open ${file} for directory search: ${openFault(code).message}` };
}

function passes(entry: FileFacts, key: string, filter: string | undefined): boolean {
  switch (filter) {
    case "file":
      return entry.kind === "file";
    case "dir":
      return entry.kind === "directory";
    case "subdir":
      return entry.kind === "directory" && key !== "." && key !== "..";
    default:
      return true;
  }
}
