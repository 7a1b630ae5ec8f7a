/**
 * The life of a message: what the logs say of it, in the order of time, and what it waits for. Pure; rendered for
 * `mailkit explain` and for the TUI. Everything here is Unicode.
 */
import type { LogKind, LogRecord } from "@mailkit/logs";
import type { QueueItem } from "@mailkit/spool";
import { splitAddress, unicodeOf } from "@mailkit/sdk";
import { briefReason, clockTime, dayText, duration, longAge, longSize, sameDay } from "../words.ts";
import type { Wait } from "./waits.ts";

export interface Life {
  readonly id: string;
  /** Lines of this message, oldest first. */
  readonly records: readonly LogRecord[];
  /** Bounces and warnings that it caused: arrivals with `R=` this id. */
  readonly caused: readonly LogRecord[];
  /** Where it is now; undefined = it has left the queue (or never was there). */
  readonly item: QueueItem | undefined;
  readonly waits: readonly Wait[];
  /** Does a process hold its part of the spool? */
  readonly running: boolean;
}

export interface LifeOptions {
  readonly now: number;
  readonly paint?: (text: string, what: Paint) => string;
}
export type Paint = "head" | "good" | "bad" | "slow" | "dim";

export function lifeLines(life: Life, options: LifeOptions): string[] {
  const paint = options.paint ?? ((text: string): string => text);
  const rows = [...life.records.map(eventRow), ...life.caused.map(causedRow)].sort((a, b) => a.time - b.time);
  const dated = rows.some((row) => !sameDay(row.time, options.now));
  const width = Math.min(30, Math.max(0, ...rows.map((row) => row.address?.length ?? 0), ...life.waits.map((wait) => wait.address.length)));
  const stampOf = (time: number): string => `${dated ? `${dayText(time).padStart(6)} ` : ""}${new Date(time).toTimeString().slice(0, 8)}`;
  const stampWidth = dated ? 15 : 8;
  const line = (left: string, word: string, row: { address?: string | undefined; text: string }, tone?: Paint): string => {
    const shownWord = word.padEnd(9);
    const columns = row.address === undefined ? row.text : `${row.address.padEnd(width)}  ${row.text}`;
    return `${left.padEnd(stampWidth)}  ${tone === undefined ? shownWord : paint(shownWord, tone)}  ${columns}`.trimEnd();
  };
  const told = new Set(life.records.flatMap((one) => (one.kind === "deferred" ? [unicodeOf(one.address ?? "")] : [])));
  return [
    paint(headLine(life, options.now), "head"),
    ...rows.map((row) => line(stampOf(row.time), row.word, row, row.tone)),
    ...life.waits.map((wait) => {
      const reason = told.has(wait.address) || wait.reason === "" ? "" : `  ${quoted(wait.reason)}`;
      return `${"waits".padEnd(stampWidth)}  ${wait.address.padEnd(width)}  ${waitText(wait, options.now)}${reason}`;
    }),
    ...whatToDo(life, options.now).map((text) => `${"do".padEnd(stampWidth)}  ${text}`),
  ];
}

