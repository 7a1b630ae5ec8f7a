/** Figures of a log as a page of text, 80 columns. Pure. */
import { cut } from "../tui/cells.ts";
import { clockTime, dayText, longAge, longSize, plural, shortSize, shown } from "../words.ts";
import type { LogFigures, Ranked } from "./stats.ts";

export function statsText(figures: LogFigures, now: number): string {
  if (figures.from === undefined || figures.to === undefined) return "no lines in that time\n";
  const { received, delivered } = figures;
  const blocks = [
    `from ${clockTime(figures.from, now)} to ${clockTime(figures.to, now)}, ${plural(figures.lines, "line")}`,
    [
      total("received", received.messages, `${longSize(received.volume)} from ${plural(received.hosts, "host")}`),
      total("delivered", delivered.messages, `${longSize(delivered.volume)} to ${plural(delivered.hosts, "host")}`),
      total("deferred", figures.deferred, "tries"),
      total("failed", figures.failed, ""),
      total("rejected", figures.rejected, ""),
      total("completed", figures.completed, figures.frozen > 0 ? `${figures.frozen} frozen` : ""),
    ].join("\n"),
    hourBlock(figures),
    delayBlock(figures),
    ...TOPS.map(([title, key]) => topBlock(title, figures.top[key])),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

const TOPS: readonly (readonly [string, keyof LogFigures["top"]])[] = [
  ["senders", "senders"],
  ["sending hosts", "sendingHosts"],
  ["domains delivered to", "recipientDomains"],
  ["transports", "transports"],
  ["why deferred", "deferReasons"],
  ["why rejected", "rejections"],
];

function total(name: string, count: number, text: string): string {
  return `${name.padEnd(10)} ${String(count).padStart(8)}  ${text}`.trimEnd();
}

const BAR = 30;

function hourBlock({ hours }: LogFigures): string {
  if (hours.length < 2) return "";
  const most = Math.max(...hours.map((hour) => hour.in + hour.out));
  const rows = hours.map(({ hour, in: arrived, out, defer, reject }) => {
    const time = `${dayText(hour).padStart(6)} ${new Date(hour).toTimeString().slice(0, 5)}`;
    const bar = "█".repeat(Math.round(((arrived + out) / Math.max(1, most)) * BAR));
    return `${time} ${[arrived, out, defer, reject].map((count) => String(count).padStart(7)).join(" ")}  ${bar}`.trimEnd();
  });
  return [`by hour      ${["in", "out", "defer", "reject"].map((word) => word.padStart(7)).join(" ")}`, ...rows].join("\n");
}

function delayBlock({ delays }: LogFigures): string {
  const all = delays.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return "";
  let sum = 0;
  const rows = delays.flatMap(({ upTo, count }) => {
    if (count === 0) return [];
    sum += count;
    const name = upTo === Infinity ? "longer" : `under ${longAge(upTo)}`;
    return [`  ${name.padEnd(14)} ${String(count).padStart(8)}  ${((sum / all) * 100).toFixed(1).padStart(5)} %`];
  });
  return ["from arrival to delivery", ...rows].join("\n");
}

function topBlock(title: string, rows: readonly Ranked[]): string {
  if (rows.length === 0) return "";
  return [
    title,
    ...rows.map(
      ({ name, count, volume }) =>
        `${String(count).padStart(8)} ${(volume === 0 ? "" : shortSize(volume)).padStart(6)}  ${cut(shown(name), 62)}`,
    ),
  ].join("\n");
}
