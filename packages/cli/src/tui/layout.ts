/** The screen as lines of text, each exactly as wide as the terminal. Pure: everything it shows is handed in. */
import type { LogStream } from "@mailkit/logs";
import type { RateFigures } from "../logs/rates.ts";
import { rateText, sparkline } from "../logs/rates.ts";
import { briefReason, shown } from "../words.ts";
import { cellsOf, cut, fit } from "./cells.ts";
import { indexOfChosen } from "./keys.ts";
import type { ScreenState } from "./keys.ts";
import type { Row } from "./model.ts";

export type Tone = "plain" | "head" | "dim" | "good" | "bad" | "slow" | "chosen";

export interface ScreenLine {
  readonly text: string;
  readonly tone: Tone;
}

export interface Frame {
  readonly state: ScreenState;
  readonly rows: readonly Row[];
  readonly waiting: number;
  readonly rates: RateFigures;
  readonly streams: readonly LogStream[];
  readonly width: number;
  readonly height: number;
  readonly clock: string;
  /** Lines of the life that is open, or what the foot says of the chosen message. */
  readonly life: readonly string[];
  readonly foot: string;
  readonly unicode: boolean;
}

/** Head, filter, rule, foot, keys. */
const FIXED = 5;
/** The smallest screen with a list. */
const LEAST = FIXED + 1;

export function pageOf(height: number): number {
  return Math.max(1, height - FIXED);
}

export function layout(frame: Frame): readonly ScreenLine[] {
  const { width, height } = frame;
  if (height < LEAST || width < 20) return filled([{ text: "the window is too small", tone: "plain" }], frame);
  const page = pageOf(height);
  const middle = frame.state.mode === "life" ? lifeLines(frame, page) : frame.state.mode === "help" ? helpLines() : listLines(frame, page);
  return filled(
    [
      headLine(frame),
      filterLine(frame),
      ...filled(middle, { ...frame, height: page }),
      { text: (frame.unicode ? "─" : "-").repeat(Math.max(0, width - 1)), tone: "dim" },
      { text: ` ${frame.foot}`, tone: "plain" },
      { text: ` ${keysText(frame)}`, tone: "dim" },
    ],
    frame,
  );
}

function filled(lines: readonly ScreenLine[], { width, height, unicode }: Frame): readonly ScreenLine[] {
  const mark = unicode ? "…" : "...";
  return Array.from({ length: height }, (_, i) => {
    const { text, tone } = lines[i] ?? { text: "", tone: "plain" };
    return { text: fit(text, width, mark), tone };
  });
}

function headLine({ streams, rates, clock, width, unicode }: Frame): ScreenLine {
  const figures = `in ${rateText(rates.in)}  out ${rateText(rates.out)}  defer ${rates.defer}  reject ${rates.reject}`;
  const line = sparkline(rates.steps, unicode);
  const names = streams.join(unicode ? "·" : ",");
  const left = [
    ` mailkit log  ${names}   ${line}  ${figures}`,
    ` mailkit log   ${line}  ${figures}`,
    ` ${line}  ${figures}`,
    ` ${figures}`,
  ].find((text) => cellsOf(text) + clock.length + 2 <= width);
  if (left === undefined) return { text: ` ${figures}`, tone: "head" };
  return { text: `${fit(left, width - clock.length - 1)}${clock}`, tone: "head" };
}

function filterLine({ state, waiting, rows }: Frame): ScreenLine {
  const count = `${rows.length} line${rows.length === 1 ? "" : "s"}`;
  const pause = state.paused ? `   paused, ${waiting} new` : "";
  if (state.mode === "filter") return { text: ` filter: ${state.draft}_   ${count}${pause}`, tone: "plain" };
  const filter = state.filter === "" ? " no filter" : ` filter: ${state.filter}`;
  return { text: `${filter}   ${count}${pause}`, tone: state.paused ? "slow" : "dim" };
}

function listLines({ state, rows, width, unicode }: Frame, page: number): ScreenLine[] {
  if (rows.length === 0) return [{ text: state.filter === "" && state.draft === "" ? " nothing yet" : " nothing matches", tone: "dim" }];
  const chosen = indexOfChosen(rows, state.chosen);
  const end = state.chosen === undefined ? rows.length : Math.min(rows.length, Math.max(page, chosen + Math.ceil(page / 2)));
  const start = Math.max(0, end - page);
  return rows.slice(start, end).map((row, i) => {
    const here = start + i === chosen;
    return { text: `${here ? (unicode ? "▌" : ">") : " "}${rowText(row, width - 2, unicode)}`, tone: here ? "chosen" : toneOf(row) };
  });
}

