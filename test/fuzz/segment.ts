/**
 * The reader of segments against damaged ones. It never throws; what is whole is found, where it is; nothing is found that
 * was not written; both ways of reading agree. Every so often the damaged segment is opened as a spool.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openPartition, verifySpool } from "../../packages/spool/src/index.ts";
import { realFiles, type SpoolFiles } from "../../packages/spool/src/files.ts";
import { readSegmentHeader, segmentName } from "../../packages/spool/src/format.ts";
import { scanSegment, type ScanItem } from "../../packages/spool/src/segment-scan.ts";
import { streamSegment } from "../../packages/spool/src/segment-stream.ts";
import { contentOf, envelopeOf, HEADERS, hurriedFiles, idOf, open, optionsFor } from "../../packages/spool/src/testing/fixtures.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { below, DAMAGES, FLIP, pick, type Random } from "./mutate.ts";
import { hold, type FuzzRun, type FuzzTarget } from "./target.ts";

interface Sample {
  readonly octets: Buffer;
  readonly records: readonly { readonly offset: number; readonly end: number }[];
  /** Of all records, as text. */
  readonly payloads: ReadonlySet<string>;
  /** Contents by id, of the messages that wait. */
  readonly contents: ReadonlyMap<string, string>;
}

const MESSAGES = 12;

export const segment: FuzzTarget = {
  name: "segment",
  open: async (t): Promise<FuzzRun> => {
    const folder = temporaryFolder(t, "fuzz-segment");
    const sample = await makeSample(folder);
    return {
      round: async (random, seen) => {
        const { octets, silent } = damaged(sample.octets, random);
        seen(octets);
        checkItems(octets, sample);
        if (below(random, 25) === 0) await checkSpool(join(folder, "spool"), octets, { sample, silent });
      },
    };
  },
};

async function makeSample(folder: string): Promise<Sample> {
  const partition = await open(folder);
  for (let n = 0; n < MESSAGES; n++) {
    const body = Buffer.from(`body ${n}\n`.repeat(1 + ((n * 7) % 40)), "latin1");
    await partition.accept({ envelope: envelopeOf(idOf(n)), headers: HEADERS, body });
    if (n % 3 === 1) await partition.record(idOf(n), [{ kind: "done", addresses: ["c@d.example"] }]);
    if (n % 4 === 0) await partition.record(idOf(n), [], { last: true });
  }
  const contents = new Map<string, string>();
  for (const { id } of partition.list()) contents.set(id, (await contentOf(await partition.get(id))) as string);
  await partition.close();
  const octets = readFileSync(join(folder, "input", "w1", segmentName(1)));
  const records = scanSegment(octets, 1).map((item) => {
    if (item.kind !== "record") throw new Error(`the sample is not sound: ${item.kind}`);
    return { offset: item.offset, end: item.offset + item.size, payload: item.payload.toString("latin1") };
  });
  return { octets, records, payloads: new Set(records.map(({ payload }) => payload)), contents };
}

/** `silent`: the damage may look like a segment that ends early. */
function damaged(sound: Buffer, random: Random): { octets: Buffer; silent: boolean } {
  let octets: Buffer = Buffer.from(sound);
  const onlyFlips = random() < 0.3;
  let silent = false;
  for (let count = 1 + below(random, 4); count > 0 && octets.length > 0; count--) {
    const damage = onlyFlips ? FLIP : pick(random, DAMAGES);
    silent ||= damage.name !== "flip";
    octets = damage.apply(octets, random);
  }
  return { octets, silent };
}

