import test from "ava";
import { attemptPlan } from "./attempt.ts";
import type { DeliveryDeps } from "./deps.ts";
import type { Job, Plan } from "./types.ts";

test("the spool fails while jobs run side by side: the attempt ends when all of them have, with that failure", async (t) => {
  const events: string[] = [];
  let letGo = (): void => {};
  const slow = new Promise<void>((resolve) => (letGo = resolve));
  const job = (key: string): Job => ({ addresses: [{ key, quiet: true }] }) as unknown as Job;
  const deps = {
    attempt: async (one: Job) => {
      const key = one.addresses[0]?.key as string;
      if (key === "slow@x") await slow;
      events.push(`delivered ${key}`);
      return { facts: [{ kind: "delivered" }] };
    },
    spool: {
      record: async (_: string, [step]: { addresses: string[] }[]) => {
        events.push(`recorded ${step?.addresses[0]}`);
        if (step?.addresses[0] !== "fast@x") return;
        setImmediate(letGo);
        throw new Error("disk full");
      },
    },
    settings: { remoteMaxParallel: 2 },
  } as unknown as DeliveryDeps;
  const around = {
    context: { envelope: { id: "1" }, options: {} },
    judge: { routing: async () => [], job: async (done: { job: Job }) => [{ kind: "delivered", address: done.job.addresses[0] }] },
  } as never;
  const plan = { local: [], waiting: [], remote: [job("fast@x"), job("slow@x")] } as unknown as Plan;
  await t.throwsAsync(attemptPlan(plan, around, deps), { message: "disk full" });
  t.true(events.includes("recorded slow@x"), events.join());
});
