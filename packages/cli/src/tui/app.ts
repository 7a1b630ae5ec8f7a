/** The screen in ink: draws what `layout` says, ten times a second at most, and hands keys on. It decides nothing. */
import { Box, Text, useInput, useWindowSize } from "ink";
import type { Key } from "ink";
import { createElement, useEffect, useReducer, useRef, useState } from "react";
import type { ReactNode } from "react";
import { indexOfChosen, onKey, START } from "./keys.ts";
import type { KeyPress, ScreenState } from "./keys.ts";
import { layout, pageOf } from "./layout.ts";
import type { Frame, Tone } from "./layout.ts";
import type { LogModel, Row } from "./model.ts";

export interface LogAppProps {
  readonly model: LogModel;
  readonly streams: Frame["streams"];
  /** Takes in what is new; called before each drawing. */
  readonly refresh: () => void;
  /** Lines of a life; a message that nobody knows has few. */
  readonly life: (id: string) => Promise<readonly string[]>;
  /** What is known of the chosen message without asking anybody. */
  readonly foot: (id: string, rows: readonly Row[]) => string;
  readonly now: () => number;
  readonly quit: () => void;
  readonly color: boolean;
  readonly unicode: boolean;
  readonly size?: { readonly width: number; readonly height: number };
  /** Milliseconds between drawings. */
  readonly interval?: number;
}

const INTERVAL = 100;

export function LogApp(props: LogAppProps): ReactNode {
  const { model, interval = INTERVAL } = props;
  const window = useWindowSize();
  const size = props.size ?? { width: window.columns, height: window.rows };
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [state, setState] = useState<ScreenState>(START);
  const [life, setLife] = useState<readonly string[]>([]);
  const current = useRef(state);
  current.current = state;

  useEffect(() => {
    let version = model.version;
    let second = 0;
    const timer = setInterval(() => {
      props.refresh();
      const now = Math.floor(props.now() / 1000);
      if (model.version === version && now === second) return;
      version = model.version;
      second = now;
      redraw();
    }, interval);
    return () => clearInterval(timer);
  }, [model, interval]);

  const openLife = ({ record, line, more }: Row): void => {
    const lines = [line, ...more];
    setLife(record?.id === undefined ? lines : [`${record.id}   ...`]);
    if (record?.id !== undefined) void props.life(record.id).then(setLife, (error: Error) => setLife([error.message, ...lines]));
  };

  useInput((input, key) => {
    const before = current.current;
    const { state: next, wish } = onKey(before, toPress(input, key), { rows: model.rows(), page: pageOf(size.height) });
    current.current = next;
    if (wish?.kind === "quit") return props.quit();
    if (wish?.kind === "filter") model.setFilter(wish.text);
    if (wish?.kind === "hold") model.hold(wish.on);
    if (wish?.kind === "life") openLife(wish.row);
    setState(next);
  });

  const rows = model.rows();
  const chosenId = rows[indexOfChosen(rows, state.chosen)]?.record?.id;
  const lines = layout({
    state,
    rows,
    waiting: model.waiting,
    rates: model.rates(props.now()),
    streams: props.streams,
    width: size.width,
    height: size.height,
    clock: new Date(props.now()).toTimeString().slice(0, 8),
    life,
    foot: chosenId === undefined ? "" : props.foot(chosenId, model.ofMessage(chosenId)),
    unicode: props.unicode,
  });
  return createElement(
    Box,
    { flexDirection: "column", width: size.width, height: size.height },
    lines.map(({ text, tone }, index) =>
      createElement(Text, { key: index, wrap: "truncate", ...(props.color ? COLORS[tone] : PLAIN[tone]) }, text),
    ),
  );
}

const COLORS: Readonly<Record<Tone, object>> = {
  plain: {},
  head: { bold: true },
  dim: { dimColor: true },
  good: { color: "green" },
  bad: { color: "red" },
  slow: { color: "yellow" },
  chosen: { inverse: true },
};

/** NO_COLOR: weight and order carry everything. */
const PLAIN: Readonly<Partial<Record<Tone, object>>> = { head: { bold: true }, chosen: { bold: true } };

function toPress(input: string, key: Key): KeyPress {
  const name = key.upArrow
    ? "up"
    : key.downArrow
      ? "down"
      : key.pageUp
        ? "pageUp"
        : key.pageDown
          ? "pageDown"
          : key.home
            ? "home"
            : key.end
              ? "end"
              : key.return
                ? "enter"
                : key.escape
                  ? "escape"
                  : key.backspace || key.delete
                    ? "erase"
                    : key.tab
                      ? "tab"
                      : undefined;
  return { input, name, ctrl: key.ctrl };
}