function checkItems(octets: Buffer, sample: Sample): void {
  const items = scanSegment(octets, 1);
  const found = new Set<number>();
  let end = 0;
  for (const item of items) {
    if (item.kind === "version") continue;
    hold(item.offset >= end, () => `items overlap at ${item.offset}`);
    end = endOf(item);
    hold(end > item.offset && end <= octets.length, () => `an item from ${item.offset} to ${end} of ${octets.length}`);
    if (item.kind !== "record") continue;
    found.add(item.offset);
    hold(sample.payloads.has(item.payload.toString("latin1")), () => `a record at ${item.offset} that nobody wrote`);
  }
  if (readSegmentHeader(octets).kind === "ok") {
    // What stands inside a record whose header is sound is its content, whatever it looks like.
    const inside = (place: number): boolean =>
      items.some((item) => item.kind !== "version" && item.payload !== undefined && item.offset < place && place < endOf(item));
    for (const { offset, end: stop } of wholeRecords(octets, sample))
      hold(found.has(offset) || inside(offset), () => `the whole record ${offset}..${stop} is not found`);
  }
  const streamed: ScanItem[] = [];
  streamSegment(inMemory(octets), "", 1, (item) => streamed.push(copyOf(item)));
  hold(
    textOf(streamed) === textOf(items.map(copyOf)),
    () => `read through a window:\n${textOf(streamed)}\nas a whole:\n${textOf(items.map(copyOf))}`,
  );
}

function endOf(item: Exclude<ScanItem, { kind: "version" }>): number {
  return item.kind === "record" ? item.offset + item.size : item.end;
}

/** Records of the sample that stand where they stood, untouched. */
function wholeRecords(octets: Buffer, sample: Sample): Sample["records"] {
  return sample.records.filter(({ offset, end }) => end <= octets.length && octets.compare(sample.octets, offset, end, offset, end) === 0);
}

function copyOf(item: ScanItem): ScanItem {
  return item.kind !== "version" && item.payload !== undefined ? { ...item, payload: Buffer.from(item.payload) } : item;
}

function textOf(items: readonly ScanItem[]): string {
  return items
    .map((item) =>
      JSON.stringify(item, (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value)),
    )
    .join("\n");
}

function inMemory(octets: Buffer): SpoolFiles {
  return {
    ...realFiles,
    open: () => 3,
    close: () => {},
    size: () => octets.length,
    readFile: () => octets,
    // Short reads, as a file system may give them.
    readNow: (_fd, into, position) => octets.copy(into, 0, position, Math.min(octets.length, position + Math.min(into.length, 4096))),
  };
}

interface Expected {
  readonly sample: Sample;
  readonly silent: boolean;
}

async function checkSpool(folder: string, octets: Buffer, { sample, silent }: Expected): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "input", "w1"), { recursive: true });
  writeFileSync(join(folder, "input", "w1", segmentName(1)), octets);
  const before = await verifySpool(folder, hurriedFiles);
  const troubles: string[] = [];
  const result = await openPartition({ ...optionsFor(folder), files: hurriedFiles, trouble: (trouble) => troubles.push(trouble.message) });
  if (result.kind !== "open") {
    hold(before.partitions[0]?.faults[0]?.kind === "version", () => `not opened: ${result.message}`);
    return;
  }
  const { partition } = result;
  const kept = partition.list().map(({ id }) => id);
  for (const id of kept) {
    const content = await contentOf(await partition.get(id));
    const was = sample.contents.get(id);
    // A message that had ended is back when the record of its end is damaged.
    hold(content === was || was === undefined, () => `message ${id} is not what it was`);
  }
  await partition.close();
  const lost = [...sample.contents.keys()].filter((id) => !kept.includes(id));
  hold(lost.length === 0 || silent || troubles.length > 0, () => `${lost.join()} lost, and nobody is told`);
  hold(before.ok === (troubles.length === 0), () => `spool verify: ${JSON.stringify(before)}, the start: ${troubles.join()}`);
  hold(readdirSync(folder).includes("corrupt") === troubles.length > 0, () => "what is damaged goes aside");
  const after = await verifySpool(folder, hurriedFiles);
  hold(after.ok && after.partitions[0]?.messages === kept.length, () => `after the start: ${JSON.stringify(after)}`);
}
