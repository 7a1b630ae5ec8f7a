import test from "ava";
import type { ExecutionContext } from "ava";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { HISTORY_LINES, historyPath, openHistory } from "./history.ts";

function place(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mailkit-history-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return join(folder, "state/mailkit/expand_history");
}

test("where it stands", (t) => {
  t.is(historyPath({ XDG_STATE_HOME: "/s", HOME: "/h" }), "/s/mailkit/expand_history");
  t.is(historyPath({ HOME: "/h" }), "/h/.local/state/mailkit/expand_history");
  // XDG Base Directory Specification: a relative path is invalid and ignored.
  t.is(historyPath({ XDG_STATE_HOME: "s", HOME: "/h" }), "/h/.local/state/mailkit/expand_history");
  t.is(historyPath({}), undefined);
});

test("lines come back, the newest first; the file is for its owner alone", (t) => {
  const path = place(t);
  const first = openHistory(path);
  t.deepEqual(first.lines, []);
  for (const line of ["one", "zwei é", "", " secret", "three"]) first.add(line);
  t.deepEqual(openHistory(path).lines, ["three", "zwei é", "one"]);
  t.is(statSync(path).mode & 0o777, 0o600);
  t.is(statSync(dirname(path)).mode & 0o777, 0o700);
  t.is(first.fault(), undefined);
});

test("a file that others may read is closed to them", (t) => {
  const path = place(t);
  openHistory(path).add("one");
  chmodSync(path, 0o644);
  t.deepEqual(openHistory(path).lines, ["one"]);
  t.is(statSync(path).mode & 0o777, 0o600);
});

test("the file is bounded, and so is what is read of it", (t) => {
  const path = place(t);
  openHistory(path).add("first");
  writeFileSync(path, Array.from({ length: 5 * HISTORY_LINES }, (_, i) => `line ${i}\n`).join(""));
  const { lines } = openHistory(path);
  t.is(lines.length, HISTORY_LINES);
  t.is(lines[0], `line ${5 * HISTORY_LINES - 1}`);
  t.is(readFileSync(path, "utf8").split("\n").length, HISTORY_LINES + 1);
  writeFileSync(path, `${"x".repeat(2_000_000)}\nlast\n`);
  t.deepEqual(openHistory(path).lines, ["last"]);
  t.true(statSync(path).size < 1000);
  openHistory(path).add("y".repeat(100_000));
  t.deepEqual(openHistory(path).lines, ["last"]);
});

test("what a terminal would obey does not come back", (t) => {
  const path = place(t);
  openHistory(path).add("good");
  writeFileSync(path, "\x1b]0;evil\x07\ngood\n");
  t.deepEqual(openHistory(path).lines, ["good"]);
});

const SPOILT: Readonly<Record<string, (path: string) => void>> = {
  "the folder cannot be made": (path) => writeFileSync(join(dirname(path), "../../state"), ""),
  "the file is a link": (path) => {
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(dirname(path), "elsewhere"), path);
  },
  "the file has a second name": (path) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "mine\n");
    linkSync(path, `${path}.too`);
  },
  "the file is a folder": (path) => void mkdirSync(path, { recursive: true }),
};

for (const [title, spoil] of Object.entries(SPOILT)) {
  test(`${title}: it goes on without, and says why`, (t) => {
    const path = place(t);
    spoil(path);
    const history = openHistory(path);
    t.notThrows(() => history.add("one"));
    t.deepEqual(history.lines, []);
    t.regex(history.fault() ?? "", /expand_history: /);
    t.false(existsSync(join(dirname(path), "elsewhere")));
  });
}

const asRoot = process.geteuid?.() === 0 ? test : test.skip;

asRoot("under sudo nothing is made in somebody else's home (only root can give a folder away)", (t) => {
  const path = place(t);
  const home = join(dirname(path), "../..");
  chownSync(home, 65534, 65534);
  const history = openHistory(path);
  history.add("one");
  t.regex(history.fault() ?? "", /belongs to somebody else/);
  t.deepEqual(readdirSync(home), []);
});

test("without a home there is nothing to say", (t) => {
  const history = openHistory(undefined);
  history.add("one");
  t.is(history.fault(), undefined);
});
