/**
 * Intake alone: messages of 4 KiB that are accepted and durable, and not delivered (`queue_only`), beside a responder that
 * keeps nothing and beside the rate of one fdatasync for each message. `test/bench/intake.ts [--rounds N]` after a build.
 */
import { spawn } from "node:child_process";
import { closeSync, fdatasyncSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { send, textOf, type Load } from "./load.ts";
import { HEAD, withServer, type Stand } from "./stand.ts";

const CONFIG = `${HEAD}queue_only
acl_smtp_rcpt = accept
begin routers
there:
  driver = manualroute
  route_list = * 127.0.0.1::1 byname
  transport = out
begin transports
out:
  driver = smtp
`;
/** Connections, messages of each, messages in all. */
const CELLS = [
  { name: "c1k20", connections: 1, messages: 1000 },
  { name: "c10k20", connections: 10, messages: 4000 },
  { name: "c50k20", connections: 50, messages: 10_000 },
] as const;
const SIZE = 4096;
const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" } } });

interface Row {
  readonly accepted: number;
  readonly bare: number;
  readonly synced: number;
  /** Milliseconds for a message. */
  readonly cpu: number;
}

const responder = await startResponder();
try {
  await withServer(CONFIG, {}, async (stand) => {
    await rateOf(stand.server, 50, 4000);
    console.log("| cell | accepted/s | bare responder/s | fdatasync/s | to the responder | to fdatasync | CPU ms for a message |");
    console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (const cell of CELLS) console.log(lineOf(cell.name, await measure(stand, cell)));
  });
} finally {
  responder.end();
}

/** The best round of each. */
async function measure(stand: Stand, { connections, messages }: (typeof CELLS)[number]): Promise<Row> {
  let best: Row = { accepted: 0, bare: 0, synced: 0, cpu: Number.MAX_VALUE };
  for (let i = 0; i < Number(values.rounds); i++) {
    const bare = await rateOf(responder, connections, messages);
    const synced = syncRate();
    const before = stand.cpu();
    const accepted = await rateOf(stand.server, connections, messages);
    const cpu = ((stand.cpu() - before) / messages) * 1000;
    best = {
      accepted: Math.max(best.accepted, accepted),
      bare: Math.max(best.bare, bare),
      synced: Math.max(best.synced, synced),
      cpu: Math.min(best.cpu, cpu),
    };
  }
  return best;
}

function lineOf(name: string, { accepted, bare, synced, cpu }: Row): string {
  const rates = [accepted, bare, synced].map((rate) => Math.round(rate));
  return `| ${[name, ...rates, (accepted / bare).toFixed(2), (accepted / synced).toFixed(2), cpu.toFixed(2)].join(" | ")} |`;
}

async function rateOf(at: Pick<Load, "address" | "port">, connections: number, messages: number): Promise<number> {
  const envelope = ["MAIL FROM:<a@client.test>", "RCPT TO:<b@remote.test>", "DATA"];
  const seconds = await send({ address: at.address, port: at.port, connections, messages, envelope, text: textOf(SIZE), each: 20 });
  return messages / seconds;
}

/** Writes of a message's size, one after the other, each synced, into room that was written before. */
function syncRate(): number {
  const folder = mkdtempSync(join(tmpdir(), "mailkit-sync-"));
  const fd = openSync(join(folder, "log"), "w");
  try {
    const octets = Buffer.alloc(SIZE, "x");
    writeSync(fd, Buffer.alloc(SIZE * 500));
    fsyncSync(fd);
    const began = process.hrtime.bigint();
    for (let i = 0; i < 500; i++) {
      writeSync(fd, octets, 0, SIZE, i * SIZE);
      fdatasyncSync(fd);
    }
    return 500 / (Number(process.hrtime.bigint() - began) / 1e9);
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}

async function startResponder(): Promise<{ readonly address: string; readonly port: number; end(): void }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "responder.ts")], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<number>((resolve, reject) => {
    child.once("exit", () => reject(new Error("the responder ended at its start")));
    child.stdout.once("data", (text: Buffer) => resolve(Number(text.toString())));
  });
  return { address: "127.0.0.1", port, end: () => void child.kill() };
}
