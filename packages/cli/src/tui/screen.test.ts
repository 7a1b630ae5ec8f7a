import test from "ava";
import { render } from "ink-testing-library";
import { createElement } from "react";
import { toEntries } from "../logs/entries.ts";
import { LogApp } from "./app.ts";
import { cellsOf } from "./cells.ts";
import { footOf } from "./foot.ts";
import { indexOfChosen, onKey, START } from "./keys.ts";
import type { KeyPress, ScreenState } from "./keys.ts";
import { layout, rowText } from "./layout.ts";
import type { Frame } from "./layout.ts";
import { newLogModel } from "./model.ts";

const ID = "1vNQwE-00000001AbC-2XyZ";
const NOW = Date.UTC(2026, 10, 24, 14, 20, 31);
const LINES = [
  `2026-11-24 14:20:28 ${ID} <= fred@truc.fr H=pc12 [192.168.32.7] P=esmtps S=4300 for marc@machin.com paul@slow.example`,
  `2026-11-24 14:20:28 ${ID} => marc@machin.com R=dnslookup T=remote_smtp H=mx1.machin.com [192.0.2.10] C="250 OK"`,
  `2026-11-24 14:20:29 ${ID} == paul@slow.example R=dnslookup T=remote_smtp defer (-44) H=mx.slow.example [192.0.2.9]: SMTP error from remote mail server after RCPT TO:<paul@slow.example>: 450 4.7.1 greylisted`,
  "2026-11-24 14:20:30 H=x [192.0.2.66] F=<a@b.c> rejected RCPT <z@y.x>: relay not permitted",
];
const all = (): boolean => true;

function modelOf(lines = LINES, capacity?: number): ReturnType<typeof newLogModel> {
  const model = newLogModel(all, capacity);
  model.push(toEntries("main", lines, {}));
  return model;
}

function frameOf(more: Partial<Frame> = {}): Frame {
  const model = modelOf();
  return {
    state: START,
    rows: model.rows(),
    waiting: 0,
    rates: { in: 41, out: 39, defer: 2, reject: 7, steps: [1, 2, 2, 3, 5, 7, 6, 5] },
    streams: ["main", "reject", "panic"],
    width: 100,
    height: 10,
    clock: "14:20:31",
    life: [],
    foot: footOf(ID, model.ofMessage(ID)),
    unicode: true,
    ...more,
  };
}

const textOf = (frame: Frame): string[] => layout(frame).map(({ text }) => text.trimEnd());

test("the list", (t) => {
  t.deepEqual(textOf(frameOf()), [
    " mailkit log  main·reject·panic   ▂▃▃▄▆█▇▆  in 41/s  out 39/s  defer 2  reject 7           14:20:31",
    " no filter   4 lines",
    " 14:20:28 1vNQwE-…-2XyZ <= fred@truc.fr H=pc12 [192.168.32.7] P=esmtps S=4300 for marc@machin.com …",
    " 14:20:28 1vNQwE-…-2XyZ => marc@machin.com R=dnslookup T=remote_smtp H=mx1.machin.com [192.0.2.10]…",
    " 14:20:29 1vNQwE-…-2XyZ == paul@slow.example R=dnslookup T=remote_smtp … 450 4.7.1 greylisted",
    "▌14:20:30 H=x [192.0.2.66] F=<a@b.c> rejected RCPT <z@y.x>: relay not permitted",
    "",
    "─".repeat(99),
    ` ${ID}  fred@truc.fr  4.2 KB  1 of 2 delivered  1 deferred`,
    " / filter  ↑↓ choose  ⏎ life of the message  f follow  p pause  ? keys  q quit",
  ]);
});

test("every line is as wide as the window, whatever its size and the mode", (t) => {
  for (const width of [20, 40, 80, 132])
    for (const height of [1, 6, 7, 24])
      for (const mode of ["list", "filter", "life", "help"] as const) {
        const lines = layout(frameOf({ width, height, state: { ...START, mode }, life: ["x ".repeat(200), "日本語".repeat(20)] }));
        t.is(lines.length, height);
        for (const { text } of lines) t.is(cellsOf(text), width, `${width}x${height} ${mode}: ${text}`);
      }
});

test("without Unicode there is none", (t) => {
  for (const mode of ["list", "filter", "life", "help"] as const)
    for (const { text } of layout(frameOf({ unicode: false, width: 60, state: { ...START, mode } }))) t.regex(text, /^[\x20-\x7e]*$/);
});

test("a row shows its reason before all else, and nothing that steers the terminal", (t) => {
  const row = (line: string): Parameters<typeof rowText>[0] =>
    ({ ...(toEntries("main", [line], {})[0] as never as object), seq: 0 }) as never;
  t.is(rowText(row(LINES[2] as string), 70), "14:20:29 1vNQwE-…-2XyZ == paul@slow.example … 450 4.7.1 greylisted");
  t.is(rowText(row("no stamp \u001b[2J \u009bx"), 70), "no stamp \ufffd[2J \ufffdx");
});

