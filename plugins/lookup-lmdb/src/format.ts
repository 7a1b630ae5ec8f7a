/**
 * The file format of LMDB 0.9 on 64-bit little-endian machines: pages, nodes, the way from the root to a key. Knows
 * nothing of files: pages come from a function. Whatever does not fit is a `Corrupt` fault, never an endless walk.
 *
 * A page: number (8 octets), 2 unused, flags (2), lower and upper end of its free space (2 each), then the places of its
 * nodes (2 each). A node: size of the data, or the number of a page (6 octets), key size (2), key, data.
 */

/** Octets of the file from `offset` on; fewer than wanted at its end. */
export type ReadOctets = (offset: number, length: number) => Buffer;

export class Corrupt extends Error {}

const PAGE_HEADER = 16;
const NODE_HEADER = 8;
const BRANCH = 0x01;
const LEAF = 0x02;
const FIXED_LEAF = 0x20;
const BIG_DATA = 0x01;
const SUB_DATABASE = 0x02;
const DUPLICATES = 0x04;
const MAX_DEPTH = 32;
/** More is no answer to a lookup. */
const MAX_DATA = 16_777_216;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

export interface Database {
  readonly flags: number;
  /** Undefined = empty. */
  readonly root: number | undefined;
}

/** One of the two heads of a file: the newer one counts. */
export interface Head {
  readonly transaction: bigint;
  readonly pageSize: number;
  readonly main: Database;
}

const MAGIC = 0xbeefc0de;
const VERSION = 1;
const HEAD_SIZE = 152;

export function readHead(read: ReadOctets): Head {
  const first = headAt(read, 0);
  const second = headAt(read, first.pageSize);
  return second.transaction > first.transaction ? second : first;
}

function headAt(read: ReadOctets, offset: number): Head {
  const page = read(offset, HEAD_SIZE);
  if (page.length < HEAD_SIZE || page.readUInt32LE(16) !== MAGIC) throw new Corrupt("it is no LMDB file");
  const version = page.readUInt32LE(20);
  if (version !== VERSION) throw new Corrupt(`it has version ${version} of the LMDB file format, version ${VERSION} is read`);
  const pageSize = page.readUInt32LE(40);
  if (pageSize < 256 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) throw new Corrupt(`it has pages of ${pageSize} octets`);
  return { transaction: page.readBigUInt64LE(144), pageSize, main: databaseAt(page, 88) };
}

function databaseAt(octets: Buffer, offset: number): Database {
  if (octets.length < offset + 48) throw new Corrupt("a database record is cut off");
  const root = octets.readBigUInt64LE(offset + 40);
  return { flags: octets.readUInt16LE(offset + 4), root: root === NO_PAGE ? undefined : Number(root) };
}

const REVERSE_KEY = 0x02;
const INTEGER_KEY = 0x08;

/** The first value of `key`; undefined = none. */
export function findKey(read: ReadOctets, { main, pageSize }: Head, key: Buffer): Buffer | undefined {
  if ((main.flags & INTEGER_KEY) !== 0) throw new Corrupt("its keys are numbers");
  const file: Pages = { read, pageSize };
  let page = main.root === undefined ? undefined : pageAt(file, main.root);
  for (let depth = 0; page !== undefined; depth++) {
    if (depth > MAX_DEPTH) throw new Corrupt("its tree is too deep");
    const { index, isEqual } = search(page, key, (main.flags & REVERSE_KEY) !== 0);
    if ((page.flags & BRANCH) === 0) return isEqual ? dataOf(file, nodeAt(page, index)) : undefined;
    // The first key of a branch stands for everything below the second one.
    page = pageAt(file, childOf(nodeAt(page, isEqual ? index : Math.max(index - 1, 0))));
  }
  return undefined;
}

interface Pages {
  readonly read: ReadOctets;
  readonly pageSize: number;
}

interface Page {
  readonly octets: Buffer;
  readonly flags: number;
  readonly count: number;
}

function pageAt({ read, pageSize }: Pages, number: number): Page {
  return pageOf(read(number * pageSize, pageSize), pageSize);
}

