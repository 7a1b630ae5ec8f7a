/**
 * How cost grows, with connections, size, recipients, the domains of a list, and workers (each has a partition of its own).
 * `test/bench/growth.ts [--only NAME,...] [--write]`: a table on standard output; `--write` puts it into
 * docs/benchmarks.md and draws docs/benchmarks-growth.svg. Run on a quiet machine after a build; takes about 4 minutes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startSink } from "../support/smtp-sink.ts";
import { until } from "../support/wait.ts";
import { send, textOf, type Load } from "./load.ts";
import { plot, type Series } from "./plot.ts";
import { HEAD, teardownOf, withServer, type Stand } from "./stand.ts";

const LOCAL = `${HEAD}acl_smtp_rcpt = accept
begin routers
here:
  driver = accept
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = FOLDER/box
  create_directory
  maildir_format
`;
const relayTo = (host: string, port: number): string => `${HEAD}acl_smtp_rcpt = accept
begin routers
there:
  driver = manualroute
  route_list = * ${host}::${port} byname
  transport = out
  self = send
begin transports
out:
  driver = smtp
  hosts_try_dane =
  max_rcpt = 1000
`;
const listOf = (domains: string, definition: string): string => `${HEAD}${definition}
acl_smtp_rcpt = check
begin acl
check:
  require domains = ${domains}
  accept
`;

const to = (name: string): string[] => ["MAIL FROM:<a@client.test>", `RCPT TO:<${name}>`, "DATA"];

interface Point {
  readonly at: number;
  readonly label: string;
  /** Milliseconds of CPU for one of `unit`. */
  readonly cpu: number;
  /** Of `unit` in a second. */
  readonly rate: number;
  readonly memory: number;
}

interface Dimension {
  readonly name: string;
  readonly across: string;
  readonly unit: string;
  points(): Promise<Point[]>;
}

const DIMENSIONS: readonly Dimension[] = [
  { name: "connections", across: "connections at once (4 KiB to a Maildir)", unit: "message", points: connections },
  { name: "size", across: "octets of a message (10 connections, to a Maildir)", unit: "message", points: sizes },
  { name: "recipients", across: "recipients of a message (4 KiB, relayed)", unit: "recipient", points: recipients },
  { name: "domains", across: "domains in the configuration's list (the last one matches)", unit: "RCPT", points: () => domains("inline") },
  { name: "lsearch", across: "domains in an lsearch file", unit: "RCPT", points: () => domains("lsearch") },
  { name: "workers", across: "workers = partitions (50 connections, 4 KiB to a Maildir)", unit: "message", points: workers },
];

const { values } = parseArgs({ options: { only: { type: "string" }, write: { type: "boolean", default: false } } });
const chosen = DIMENSIONS.filter(({ name }) => values.only === undefined || values.only.split(",").includes(name));
const results: { dimension: Dimension; points: Point[] }[] = [];
for (const dimension of chosen) {
  const points = await dimension.points();
  results.push({ dimension, points });
  console.log(`${tableOf(dimension, points)}\n`);
}
if (values.write) write();

async function connections(): Promise<Point[]> {
  const points: Point[] = [];
  await withServer(LOCAL, {}, async (stand) => {
    await warm(stand);
    for (const at of [1, 10, 100, 1000]) {
      const messages = at === 1 ? 300 : 2000;
      points.push(
        await delivered(
          stand,
          { at, label: String(at) },
          { connections: at, messages, envelope: to("user@local.test"), text: textOf(4096) },
        ),
      );
    }
  });
  return points;
}

async function sizes(): Promise<Point[]> {
  const points: Point[] = [];
  await withServer(LOCAL, {}, async (stand) => {
    await warm(stand);
    for (const [at, label, messages] of [
      [1024, "1 KiB", 1000],
      [10 * 1024, "10 KiB", 1000],
      [100 * 1024, "100 KiB", 300],
      [1024 * 1024, "1 MiB", 60],
      [10 * 1024 * 1024, "10 MiB", 20],
      [50 * 1024 * 1024, "50 MiB", 10],
    ] as const)
      points.push(await delivered(stand, { at, label }, { connections: 10, messages, envelope: to("user@local.test"), text: textOf(at) }));
  });
  return points;
}

async function recipients(): Promise<Point[]> {
  const undo: (() => void | Promise<void>)[] = [];
  const points: Point[] = [];
  try {
    const sink = await startSink(teardownOf(undo), { extensions: ["PIPELINING"] });
    await withServer(relayTo(sink.address, sink.port), {}, async (stand) => {
      await warm(stand);
      for (const [at, messages] of [
        [1, 500],
        [10, 200],
        [100, 50],
        [1000, 8],
        [10_000, 2],
      ] as const) {
        const rcpts = Array.from({ length: at }, (_, i) => `RCPT TO:<user${i}@remote.test>`);
        const load = { messages, connections: Math.min(10, messages), text: textOf(4096) };
        const point = await delivered(
          stand,
          { at, label: String(at) },
          { ...load, envelope: ["MAIL FROM:<a@client.test>", ...rcpts, "DATA"] },
        );
        points.push({ ...point, cpu: point.cpu / at, rate: point.rate * at });
      }
    });
  } finally {
    for (const step of undo.toReversed()) await step();
  }
  return points;
}

