/** What keys do to the screen. Pure: state and key in, state and perhaps a wish out. */
import type { Row } from "./model.ts";

export interface ScreenState {
  readonly mode: "list" | "filter" | "life" | "help";
  /** In force. */
  readonly filter: string;
  /** Being typed. */
  readonly draft: string;
  /** `seq` of the chosen row; undefined = the newest, which is what following means. */
  readonly chosen: number | undefined;
  readonly paused: boolean;
  /** First line shown of a life. */
  readonly scroll: number;
}

export const START: ScreenState = { mode: "list", filter: "", draft: "", chosen: undefined, paused: false, scroll: 0 };

/** What the terminal says of a key (ink's `Key`), as far as it is used. */
export interface KeyPress {
  readonly input: string;
  readonly name?: "up" | "down" | "pageUp" | "pageDown" | "home" | "end" | "enter" | "escape" | "erase" | "tab" | undefined;
  readonly ctrl?: boolean;
}

export type Wish =
  | { readonly kind: "quit" }
  | { readonly kind: "filter"; readonly text: string }
  | { readonly kind: "hold"; readonly on: boolean }
  | { readonly kind: "life"; readonly row: Row };

export interface KeyView {
  readonly rows: readonly Row[];
  /** Rows of the list that fit the screen. */
  readonly page: number;
}

export function onKey(state: ScreenState, key: KeyPress, view: KeyView): { readonly state: ScreenState; readonly wish?: Wish } {
  if (key.ctrl === true && key.input === "c") return { state, wish: { kind: "quit" } };
  switch (state.mode) {
    case "filter":
      return onFilterKey(state, key);
    case "help":
      return { state: { ...state, mode: "list" } };
    case "life":
      return onLifeKey(state, key, view.page);
    case "list":
      return onListKey(state, key, view);
  }
}

const LONGEST_FILTER = 200;

function onFilterKey(state: ScreenState, key: KeyPress): ReturnType<typeof onKey> {
  if (key.name === "escape") return filtered({ ...state, mode: "list" }, state.filter);
  if (key.name === "enter") return filtered({ ...state, mode: "list", filter: state.draft }, state.draft);
  const draft =
    key.name === "erase"
      ? [...state.draft].slice(0, -1).join("")
      : key.ctrl === true
        ? key.input === "u"
          ? ""
          : state.draft
        : key.name === undefined
          ? (state.draft + key.input.replace(/[\u0000-\u001f\u007f]/g, "")).slice(0, LONGEST_FILTER)
          : state.draft;
  return draft === state.draft ? { state } : filtered({ ...state, draft }, draft);
}

/** The list shows at once what the filter would leave. */
function filtered(state: ScreenState, text: string): ReturnType<typeof onKey> {
  return { state, wish: { kind: "filter", text } };
}

function onLifeKey(state: ScreenState, key: KeyPress, page: number): ReturnType<typeof onKey> {
  const scrolled = (by: number): ReturnType<typeof onKey> => ({ state: { ...state, scroll: Math.max(0, state.scroll + by) } });
  switch (key.name) {
    case "up":
      return scrolled(-1);
    case "down":
      return scrolled(1);
    case "pageUp":
      return scrolled(-page);
    case "pageDown":
      return scrolled(page);
    case "home":
      return { state: { ...state, scroll: 0 } };
    case "enter":
    case "escape":
      return { state: { ...state, mode: "list", scroll: 0 } };
    default:
      return key.input === "q" ? { state: { ...state, mode: "list", scroll: 0 } } : { state };
  }
}

function onListKey(state: ScreenState, key: KeyPress, view: KeyView): ReturnType<typeof onKey> {
  switch (key.name) {
    case "up":
      return { state: moved(state, view, -1) };
    case "down":
      return { state: moved(state, view, 1) };
    case "pageUp":
      return { state: moved(state, view, -view.page) };
    case "pageDown":
      return { state: moved(state, view, view.page) };
    case "home":
      return { state: { ...state, chosen: view.rows[0]?.seq } };
    case "end":
      return { state: { ...state, chosen: undefined } };
    case "escape":
      return state.filter === "" ? { state: { ...state, chosen: undefined } } : filtered({ ...state, filter: "" }, "");
    case "enter":
      return openLife(state, view);
    default:
      return onLetter(state, key.input);
  }
}

function onLetter(state: ScreenState, letter: string): ReturnType<typeof onKey> {
  switch (letter) {
    case "q":
      return { state, wish: { kind: "quit" } };
    case "/":
      return { state: { ...state, mode: "filter", draft: state.filter } };
    case "?":
    case "h":
      return { state: { ...state, mode: "help" } };
    case "f":
      return { state: { ...state, chosen: undefined, paused: false }, wish: { kind: "hold", on: false } };
    case "p":
    case " ":
      return { state: { ...state, paused: !state.paused }, wish: { kind: "hold", on: !state.paused } };
    default:
      return { state };
  }
}

function moved(state: ScreenState, { rows }: KeyView, by: number): ScreenState {
  if (rows.length === 0) return state;
  const to = Math.max(0, indexOfChosen(rows, state.chosen) + by);
  return { ...state, chosen: to >= rows.length - 1 && by > 0 ? undefined : rows[Math.min(to, rows.length - 1)]?.seq };
}

/** Of a line that belongs to no message there is the whole line to see, and what follows it in the log. */
function openLife(state: ScreenState, { rows }: KeyView): ReturnType<typeof onKey> {
  const row = rows[indexOfChosen(rows, state.chosen)];
  if (row === undefined) return { state };
  return { state: { ...state, mode: "life", scroll: 0, chosen: row.seq }, wish: { kind: "life", row } };
}

/** The chosen row, or where it would be (the filter or the ring took it away), or the newest. */
export function indexOfChosen(rows: readonly Row[], chosen: number | undefined): number {
  if (chosen === undefined) return rows.length - 1;
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as Row).seq < chosen) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, rows.length - 1);
}