function toneOf({ stream, record }: Row): Tone {
  if (stream === "panic") return "bad";
  switch (record?.kind) {
    case "failed":
    case "rejected":
      return "bad";
    case "deferred":
    case "frozen":
      return "slow";
    case "delivery":
    case "additional":
      return "good";
    case "completed":
    case "connection":
    case "queueRun":
      return "dim";
    default:
      return "plain";
  }
}

/** `14:20:29 1vNQwE-…-2XyZ == paul@slow.example R=dnslookup T=remote_smtp … 450 greylisted`. */
export function rowText({ line, record, stream }: Row, width: number, unicode = true): string {
  const mark = unicode ? "…" : "...";
  if (record === undefined) return cut(shown(line), width, mark);
  const head = `${line.slice(11, 19)} ${stream === "panic" ? "panic: " : ""}${record.id === undefined ? "" : `${shortId(record.id, mark)} `}`;
  const whole = head + shown(record.text);
  if (cellsOf(whole) <= width) return whole;
  if ((record.kind !== "deferred" && record.kind !== "failed") || record.message === undefined) return cut(whole, width, mark);
  const reason = shown(briefReason(record.message));
  const sign = record.kind === "deferred" ? "==" : "**";
  const names = ["R", "T"].flatMap((key) => (record.fields.has(key) ? [` ${key}=${record.fields.get(key)}`] : [])).join("");
  const left = `${head}${sign} ${shown(record.address ?? "")}`;
  const between = cellsOf(left) + cellsOf(names) + cellsOf(reason) + mark.length + 2 <= width ? names : "";
  return cut(`${left}${between} ${mark} ${reason}`, width, mark);
}

/** The middle of an id is the process. */
function shortId(id: string, mark: string): string {
  return id.length === 23 ? `${id.slice(0, 6)}-${mark}-${id.slice(-4)}` : id;
}

function lifeLines({ life, state, width }: Frame, page: number): ScreenLine[] {
  const lines = life.flatMap((text) => wrapped(shown(text), width - 2));
  const start = Math.max(0, Math.min(state.scroll, lines.length - page));
  return lines.slice(start, start + page).map((text, i) => ({ text: ` ${text}`, tone: start + i === 0 ? "head" : "plain" }));
}

/** Long lines go on below, indented, so that nothing of a life is lost. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (cellsOf(rest) > width) {
    const first = cut(rest, width, "");
    const space = first.lastIndexOf(" ");
    const at = space > width / 2 ? space : first.length;
    lines.push(rest.slice(0, at));
    rest = `    ${rest.slice(at).trimStart()}`;
  }
  return [...lines, rest];
}

function helpLines(): ScreenLine[] {
  return KEYS.map(([key, text]) => ({ text: `  ${key.padEnd(14)}${text}`, tone: "plain" }));
}

const KEYS: readonly (readonly [string, string])[] = [
  ["/", "type a filter: lines with all its words; !word for those without"],
  ["Esc", "take the filter away, back to the newest line"],
  ["up, down", "choose a line; PgUp, PgDn, Home, End"],
  ["Enter", "the life of its message: log lines, place in the queue, next try"],
  ["f", "follow: back to the newest line, and stay there"],
  ["p, space", "pause: new lines are counted, not shown"],
  ["q, Ctrl-C", "quit"],
  ["", ""],
  ["", "in, out: messages a second (mean of 10 s); defer, reject: in the last minute"],
  ["", "any key goes back"],
];

function keysText({ state, unicode }: Frame): string {
  const [arrows, enter] = unicode ? ["↑↓", "⏎"] : ["up/down", "Enter"];
  if (state.mode === "filter") return `${enter} keep  Esc back`;
  if (state.mode === "life") return `${arrows} scroll  Esc back`;
  if (state.mode === "help") return "any key: back";
  return `/ filter  ${arrows} choose  ${enter} life of the message  f follow  p ${state.paused ? "go on" : "pause"}  ? keys  q quit`;
}
