/**
 * Berkeley DB files, hash and btree, as exim_dbmbuild, sasldb and postmap leave them: every page of keys and data is read,
 * the index is not needed. The format is that of version 4 and later (`db_page.h` names); pages point to each other by
 * number, and no number of the file is trusted. Files that something writes at this moment are not for here.
 */
export type BerkeleyRead =
  | { readonly kind: "read"; readonly entries: ReadonlyMap<string, string> }
  | { readonly kind: "foreign" }
  | { readonly kind: "corrupt" };

const MAGIC = { hash: 0x061561, btree: 0x053162 } as const;
/** Types of pages. */
const HASH_UNSORTED = 2;
const BTREE_LEAF = 5;
const OVERFLOW = 7;
const HASH = 13;
/** Types of items. */
const KEY_DATA = 1;
const OFF_PAGE = 3;
const PAGE_HEAD = 26;
const DELETED = 0x80;

/** All entries; of equal keys the first counts. `foreign`: no such file (GDBM has another magic). */
export function readBerkeley(file: string): BerkeleyRead {
  const little = file.length >= 72 ? isLittle(file) : undefined;
  if (little === undefined) return { kind: "foreign" };
  const words = reader(file, little);
  const size = words.u32(20);
  if (size < 512 || size > 65536 || (size & (size - 1)) !== 0 || words.u8(24) !== 0) return { kind: "corrupt" };
  const entries = new Map<string, string>();
  try {
    for (let page = size; page + size <= file.length; page += size) readPage({ ...words, page, size }, entries);
  } catch (fault) {
    if (fault instanceof Corrupt) return { kind: "corrupt" };
    throw fault;
  }
  return { kind: "read", entries };
}

class Corrupt extends Error {}

interface Words {
  readonly file: string;
  u8(at: number): number;
  u16(at: number): number;
  u32(at: number): number;
}

interface Page extends Words {
  readonly page: number;
  readonly size: number;
}

function isLittle(file: string): boolean | undefined {
  for (const little of [true, false]) {
    const magic = reader(file, little).u32(12);
    if (magic === MAGIC.hash || magic === MAGIC.btree) return little;
  }
  return undefined;
}

function reader(file: string, little: boolean): Words {
  const octets = (at: number, count: number): number => {
    if (at < 0 || at + count > file.length) throw new Corrupt();
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 256 + file.charCodeAt(little ? at + count - 1 - i : at + i);
    return value;
  };
  return { file, u8: (at) => octets(at, 1), u16: (at) => octets(at, 2), u32: (at) => octets(at, 4) };
}

function readPage(words: Page, entries: Map<string, string>): void {
  const { page } = words;
  const type = words.u8(page + 25);
  if (type !== HASH && type !== HASH_UNSORTED && type !== BTREE_LEAF) return;
  const count = words.u16(page + 20);
  const item = type === BTREE_LEAF ? btreeItem : hashItem;
  for (let i = 0; i + 1 < count; i += 2) {
    const key = item(words, i);
    const data = item(words, i + 1);
    if (key !== undefined && data !== undefined && !entries.has(key)) entries.set(key, data);
  }
}

/** Items are laid from the end of the page: one ends where the one before it begins. */
function hashItem(words: Page, index: number): string | undefined {
  const { file, page, size } = words;
  const start = page + words.u16(page + PAGE_HEAD + 2 * index);
  const end = index === 0 ? page + size : page + words.u16(page + PAGE_HEAD + 2 * (index - 1));
  if (start >= end || end > page + size) throw new Corrupt();
  switch (words.u8(start)) {
    case KEY_DATA:
      return file.slice(start + 1, end);
    case OFF_PAGE:
      return overflow(words, words.u32(start + 4), words.u32(start + 8));
    default:
      // Duplicates: exim and sasl make none.
      return undefined;
  }
}

function btreeItem(words: Page, index: number): string | undefined {
  const start = words.page + words.u16(words.page + PAGE_HEAD + 2 * index);
  const type = words.u8(start + 2);
  if ((type & DELETED) !== 0) return undefined;
  if (type === KEY_DATA) {
    const length = words.u16(start);
    if (start + 3 + length > words.page + words.size) throw new Corrupt();
    return words.file.slice(start + 3, start + 3 + length);
  }
  return type === OFF_PAGE ? overflow(words, words.u32(start + 4), words.u32(start + 8)) : undefined;
}

/** What is too long for a page hangs on a chain of pages of its own. */
function overflow(words: Page, first: number, total: number): string {
  const { file, size } = words;
  let text = "";
  for (let number = first; number !== 0 && text.length < total;) {
    const page = number * size;
    const length = words.u16(page + 22);
    if (words.u8(page + 25) !== OVERFLOW || length === 0 || PAGE_HEAD + length > size) throw new Corrupt();
    text += file.slice(page + PAGE_HEAD, page + PAGE_HEAD + length);
    number = words.u32(page + 16);
  }
  if (text.length !== total) throw new Corrupt();
  return text;
}
