/** cdb: constant databases (https://cr.yp.to/cdb/cdb.txt), read from memory; and dbm types from `FILE.cdb`. */
import {
  chain,
  defineLookup,
  isFault,
  splitList,
  type FileFault,
  type LookupDriver,
  type LookupHost,
  type LookupResult,
  type Maybe,
} from "@mailkit/sdk";
import { cdbFind } from "../cdb.ts";

export const cdb = defineLookup({
  name: "cdb",
  style: "single-key",
  find: ({ file, key }, host) => search(file, [key], host, (fault) => `failed to open ${file} for cdb lookup: ${fault.message}`),
});

/** Keys of dbm files end with a zero octet, those of dbmnz do not; data may end with one. */
export const dbm = dbmDriver("dbm", (key) => [`${key}\0`, key]);
export const dbmnz = dbmDriver("dbmnz", (key) => [key]);
/** The key is a list; its items are joined with zero octets, one more at the end or not. */
export const dbmjz = dbmDriver("dbmjz", (key) => {
  const joined = splitList(key).items.join("\0");
  return [`${joined}\0`, joined];
});

function dbmDriver(name: string, keysOf: (key: string) => readonly string[]): LookupDriver {
  return defineLookup({
    name,
    style: "single-key",
    find: ({ file, key }, host) =>
      search(`${file}.cdb`, keysOf(key), host, (fault) => {
        const reason = `Berkeley DB files are not read; ${file}.cdb is used in their place: ${fault.message}`;
        return `failed to open ${file} as a dbm file: ${reason} (build it from the text with mailkit's dbmbuild)`;
      }),
  });
}

function search(file: string, keys: readonly string[], host: LookupHost, faultText: (fault: FileFault) => string): Maybe<LookupResult> {
  return chain(
    host.files.derived(file, "cdb", (content) => content),
    (read): LookupResult => {
      if (isFault(read)) return { kind: "defer", message: faultText(read) };
      for (const key of keys) {
        const found = cdbFind(read.value, key);
        if (found === "corrupt") return { kind: "defer", message: `failed to open ${file} too short for cdb lookup` };
        if (found !== undefined) return { kind: "found", text: found.data.replace(/\0$/, "") };
      }
      return { kind: "notFound" };
    },
  );
}
