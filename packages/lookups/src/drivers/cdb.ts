/** cdb: constant databases (https://cr.yp.to/cdb/cdb.txt), read from memory; and the dbm types. */
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
import { readBerkeley } from "../berkeley.ts";
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

/** `FILE` as Berkeley DB, which Exim's own tools write on Debian; else `FILE.cdb`. */
function dbmDriver(name: string, keysOf: (key: string) => readonly string[]): LookupDriver {
  return defineLookup({
    name,
    style: "single-key",
    find: ({ file, key }, host) =>
      chain(host.files.derived(file, "berkeley", readBerkeley), (read) => {
        if (isFault(read)) {
          if (read.code !== "ENOENT") return { kind: "defer", message: `${cannotOpen(file)}: ${read.message}` };
          return search(`${file}.cdb`, keysOf(key), host, () => `${cannotOpen(file)}: ${read.message}`);
        }
        if (read.value.kind === "read") return firstOfKeys(read.value.entries, keysOf(key));
        const why = read.value.kind === "corrupt" ? "it is damaged" : "it is no Berkeley DB file, and others are not read";
        return search(`${file}.cdb`, keysOf(key), host, () => `${cannotOpen(file)}: ${why} (mailkit looks for ${file}.cdb then)`);
      }),
  });
}

function cannotOpen(file: string): string {
  return `failed to open ${file} as a dbm file`;
}

function firstOfKeys(entries: ReadonlyMap<string, string>, keys: readonly string[]): LookupResult {
  for (const key of keys) {
    const data = entries.get(key);
    if (data !== undefined) return { kind: "found", text: data.replace(/\0$/, "") };
  }
  return { kind: "notFound" };
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
