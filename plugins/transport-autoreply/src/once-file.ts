/**
 * The `once` file: who has had a reply, and when. One line each, `seconds<TAB>address`, oldest first, in the recipient's
 * own folder and under the recipient's uid. Exim keeps a DBM file here; a file that is none of ours is not touched.
 */
import { chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { octetsOf, pathOf } from "@mailkit/sdk";

const HEAD = "mailkit once 1\n";

export interface Remembered {
  /** Milliseconds since 1970, by address in lower case. */
  readonly sent: ReadonlyMap<string, number>;
}

/** Undefined when the file is of another kind; throws what the file system says. */
export function readOnceFile(path: string): Remembered | undefined {
  let text: string;
  try {
    text = readFileSync(pathOf(path), "latin1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { sent: new Map() };
    throw error;
  }
  return text === "" ? { sent: new Map() } : parseOnce(text);
}

export function parseOnce(text: string): Remembered | undefined {
  if (!text.startsWith(HEAD)) return undefined;
  const sent = new Map<string, number>();
  for (const line of text.slice(HEAD.length).split("\n")) {
    const at = line.indexOf("\t");
    const seconds = Number(line.slice(0, at));
    if (at > 0 && Number.isSafeInteger(seconds)) sent.set(line.slice(at + 1), seconds * 1000);
  }
  return { sent };
}

/** Notes a reply; the oldest addresses go while the file would be longer than `limit` octets (0 = no limit). */
export function writeOnceFile(
  path: string,
  known: Remembered,
  entry: { readonly address: string; readonly now: number; readonly mode: number; readonly limit: number },
): void {
  const sent = new Map(known.sent);
  sent.delete(keyOf(entry.address));
  sent.set(keyOf(entry.address), entry.now);
  let text = printOnce(sent);
  for (const oldest of sent.keys()) {
    if (entry.limit <= 0 || text.length <= entry.limit || sent.size === 1) break;
    sent.delete(oldest);
    text = printOnce(sent);
  }
  const temporary = `${path}.new.${process.pid}`;
  writeFileSync(pathOf(temporary), octetsOf(text), { mode: entry.mode });
  chmodSync(pathOf(temporary), entry.mode);
  renameSync(pathOf(temporary), pathOf(path));
}

export function printOnce(sent: ReadonlyMap<string, number>): string {
  return HEAD + [...sent].map(([address, time]) => `${Math.floor(time / 1000)}\t${address}\n`).join("");
}

/** One line, whatever the address is made of. */
export function keyOf(address: string): string {
  // oxlint-disable-next-line no-control-regex
  return address.toLowerCase().replaceAll(/[\x00-\x1f]/g, "?");
}
