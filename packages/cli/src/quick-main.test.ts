import test from "ava";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { openPartition, type Partition } from "@mailkit/spool";
import type { CommandContext } from "./command.ts";
import { quickQueue } from "./exim/quick.ts";

const IDS = ["1vNQwE-00000000001-0000", "1vNQwE-00000000002-0000", "1vNQwE-00000000003-0000"] as const;

async function partition(spool: string, name: string): Promise<Partition> {
  const opened = await openPartition({
    directory: join(spool, "input", name),
    clock: { now: Date.now },
    random: { octets: (count) => randomBytes(count) },
    preallocate: 0,
  });
  if (opened.kind !== "open") throw new Error(opened.message);
  return opened.partition;
}

async function accept(into: Partition, id: string, sender: string): Promise<void> {
  await into.accept({
    envelope: {
      id,
      sender,
      recipients: [{ address: "a@x.example" }, { address: "b@x.example" }],
      received: Date.now() - 5 * 60_000,
      protocol: "smtp",
      origin: { login: "mail", uid: 8, gid: 8, local: false },
      aclVariables: [],
      queueName: "",
      bodyLines: 1,
      bodySize: 4,
      maxReceivedLine: 4,
    },
    headers: [],
    body: Buffer.from("text"),
  });
}

test("-bp and -bpc beside running writers: several partitions, in the order of ids, with what has happened since", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mailkit-quick-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const config = join(folder, "c.conf");
  writeFileSync(config, `HERE = ${folder}\nspool_directory = HERE/spool\nqueue_list_requires_admin = false\nbegin routers\n`);
  const one = await partition(join(folder, "spool"), "worker-0");
  const two = await partition(join(folder, "spool"), "worker-1");
  await accept(one, IDS[2], "c@d.example");
  await accept(two, IDS[1], "gone@d.example");
  await accept(one, IDS[0], "a@d.example");
  await one.record(IDS[0], [{ kind: "done", addresses: ["a@x.example"] }]);
  await one.record(IDS[2], [{ kind: "freeze", at: 1, why: "" }]);
  await two.record(IDS[1], [{ kind: "sender", sender: "b@d.example" }]);
  const run = async (...argv: string[]): Promise<{ code: number | undefined; text: string }> => {
    const stdout = new PassThrough();
    const context: CommandContext = { stdout, stderr: new PassThrough(), stdin: new PassThrough(), env: {}, cwd: folder, color: false };
    const code = await quickQueue(context, "exim", ["-C", config, ...argv]);
    return { code, text: (stdout.read() as Buffer | null)?.toString("latin1") ?? "" };
  };
  t.deepEqual(await run("-bpc"), { code: 0, text: "3\n" });
  const listing =
    ` 5m     4 ${IDS[0]} <a@d.example>\n        D a@x.example\n          b@x.example\n\n` +
    ` 5m     4 ${IDS[1]} <b@d.example>\n          a@x.example\n          b@x.example\n\n` +
    ` 5m     4 ${IDS[2]} <c@d.example> *** frozen ***\n          a@x.example\n          b@x.example\n\n`;
  t.deepEqual(await run("-bp"), { code: 0, text: listing });
  t.is((await run("-bp", IDS[1])).text.split("\n")[0], ` 5m     4 ${IDS[1]} <b@d.example>`);
  t.is((await run("-bV")).code, undefined, "other modes need the engine");
  await two.record(IDS[1], [], { last: true });
  t.is((await run("-bpc")).text, "2\n");
  writeFileSync(config, "spool_directory = /x/$primary_hostname\n");
  t.is((await run("-bpc")).code, undefined, "an expanded folder needs the engine");
  await Promise.all([one.close(), two.close()]);
});
