import test from "ava";
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { byTime, makeOnce, toEntries } from "./entries.ts";
import { followFile } from "./follow.ts";

const folder = mkdtempSync(join(tmpdir(), "mailkit-follow-"));
test.after.always(() => rmSync(folder, { recursive: true }));
let count = 0;
const newPath = (): string => join(folder, `log${count++}`);

test("the last lines, then what comes; a line that is not whole waits", (t) => {
  const path = newPath();
  writeFileSync(path, "1\n2\n3\n4");
  const follower = followFile(() => path, 2);
  t.deepEqual(follower.poll(), ["2", "3"]);
  appendFileSync(path, "4\n5\n");
  t.deepEqual(follower.poll(), ["44", "5"]);
  t.deepEqual(follower.poll(), []);
  follower.close();
});

test("last lines of a large file, and none of it", (t) => {
  const path = newPath();
  const lines = Array.from({ length: 5000 }, (_, i) => `${i} ${"x".repeat(90)}`);
  writeFileSync(path, `${lines.join("\n")}\n`);
  t.deepEqual(followFile(() => path, 3000).poll(), lines.slice(-3000));
  const none = followFile(() => path, 0);
  t.deepEqual(none.poll(), []);
  appendFileSync(path, "new\n");
  t.deepEqual(none.poll(), ["new"]);
});

test("a file that is moved away is read to its end before the new one", (t) => {
  const path = newPath();
  writeFileSync(path, "1\n");
  const follower = followFile(() => path, 10);
  follower.poll();
  appendFileSync(path, "2\n");
  renameSync(path, `${path}.1`);
  t.deepEqual(follower.poll(), ["2"]);
  appendFileSync(`${path}.1`, "3\n");
  writeFileSync(path, "4\n");
  t.deepEqual(follower.poll(), ["3", "4"]);
});

test("a file that was cut short is read from its beginning", (t) => {
  const path = newPath();
  writeFileSync(path, "1\n2\n3\n");
  const follower = followFile(() => path, 10);
  follower.poll();
  truncateSync(path);
  appendFileSync(path, "4\n");
  t.deepEqual(follower.poll(), ["4"]);
});

test("a file that comes later, and a name that changes at midnight", (t) => {
  const first = newPath();
  const second = newPath();
  let path = first;
  const follower = followFile(() => path, 10);
  t.deepEqual(follower.poll(), []);
  writeFileSync(first, "1\n");
  t.deepEqual(follower.poll(), ["1"]);
  appendFileSync(first, "2\n");
  writeFileSync(second, "3\n");
  path = second;
  t.deepEqual(follower.poll(), ["2", "3"]);
  follower.close();
});

test("entries: continuation lines, doubles, order", (t) => {
  const parse = {};
  const main = toEntries("main", ["2026-11-24 10:00:00 a", "2026-11-24 10:00:02 H=x rejected RCPT <y>", "2026-11-24 10:00:04 c"], parse);
  const reject = toEntries("reject", ["2026-11-24 10:00:02 H=x rejected RCPT <y>", "  From: z", "2026-11-24 10:00:03 only here"], parse);
  t.deepEqual(reject[0]?.more, ["  From: z"]);
  const once = makeOnce();
  const shown = once(byTime(main, reject)).map(({ line, stream }) => `${stream} ${line.slice(20)}`);
  t.deepEqual(shown, ["main a", "main H=x rejected RCPT <y>", "reject only here", "main c"]);
  t.is(once(toEntries("main", ["2026-11-24 10:00:04 c"], parse)).length, 1, "the same line twice in one log is no double");
});