function pageOf(octets: Buffer, size: number): Page {
  if (octets.length < PAGE_HEADER || octets.length < size) throw new Corrupt("a page is cut off");
  const flags = octets.readUInt16LE(10);
  if ((flags & (BRANCH | LEAF)) === 0) throw new Corrupt("a page is neither branch nor leaf");
  const count = (octets.readUInt16LE(12) - PAGE_HEADER) >> 1;
  if (count < 1 || PAGE_HEADER + 2 * count > octets.length) throw new Corrupt("a page has no sensible number of nodes");
  return { octets, flags, count };
}

interface Node {
  readonly octets: Buffer;
  readonly offset: number;
  readonly flags: number;
  readonly key: Buffer;
}

function nodeAt({ octets, count }: Page, index: number): Node {
  if (index >= count) throw new Corrupt("a node is missing");
  const offset = octets.readUInt16LE(PAGE_HEADER + 2 * index);
  if (offset + NODE_HEADER > octets.length) throw new Corrupt("a node lies outside its page");
  const keySize = octets.readUInt16LE(offset + 6);
  const start = offset + NODE_HEADER;
  if (start + keySize > octets.length) throw new Corrupt("a key is cut off");
  return { octets, offset, flags: octets.readUInt16LE(offset + 4), key: octets.subarray(start, start + keySize) };
}

/** The first node whose key is not below the one that is wanted. The first key of a branch is below all. */
function search(page: Page, key: Buffer, reverse: boolean): { readonly index: number; readonly isEqual: boolean } {
  let low = (page.flags & BRANCH) === 0 ? 0 : 1;
  let high = page.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = compareKeys(nodeAt(page, middle).key, key, reverse);
    if (order === 0) return { index: middle, isEqual: true };
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return { index: low, isEqual: false };
}

function compareKeys(a: Buffer, b: Buffer, reverse: boolean): number {
  return reverse ? Buffer.compare(Buffer.from(a).reverse(), Buffer.from(b).reverse()) : Buffer.compare(a, b);
}

function childOf({ octets, offset, flags }: Node): number {
  return octets.readUInt32LE(offset) + flags * 2 ** 32;
}

/** Large data have pages of their own; of several values the first one counts. A named database has no value. */
function dataOf(file: Pages, node: Node): Buffer | undefined {
  const size = node.octets.readUInt32LE(node.offset);
  const start = node.offset + NODE_HEADER + node.key.length;
  if (size > MAX_DATA) throw new Corrupt(`it has data of ${size} octets`);
  if ((node.flags & BIG_DATA) !== 0) {
    if (start + 8 > node.octets.length) throw new Corrupt("a page number is cut off");
    const page = Number(node.octets.readBigUInt64LE(start));
    const data = file.read(page * file.pageSize + PAGE_HEADER, size);
    if (data.length < size) throw new Corrupt("data are cut off");
    return data;
  }
  if (start + size > node.octets.length) throw new Corrupt("data are cut off");
  const data = node.octets.subarray(start, start + size);
  if ((node.flags & DUPLICATES) === 0) return (node.flags & SUB_DATABASE) === 0 ? data : undefined;
  const page = (node.flags & SUB_DATABASE) === 0 ? pageOf(data, PAGE_HEADER) : firstLeaf(file, databaseAt(data, 0));
  return page === undefined ? undefined : firstKey(page);
}

/** Values of one key are the keys of a small page in its place, or of a tree of their own. */
function firstLeaf(file: Pages, { root }: Database): Page | undefined {
  if (root === undefined) return undefined;
  let page = pageAt(file, root);
  for (let depth = 0; (page.flags & BRANCH) !== 0; depth++) {
    if (depth > MAX_DEPTH) throw new Corrupt("its tree is too deep");
    page = pageAt(file, childOf(nodeAt(page, 0)));
  }
  return page;
}

/** Keys of one size stand without nodes, one after the other; their size is where others have nothing. */
function firstKey(page: Page): Buffer {
  if ((page.flags & FIXED_LEAF) === 0) return nodeAt(page, 0).key;
  return page.octets.subarray(PAGE_HEADER, PAGE_HEADER + page.octets.readUInt16LE(8));
}
