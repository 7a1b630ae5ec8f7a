/** lmdb: a key in the main database of an LMDB file (manual §"Single-key lookup types"). Reading only. */
import { defineLookup, errnoOf, octetsOf, strerror, textOf, type LookupDriver, type LookupResult } from "@mailkit/sdk";
import { makeLmdbFiles, type LmdbFiles } from "./files.ts";
import { Corrupt } from "./format.ts";

/** LMDB's own limit: a longer key cannot be there. */
const MAX_KEY = 511;

export function lmdb(files: LmdbFiles = makeLmdbFiles()): LookupDriver {
  return defineLookup({
    name: "lmdb",
    style: "single-key",
    find: ({ file, key }): LookupResult => {
      if (key.length > MAX_KEY) return { kind: "notFound" };
      try {
        const found = files.find(file, octetsOf(key));
        return found === undefined ? { kind: "notFound" } : { kind: "found", text: textOf(found) };
      } catch (error) {
        return { kind: "defer", message: `failed to open ${file} for lmdb lookup: ${reasonOf(error)}` };
      }
    },
    close: async () => files.close(),
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof Corrupt) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  const number = errnoOf(code);
  return number === 0 ? message : strerror(number);
}

/** For every process one: files stay open between lookups. */
export const driver = lmdb();
