import test from "ava";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSupervisor } from "./supervisor.ts";

/** Says its pid in the place of an address, ends when it is told to drain. */
const WORKER = `process.on("message", ({ kind }) => {
  if (kind === "start") process.send({ kind: "ready", addresses: [String(process.pid)] });
  if (kind === "drain") process.exit(0);
});
process.on("disconnect", () => process.exit(0));
`;

/** Dead with all its threads, so that its end of the channel is closed; not waited for yet. */
function isGone(pid: number): boolean {
  return readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z ") && readdirSync(`/proc/${pid}/task`).length === 1;
}

test("a worker that was killed just now is told something: the supervisor goes on", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mailkit-supervisor-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const script = join(folder, "worker.mjs");
  writeFileSync(script, WORKER);
  const lines: string[] = [];
  let told: () => void = () => {};
  const logged = new Promise<void>((resolve) => (told = resolve));
  const supervisor = startSupervisor({
    workerCommand: { script, args: [] },
    startHelper: () => {},
    workers: 1,
    settings: undefined,
    log: (line) => {
      lines.push(line);
      told();
    },
    drainTime: 10_000,
  });
  const pid = Number((await supervisor.ready)[0]);
  process.kill(pid, "SIGKILL");
  // Without a turn of the event loop, so that nobody has noticed yet.
  while (!isGone(pid)) continue;
  t.notThrows(() => supervisor.reload());
  await logged;
  await supervisor.stop();
  t.deepEqual(lines, [`worker 0 (pid ${pid}) ended: SIGKILL`]);
});