const key = (input: string, name?: KeyPress["name"]): KeyPress => ({ input, name });

function typed(...keys: KeyPress[]): { state: ScreenState; wishes: object[] } {
  const rows = modelOf().rows();
  let state = START;
  const wishes: object[] = [];
  for (const press of keys) {
    const next = onKey(state, press, { rows, page: 2 });
    state = next.state;
    if (next.wish !== undefined) wishes.push(next.wish);
  }
  return { state, wishes };
}

test("a filter is seen while it is typed, kept by Enter, dropped by Escape", (t) => {
  const kept = typed(key("/"), key("s"), key("lx"), key("", "erase"), key("ow"), key("", "enter"));
  t.is(kept.state.filter, "slow");
  t.deepEqual(kept.wishes.at(-1), { kind: "filter", text: "slow" });
  const dropped = typed(key("/"), key("slow"), key("", "escape"));
  t.is(dropped.state.filter, "");
  t.deepEqual(dropped.wishes.at(-1), { kind: "filter", text: "" });
});

test("arrows choose; the newest line means following; f goes back to it", (t) => {
  t.is(typed(key("", "up")).state.chosen, 2);
  t.is(typed(key("", "up"), key("", "down")).state.chosen, undefined);
  t.is(typed(key("", "pageUp"), key("", "pageUp"), key("", "up")).state.chosen, 0);
  t.is(typed(key("", "home")).state.chosen, 0);
  t.is(typed(key("", "home"), key("f")).state.chosen, undefined);
});

test("Enter opens the life of the line's message; the choice stays on it afterwards", (t) => {
  const { state, wishes } = typed(key("", "enter"));
  t.like(wishes, [{ kind: "life", row: { line: LINES[3] } }]);
  t.is(state.chosen, 3);
  t.is(typed(key("", "up"), key("", "enter"), key("q")).state.mode, "list");
});

test("pause, quit, help", (t) => {
  t.deepEqual(typed(key("p"), key("p")).wishes, [
    { kind: "hold", on: true },
    { kind: "hold", on: false },
  ]);
  t.deepEqual(typed(key("q")).wishes, [{ kind: "quit" }]);
  t.deepEqual(typed({ input: "c", ctrl: true }).wishes, [{ kind: "quit" }]);
  t.is(typed(key("?"), key("x")).state.mode, "list");
});

test("a choice stays on its line while others come, and falls to a neighbour when it is filtered away", (t) => {
  const model = modelOf();
  const { seq } = model.rows()[2] as { seq: number };
  model.push(toEntries("main", LINES, {}));
  t.is(indexOfChosen(model.rows(), seq), 2);
  model.setFilter("rejected");
  t.is(model.rows()[indexOfChosen(model.rows(), seq)]?.line, LINES[3]);
});

test("the ring is bounded, holding keeps what comes", (t) => {
  const model = modelOf(LINES, 8);
  for (let i = 0; i < 20; i++) model.push(toEntries("main", LINES, {}));
  t.true(model.rows().length <= 10);
  const before = model.rows().length;
  model.hold(true);
  model.push(toEntries("main", LINES, {}));
  t.is(model.rows().length, before);
  t.is(model.waiting, 4);
  model.hold(false);
  t.is(model.waiting, 0);
});

/** ink draws when it has the time: looks again until the frame has the text. */
async function until(frame: () => string | undefined, wanted: RegExp): Promise<string> {
  for (let i = 0; i < 600; i++) {
    if (wanted.test(frame() ?? "")) return frame() as string;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`never seen: ${wanted}\n${frame()}`);
}

test("in ink: keys reach the list, the life, the filter", async (t) => {
  const model = modelOf();
  const asked: string[] = [];
  let quits = 0;
  const { lastFrame, stdin, unmount } = render(
    createElement(LogApp, {
      model,
      streams: ["main"],
      refresh: () => {},
      life: async (id) => (asked.push(id), [`life of ${id}`]),
      foot: footOf,
      now: () => NOW,
      quit: () => void quits++,
      color: false,
      unicode: true,
      size: { width: 90, height: 12 },
      interval: 5,
    }),
  );
  await until(lastFrame, /▌14:20:30 H=x/);
  stdin.write("\u001b[A");
  await until(lastFrame, /▌14:20:29/);
  stdin.write("\r");
  await until(lastFrame, /life of 1vNQwE-00000001AbC-2XyZ/);
  stdin.write("q");
  stdin.write("/");
  await until(lastFrame, /filter: _/);
  stdin.write("machin");
  const filtered = await until(lastFrame, /filter: machin_ {3}2 lines/);
  t.notRegex(filtered, /rejected/);
  stdin.write("\r");
  await until(lastFrame, / filter: machin {3}2 lines/);
  model.push(toEntries("main", [`2026-11-24 14:20:31 ${ID} => other@machin.com R=a T=b`], {}));
  await until(lastFrame, /other@machin\.com/);
  stdin.write("q");
  await until(() => String(quits), /1/);
  t.deepEqual(asked, [ID]);
  unmount();
});