async function domains(kind: "inline" | "lsearch"): Promise<Point[]> {
  const points: Point[] = [];
  for (const at of [10, 100, 1000, 10_000, 100_000]) {
    const names = Array.from({ length: at }, (_, i) => `d${i}.domains.test`);
    const inline = listOf("+some", `domainlist some = ${names.join(" : \\\n  ")}`);
    const config = kind === "inline" ? inline : listOf("lsearch;FOLDER/domains", "");
    const files = kind === "inline" ? undefined : { domains: `${names.join("\n")}\n` };
    const last = `RCPT TO:<user@${names.at(-1) as string}>`;
    points.push(
      await withServer(config, files === undefined ? {} : { files }, async (stand) => {
        // A transaction of one recipient: what was matched before is not remembered.
        const load = { address: stand.server.address, port: stand.server.port, connections: 4, messages: 3000 };
        const envelope = ["MAIL FROM:<a@client.test>", last, "RSET"];
        await send({ ...load, envelope });
        return used(stand, { at, label: String(at) }, load.messages, () => send({ ...load, envelope }));
      }),
    );
  }
  return points;
}

async function workers(): Promise<Point[]> {
  const points: Point[] = [];
  for (const at of [1, 2, 4, 10]) {
    points.push(
      await withServer(LOCAL, { workers: at }, async (stand) => {
        await warm(stand, 2000 * at);
        const load = { connections: 50, messages: 3000, envelope: to("user@local.test"), text: textOf(4096) };
        return delivered(stand, { at, label: String(at) }, load);
      }),
    );
  }
  return points;
}

/** The engine's compiler has seen what runs, as it has after the first minute of a server. */
async function warm(stand: Stand, messages = 2000): Promise<void> {
  await delivered(
    stand,
    { at: 0, label: "" },
    { connections: 20, messages, each: 100, envelope: to("user@local.test"), text: textOf(4096) },
  );
}

/** From the first octet to the last "Completed". */
async function delivered(stand: Stand, where: { at: number; label: string }, load: Omit<Load, "address" | "port">): Promise<Point> {
  const { server } = stand;
  const before = completed(server.mainlog());
  return used(stand, where, load.messages, async () => {
    const began = Date.now();
    await send({ address: server.address, port: server.port, ...load });
    await until(() => completed(server.mainlog()) >= before + load.messages, { what: "the last delivery", limit: 120_000 });
    return (Date.now() - began) / 1000;
  });
}

function completed(log: string): number {
  return log.split(" Completed\n").length - 1;
}

async function used(stand: Stand, where: { at: number; label: string }, count: number, work: () => Promise<number>): Promise<Point> {
  const before = stand.cpu();
  const seconds = await work();
  return { ...where, cpu: ((stand.cpu() - before) / count) * 1000, rate: count / seconds, memory: stand.memory() };
}

function tableOf({ across, unit }: Dimension, points: readonly Point[]): string {
  const rows = points.map(({ label, cpu, rate, memory }) => `| ${label} | ${figure(cpu)} | ${figure(rate)} | ${Math.round(memory)} |`);
  return [`| ${across} | CPU ms for a ${unit} | ${unit}s/s | MiB after it |`, "| ---: | ---: | ---: | ---: |", ...rows].join("\n");
}

function figure(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

function write(): void {
  const docs = join(import.meta.dirname, "../../docs");
  const page = join(docs, "benchmarks.md");
  const [begin, end] = ["<!-- growth: made by test/bench/growth.ts -->", "<!-- growth: end -->"];
  const text = readFileSync(page, "utf8");
  const [first, last] = [text.indexOf(begin), text.indexOf(end)];
  if (first < 0 || last < first) throw new Error(`${page} lacks ${begin} ... ${end}`);
  const tables = results.map(({ dimension, points }) => tableOf(dimension, points)).join("\n\n");
  writeFileSync(page, `${text.slice(0, first)}${begin}\n\n${tables}\n\n${text.slice(last)}`);
  const series = results.map(({ dimension, points }): Series => ({
    title: dimension.name,
    across: dimension.across,
    up: `CPU ms for a ${dimension.unit}`,
    points: points.map(({ at, label, cpu }) => ({ x: at, label, y: cpu })),
  }));
  writeFileSync(join(docs, "benchmarks-growth.svg"), plot(series));
}
