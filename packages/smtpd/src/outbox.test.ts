import test from "ava";
import { atTurnsEnd } from "./outbox.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what is sent waits for all input of the turn, then goes out in order", async (t) => {
  const seen: string[] = [];
  atTurnsEnd(() => seen.push("reply 1"));
  seen.push("input 2");
  await Promise.resolve();
  atTurnsEnd(() => seen.push("reply 2"));
  seen.push("input 3");
  await turn();
  t.deepEqual(seen, ["input 2", "input 3", "reply 1", "reply 2"]);
});

test("what asks again while it sends has the next turn, and nothing is sent twice", async (t) => {
  const seen: string[] = [];
  atTurnsEnd(() => {
    seen.push("first");
    atTurnsEnd(() => seen.push("second"));
  });
  await turn();
  t.deepEqual(seen, ["first"]);
  await turn();
  t.deepEqual(seen, ["first", "second"]);
  await turn();
  t.deepEqual(seen, ["first", "second"]);
});