/** `ID   sender, 4.2 KB, 2 h 14 min old, 1 of 2 delivered`. */
export function headLine({ id, records, item }: Life, now: number): string {
  const arrival = records.find((record) => record.kind === "arrival");
  const sender = item?.envelope.sender ?? arrival?.address;
  const size = Number(arrival?.fields.get("S") ?? item?.bodySize ?? NaN);
  const failed = records.filter((record) => record.kind === "failed").length;
  const facts = [
    ...(sender === undefined ? [] : [sender === "" ? "<>" : unicodeOf(sender)]),
    ...(Number.isNaN(size) ? [] : [longSize(size)]),
    ...(item === undefined ? endFacts(records, arrival) : queueFacts(item, now)),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return `${id}   ${facts.join(", ")}`;
}

function queueFacts({ envelope, state }: QueueItem, now: number): string[] {
  const done = envelope.recipients.filter(({ address }) => state.done.has(address)).length;
  return [
    `${longAge(now - envelope.received)} old`,
    `${done} of ${envelope.recipients.length} delivered`,
    ...(state.frozen === undefined ? [] : [`frozen since ${clockTime(state.frozen.since, now)}`]),
  ];
}

function endFacts(records: readonly LogRecord[], arrival: LogRecord | undefined): string[] {
  const delivered = records.filter(({ kind }) => kind === "delivery" || kind === "additional").length;
  const end = records.findLast(({ kind }) => kind === "completed" || kind === "removed");
  const time = end === undefined || arrival === undefined ? "" : ` after ${longAge(end.time - arrival.time)}`;
  return [`${delivered} delivered`, end === undefined ? "no longer in the queue" : `${end.kind}${time}`];
}

interface Row {
  readonly time: number;
  readonly word: string;
  readonly address?: string;
  readonly text: string;
  readonly tone?: Paint;
}

const WORDS: Readonly<Record<LogKind, readonly [string, Paint?]>> = {
  arrival: ["accepted"],
  fakereject: ["accepted"],
  delivery: ["=>", "good"],
  additional: ["->", "good"],
  cutthrough: [">>", "good"],
  suppressed: ["*>", "dim"],
  failed: ["**", "bad"],
  deferred: ["==", "slow"],
  completed: ["completed"],
  frozen: ["frozen", "slow"],
  thawed: ["thawed"],
  removed: ["removed", "bad"],
  rejected: ["rejected", "bad"],
  queueRun: ["", "dim"],
  connection: ["", "dim"],
  note: ["", "dim"],
};

function eventRow(record: LogRecord): Row {
  const [word, tone] = WORDS[record.kind];
  const base = { time: record.time, word, ...(tone === undefined ? {} : { tone }) };
  switch (record.kind) {
    case "arrival":
    case "fakereject":
      return { ...base, text: arrivalText(record) };
    case "delivery":
    case "additional":
    case "cutthrough":
    case "suppressed":
    case "failed":
    case "deferred":
      return { ...base, address: unicodeOf(record.original ?? record.address ?? ""), text: deliveryText(record) };
    case "completed":
      return { ...base, text: "" };
    case "frozen":
    case "thawed":
      return { ...base, text: unicodeOf(record.text.replace(/^(?:un)?frozen ?/i, "")) };
    default:
      return { ...base, text: unicodeOf(record.text) };
  }
}

function causedRow(record: LogRecord): Row {
  const to = record.recipients === undefined ? "" : ` to ${unicodeOf(record.recipients.join(", "))}`;
  return { time: record.time, word: "report", text: `${record.id}${to}: mailkit explain ${record.id}` };
}

/** `from 192.168.32.7 (pc12), ESMTPSA TLS1.3, fred`. */
function arrivalText({ host, fields }: LogRecord): string {
  const user = fields.get("U");
  const name = host?.name ?? host?.helo;
  const from =
    host?.address === undefined
      ? user === undefined
        ? "from here"
        : `from the local user ${unicodeOf(user)}`
      : `from ${host.address}${name === undefined ? "" : ` (${unicodeOf(name)})`}`;
  const tls = fields.get("X")?.split(":")[0];
  const login = fields.get("A")?.split(":")[1];
  const protocol = fields.get("P")?.toUpperCase();
  const cause = fields.get("R");
  return [
    from,
    ...(protocol === undefined ? [] : [`${protocol}${tls === undefined ? "" : ` ${tls}`}`]),
    ...(login === undefined ? [] : [unicodeOf(login)]),
    ...(cause === undefined ? [] : [`a report on ${cause}`]),
  ].join(", ");
}

/** `smtp mx1.machin.com [192.0.2.10]  "250 OK"  1.2 s`; where a redirection led comes first. */
function deliveryText(record: LogRecord): string {
  const { fields, host, message } = record;
  const final = finalAddress(record);
  const hostText =
    host === undefined ? "" : [host.name, host.address === undefined ? undefined : `[${host.address}]`].filter(Boolean).join(" ");
  const how = [fields.get("T"), hostText].filter((part) => part !== undefined && part !== "").join(" ");
  const confirmation = fields.get("C");
  const time = fields.get("DT");
  return [
    ...(final === undefined ? [] : [`to ${final}`]),
    ...(how === "" ? (fields.has("R") ? [`router ${fields.get("R")}`] : []) : [how]),
    ...(confirmation === undefined ? [] : [`"${unicodeOf(confirmation)}"`]),
    ...(message === undefined ? [] : [quoted(briefReason(message))]),
    ...(time === undefined ? [] : [time.replace(/s$/, " s")]),
  ].join("  ");
}

/** Where a redirection led; a local delivery shows the local part of the same address, which is nothing new. */
function finalAddress({ address = "", original }: LogRecord): string | undefined {
  return original === undefined || splitAddress(original).localPart === address ? undefined : unicodeOf(address);
}

/** Words of another server stand in quotes. */
function quoted(reason: string): string {
  return /^\d{3}[ -]/.test(reason) ? `"${reason}"` : reason;
}

/** `retry rule mailkit.conf:120 (F,2h,15m): next try 14:17, gives up on 28 Nov 14:02`. */
export function waitText(wait: Wait, now: number): string {
  const rule = wait.rule === undefined ? undefined : `retry rule ${wait.rule.file}:${wait.rule.line} (${stepText(wait.rule.step)})`;
  const next = wait.frozen
    ? "frozen, no more tries"
    : wait.nextTry === undefined
      ? wait.first
        ? "no attempt yet"
        : "next try with the next queue run"
      : wait.nextTry <= now
        ? "due now"
        : `next try ${clockTime(wait.nextTry, now)}`;
  const end = wait.givesUp === undefined ? "" : `, gives up ${sameDay(wait.givesUp, now) ? "at" : "on"} ${clockTime(wait.givesUp, now)}`;
  return `${rule === undefined ? "" : `${rule}: `}${next}${end}`;
}

function stepText(step: Wait["rule"] extends infer R ? (R extends { step: infer S } ? S : never) : never): string {
  const { kind, cutoff, interval, factor } = step;
  return [kind, duration(cutoff), duration(interval), ...(kind === "F" ? [] : [String(factor)])].join(",");
}

function whatToDo({ id, item, running }: Life, now: number): string[] {
  if (item === undefined) return [];
  const { frozen, waiting } = item.state;
  if (frozen !== undefined)
    return [`mailkit queue thaw ${id}    tries again`, `mailkit queue bounce ${id}  gives it up, its sender is told`];
  const waitsForDns = [...waiting.values()].some((reason) => reason.transport === undefined);
  const due = [...waiting.values()].some((reason) => reason.nextTry !== undefined && reason.nextTry <= now);
  return [
    ...(running ? [] : ["mailkit serve    no server has this part of the queue"]),
    ...(waiting.size === 0 && running && !item.state.first ? [] : [`mailkit queue retry ${id}`]),
    ...(waitsForDns ? [`mailkit route ${[...waiting.keys()][0]}`] : []),
    ...(due && !running ? ["mailkit queue run"] : []),
  ];
}
