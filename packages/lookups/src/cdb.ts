/**
 * The cdb format: 256 pointers to hash tables, then records, then the tables; all numbers 32 bits, little end first
 * (https://cr.yp.to/cdb/cdb.txt). Reading trusts no pointer of the file.
 */
const HEADER = 2048;

export type CdbAnswer = { readonly data: string } | "corrupt" | undefined;

/** The first record with `key` in the octets of a cdb file; undefined = none. */
export function cdbFind(file: string, key: string): CdbAnswer {
  if (file.length < HEADER) return "corrupt";
  const hash = cdbHash(key);
  const pointer = (hash & 0xff) * 8;
  const table = wordAt(file, pointer);
  const slots = wordAt(file, pointer + 4);
  if (slots === 0) return undefined;
  if (table + slots * 8 > file.length) return "corrupt";
  let slot = (hash >>> 8) % slots;
  for (let tried = 0; tried < slots; tried++) {
    const at = table + slot * 8;
    const record = wordAt(file, at + 4);
    if (record === 0) return undefined;
    if (wordAt(file, at) === hash) {
      const found = recordAt(file, record, key);
      if (found !== undefined) return found;
    }
    slot = slot + 1 === slots ? 0 : slot + 1;
  }
  return undefined;
}

function recordAt(file: string, at: number, key: string): CdbAnswer {
  if (at + 8 > file.length) return "corrupt";
  const keyLength = wordAt(file, at);
  const dataLength = wordAt(file, at + 4);
  if (at + 8 + keyLength + dataLength > file.length) return "corrupt";
  if (keyLength !== key.length || !file.startsWith(key, at + 8)) return undefined;
  const start = at + 8 + keyLength;
  return { data: file.slice(start, start + dataLength) };
}

function wordAt(file: string, at: number): number {
  return (file.charCodeAt(at) | (file.charCodeAt(at + 1) << 8) | (file.charCodeAt(at + 2) << 16) | (file.charCodeAt(at + 3) << 24)) >>> 0;
}

export function cdbHash(key: string): number {
  let hash = 5381;
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 33) ^ key.charCodeAt(i)) >>> 0;
  return hash;
}

export interface CdbEntry {
  readonly key: string;
  readonly data: string;
}

/** A cdb file with these entries (byte strings); of equal keys the first is found. Throws when it would pass 4 GiB. */
export function buildCdb(entries: Iterable<CdbEntry>): Buffer {
  const tables: [hash: number, position: number][][] = Array.from({ length: 256 }, () => []);
  const chunks: Buffer[] = [];
  let position = HEADER;
  for (const { key, data } of entries) {
    const record = Buffer.alloc(8 + key.length + data.length);
    record.writeUInt32LE(key.length, 0);
    record.writeUInt32LE(data.length, 4);
    record.write(key, 8, "latin1");
    record.write(data, 8 + key.length, "latin1");
    const hash = cdbHash(key);
    tables[hash & 0xff]?.push([hash, position]);
    chunks.push(record);
    position += record.length;
  }
  const header = Buffer.alloc(HEADER);
  for (const [index, table] of tables.entries()) {
    const slots = table.length * 2;
    if (position + slots * 8 > 0xffffffff) throw new Error("a cdb file cannot be larger than 4 GiB");
    header.writeUInt32LE(position, index * 8);
    header.writeUInt32LE(slots, index * 8 + 4);
    chunks.push(hashTable(table, slots));
    position += slots * 8;
  }
  return Buffer.concat([header, ...chunks]);
}

function hashTable(entries: readonly (readonly [number, number])[], slots: number): Buffer {
  const table = Buffer.alloc(slots * 8);
  for (const [hash, position] of entries) {
    let slot = (hash >>> 8) % slots;
    while (table.readUInt32LE(slot * 8 + 4) !== 0) slot = (slot + 1) % slots;
    table.writeUInt32LE(hash, slot * 8);
    table.writeUInt32LE(position, slot * 8 + 4);
  }
  return table;
}
