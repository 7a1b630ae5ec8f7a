/** Things that all tests of a file share: undone when the last one has ended. */
import type { TestFn } from "ava";
import type { Teardown } from "./temporary.ts";

export function forAllTests(test: TestFn): Teardown {
  const undone: (() => void | Promise<void>)[] = [];
  test.after.always("what the tests shared is taken down", async () => {
    for (const undo of undone.reverse()) await undo();
  });
  return { teardown: (undo) => void undone.push(undo) };
}
