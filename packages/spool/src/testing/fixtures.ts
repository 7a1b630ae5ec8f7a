import type { Envelope, HeaderLine, StoredMessage } from "@mailkit/sdk";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realFiles, type SpoolFiles } from "../files.ts";
import { openPartition, type Partition, type PartitionOptions } from "../partition.ts";

/** What the tests of this package share: folders, envelopes, a clock that stands still, randomness that repeats. */
export function scratch(t: { teardown(work: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), "spool-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function idOf(n: number): string {
  return `1vNQwE-${String(n).padStart(11, "0")}-0000`;
}

export function envelopeOf(id: string, change: Partial<Envelope> = {}): Envelope {
  return {
    id,
    sender: "a@b.example",
    recipients: [{ address: "c@d.example" }],
    received: 1_000_000,
    protocol: "esmtp",
    origin: { login: "mail", uid: 8, gid: 8, local: false },
    aclVariables: [],
    queueName: "",
    bodyLines: 1,
    bodySize: 5,
    maxReceivedLine: 5,
    ...change,
  };
}

export const HEADERS: readonly HeaderLine[] = [
  { type: "P", text: "Received: by x\n\tid 1;\n\tTue\n" },
  { type: "F", text: "From: a@b.example\n" },
  { type: " ", text: "Subject: caf\xe9\n" },
];

export function optionsFor(directory: string, change: Partial<PartitionOptions> = {}): PartitionOptions {
  let seed = 1;
  return {
    directory: join(directory, "input", "w1"),
    clock: { now: () => 1_000_000 },
    random: { octets: (count) => Buffer.from(Array.from({ length: count }, () => (seed = (seed * 48271) % 2147483647) & 0xff)) },
    preallocate: 0,
    trouble: (trouble) => {
      throw new Error(`unexpected trouble: ${trouble.message}`);
    },
    ...change,
  };
}

export async function open(directory: string, change: Partial<PartitionOptions> = {}): Promise<Partition> {
  const result = await openPartition(optionsFor(directory, change));
  if (result.kind !== "open") throw new Error(result.message);
  return result.partition;
}

export async function contentOf(message: StoredMessage | undefined): Promise<string | undefined> {
  if (message === undefined) return undefined;
  return message.headers.map((header) => header.text).join("") + (await message.body.read()).toString("latin1");
}

/** Without real syncs, for tests that open hundreds of times and are not about durability. */
export const hurriedFiles: SpoolFiles = {
  ...realFiles,
  fdatasync: (_fd, done) => void setImmediate(done, null),
  syncDirectory: () => Promise.resolve(),
};
