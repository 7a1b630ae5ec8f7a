import test from "ava";
import * as fc from "fast-check";
import { readdirSync } from "node:fs";
import type { Partition } from "./partition.ts";
import { contentOf, envelopeOf, HEADERS, hurriedFiles, idOf, open, scratch } from "./testing/fixtures.ts";

const SMALL = { files: hurriedFiles, segmentSize: 20_000, cacheSize: 0 };

test("segments go as their messages go, and one that stays long is carried forward", async (t) => {
  const directory = scratch(t);
  const partition = await open(directory, SMALL);
  await partition.accept({ envelope: envelopeOf(idOf(0)), headers: HEADERS, body: Buffer.from("long-lived\n") });
  await partition.record(idOf(0), [
    { kind: "done", addresses: ["a@x"] },
    { kind: "freeze", at: 9, why: "test" },
    { kind: "log", line: "one" },
    { kind: "sender", sender: "changed@x" },
  ]);
  let most = 0;
  for (let n = 1; n <= 600; n++) {
    await partition.accept({ envelope: envelopeOf(idOf(n)), headers: HEADERS, body: Buffer.alloc(1000, "x") });
    await partition.record(idOf(n), [], { last: true });
    most = Math.max(most, readdirSync(partition.directory).length);
  }
  t.true(most < 24, `${most} files`);
  await partition.close();
  const again = await open(directory, SMALL);
  t.is(await contentOf(await again.get(idOf(0))), `${HEADERS.map((h) => h.text).join("")}long-lived\n`);
  t.like(again.list()[0], { envelope: { sender: "changed@x" }, state: { frozen: { since: 9, why: "test" } } });
  t.deepEqual(again.log(idOf(0)), ["one"]);
  t.deepEqual([...(again.list()[0]?.state.done ?? [])], ["a@x"]);
  await again.close();
});

test("files are used again, and what was in them is not found again", async (t) => {
  const directory = scratch(t);
  let made = 0;
  const files = {
    ...hurriedFiles,
    open: (path: string, flags: string | number, mode?: number) => {
      if (flags === "wx+") made++;
      return hurriedFiles.open(path, flags, mode);
    },
  };
  const partition = await open(directory, { ...SMALL, files, preallocate: 4096 });
  for (let n = 0; n < 500; n++) {
    await partition.accept({ envelope: envelopeOf(idOf(n)), headers: HEADERS, body: Buffer.alloc(1000, "x") });
    await partition.record(idOf(n), [], { last: true });
  }
  t.true(made <= 6, `${made} files were made`);
  await partition.accept({ envelope: envelopeOf(idOf(9999)), headers: HEADERS, body: Buffer.from("y") });
  await partition.close();
  const again = await open(directory, SMALL);
  t.deepEqual(
    again.list().map((item) => item.id),
    [idOf(9999)],
  );
  await again.close();
});

interface Model {
  readonly messages: Map<string, { body: string; done: string[] }>;
}

type Step = { readonly kind: "accept" | "done" | "last" | "compact" | "reopen"; readonly n: number; readonly size: number };

test("whatever is done in whatever order, the store has what it should", async (t) => {
  const step = fc.record({
    kind: fc.constantFrom<Step["kind"]>("accept", "accept", "accept", "done", "last", "last", "compact", "reopen"),
    n: fc.nat(50),
    size: fc.nat(3000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
      const directory = scratch(t);
      const options = { ...SMALL, segmentSize: 8000, inlineLimit: 2500, preallocate: 1024 };
      const model: Model = { messages: new Map() };
      let partition = await open(directory, options);
      for (const [at, one] of steps.entries()) {
        if (one.kind === "reopen") {
          await partition.close();
          partition = await open(directory, options);
        } else await takeStep(partition, model, one, at);
        checkModel(t, partition, model);
      }
      await partition.close();
      partition = await open(directory, options);
      checkModel(t, partition, model);
      for (const [id, { body }] of model.messages) t.is((await (await partition.get(id))?.body.read())?.toString(), body);
      await partition.close();
    }),
    { numRuns: 25, seed: 4711 },
  );
});

// oxlint-disable-next-line max-params
async function takeStep(partition: Partition, model: Model, step: Step, at: number): Promise<void> {
  const ids = [...model.messages.keys()];
  const id = ids[step.n % Math.max(1, ids.length)];
  if (step.kind === "accept") {
    const fresh = idOf(at);
    const body = `${at} `.repeat(step.size / 4);
    model.messages.set(fresh, { body, done: [] });
    await partition.accept({ envelope: envelopeOf(fresh), headers: HEADERS, body: Buffer.from(body) });
  } else if (step.kind === "compact") await partition.compact();
  else if (id !== undefined && step.kind === "done") {
    model.messages.get(id)?.done.push(`r${at}@x`);
    await partition.record(id, [{ kind: "done", addresses: [`r${at}@x`] }]);
  } else if (id !== undefined) {
    model.messages.delete(id);
    await partition.record(id, [], { last: true });
  }
}

function checkModel(t: { deepEqual(a: unknown, b: unknown): unknown }, partition: Partition, model: Model): void {
  const seen = partition.list().map((item) => [item.id, [...item.state.done]]);
  t.deepEqual(seen, [...model.messages].map(([id, { done }]) => [id, done]).sort());
}
