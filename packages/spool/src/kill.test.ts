import test from "ava";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { envelopeOf, HEADERS, idOf, open, scratch } from "./testing/fixtures.ts";

const WRITER = join(import.meta.dirname, "testing", "writer-process.ts");

/** Runs the writer until it has said so many lines, then kills it without warning. Returns the lines. */
function runAndKill(directory: string, first: number, lines: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [WRITER, directory, String(first)], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    let seen = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      for (const octet of chunk) if (octet === 10) seen++;
      if (seen >= lines) child.kill("SIGKILL");
    });
    child.on("error", reject);
    child.on("close", (_code, signal) => {
      if (signal === "SIGKILL") resolve(said.split("\n").slice(0, -1));
      else reject(new Error("the writer ended by itself"));
    });
  });
}

test("killed at any moment: what was acknowledged is there, what was ended is not", async (t) => {
  const directory = scratch(t);
  const input = join(directory, "input", "w1");
  const accepted = new Set<number>();
  const ending = new Set<number>();
  const ended = new Set<number>();
  for (const [round, lines] of [7, 60, 333, 901, 1500].entries()) {
    for (const line of await runAndKill(input, round * 100_000, lines)) {
      const n = Number(line.slice(1));
      if (line[0] === "+") accepted.add(n);
      else if (line[0] === "~") ending.add(n);
      else ended.add(n);
    }
    const partition = await open(directory, { trouble: () => {} });
    for (const n of accepted) if (!ending.has(n)) t.true(partition.has(idOf(n)), `message ${n} was acknowledged`);
    for (const n of ended) t.false(partition.has(idOf(n)), `message ${n} was ended`);
    for (const { id } of partition.list()) {
      const n = Number(id.slice(7, 18));
      if (n < 10_000_000) t.is((await (await partition.get(id))?.body.read())?.toString(), `body ${n}\n`.repeat(n % 500));
    }
    await partition.accept({ envelope: envelopeOf(idOf(round + 10_000_000)), headers: HEADERS, body: Buffer.from("between\n") });
    await partition.close();
  }
  t.true(accepted.size > 500);
});
