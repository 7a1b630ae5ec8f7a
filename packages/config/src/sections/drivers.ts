/**
 * The sections of drivers: routers, transports, authenticators (manual §"Format of driver configurations"). Reads
 * instances line by line against the catalogue's tables; `instances.ts` makes what the engine sees of them.
 */
import type { OptionTable, Position } from "@mailkit/sdk";
import { nearest } from "@mailkit/sdk";
import { defineMacro, isMacroLine, type LoadContext } from "../context.ts";
import type { LogicalLine } from "../source/reader.ts";
import { nameEnd, readString, skipSpace } from "../values/scan.ts";
import { readOption, type Setting } from "../values/settings.ts";

export type DriverKind = "router" | "transport" | "authenticator";

export interface AnyDriver {
  readonly name: string;
  readonly options: OptionTable;
  /** Transports only. */
  readonly where?: "remote" | "local";
}

export interface DriverSet {
  readonly kind: DriverKind;
  readonly drivers: ReadonlyMap<string, AnyDriver>;
  readonly generic: OptionTable;
}

export interface Draft {
  readonly name: string;
  readonly at: Position;
  readonly settings: Map<string, Setting>;
  driver: AnyDriver | undefined;
  /** Where `driver = ` stands. */
  driverAt: Position | undefined;
  driverName: string | undefined;
}

/** Drivers of Exim that mailkit does not have, and what to use instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  iplookup: "use queryprogram, or a lookup in redirect",
  queuefile: "use mailkit queue export",
  cyrus_sasl: "use plaintext, dovecot or gsasl",
  heimdal_gssapi: "use gsasl or dovecot",
};

/** Instances in the order of the file; two of one name are a fault and the second is dropped. */
export function readDrivers(set: DriverSet, drafts: Draft[], context: LoadContext): void {
  let draft: Draft | undefined;
  for (let line = context.next(); line !== undefined; line = context.next()) {
    if (isMacroLine(line)) {
      closeDraft(draft, set, context);
      defineMacro(line, context);
      draft = undefined;
      continue;
    }
    const end = nameEnd(line.text, 0);
    const colon = skipSpace(line.text, end);
    if (end > 0 && line.text[colon] === ":") {
      closeDraft(draft, set, context);
      draft = openDraft({ line, end, colon }, set, drafts, context);
    } else if (draft === undefined) reportNoInstance(line, set, context);
    else readDriverLine(line, draft, set, context);
  }
  closeDraft(draft, set, context);
}

function closeDraft(draft: Draft | undefined, { kind }: DriverSet, { report }: LoadContext): void {
  if (draft === undefined || draft.driverName !== undefined) return;
  report.add("MK0305", `${kind} "${draft.name}" has no driver`, {
    at: draft.at,
    length: draft.name.length,
    hint: "add a line driver = name",
    eximText: `no driver defined for ${kind} "${draft.name}"`,
    eximWhere: "",
  });
}

function openDraft(
  { line, end, colon }: { readonly line: LogicalLine; readonly end: number; readonly colon: number },
  { kind }: DriverSet,
  drafts: Draft[],
  { report }: LoadContext,
): Draft {
  const name = line.text.slice(0, end);
  const at = line.map.at(0);
  const draft: Draft = { name, at, settings: new Map(), driver: undefined, driverAt: undefined, driverName: undefined };
  const rest = skipSpace(line.text, colon + 1);
  if (rest < line.text.length) {
    report.exim("MK0303", `extra characters follow driver name ${name}`, {
      at: line.map.at(rest),
      length: line.map.width(rest, line.text.length - rest),
      hint: "begin a new line after the colon",
      eximLine: line.end,
    });
  }
  const first = drafts.find((other) => other.name === name);
  if (first === undefined) drafts.push(draft);
  else {
    report.add("MK0304", `there are two ${kind}s called "${name}"`, {
      at,
      length: line.map.width(0, name.length),
      hint: `the first is at ${first.at.file}:${first.at.line}`,
      eximText: `there are two ${kind}s called "${name}"`,
      eximWhere: "",
    });
  }
  return draft;
}

function readDriverLine(line: LogicalLine, draft: Draft, set: DriverSet, context: LoadContext): void {
  const isDriver = /^driver\s*(?:=|$)/.test(line.text);
  if (isDriver && draft.driverName === undefined) return readDriverName(line, draft, set, context);
  const tables = draft.driver === undefined ? [set.generic] : [set.generic, draft.driver.options];
  const owner = {
    kind: set.kind,
    name: draft.name,
    driverPending: draft.driverName === undefined,
    driverUnknown: draft.driverName !== undefined && draft.driver === undefined,
  };
  if (isDriver) {
    context.report.add("MK0103", `${set.kind} "${draft.name}" names its driver a second time`, {
      at: line.map.at(0),
      length: line.map.width(0, 6),
      hint: "keep one of them",
      eximText: '"driver" option set for the second time',
      eximLine: line.end,
    });
    return;
  }
  readOption({ line, tables, settings: draft.settings, owner }, context);
}

function readDriverName(line: LogicalLine, draft: Draft, set: DriverSet, { report }: LoadContext): void {
  const equals = skipSpace(line.text, "driver".length);
  const read = readString(line, equals + 1);
  draft.driverAt = line.map.at(0);
  if (line.text[equals] !== "=" || read.kind === "fault") {
    draft.driverName = "";
    const eximText =
      read.kind === "fault" ? "missing quote at end of string value for driver" : "unexpected end of line (data missing) after driver";
    report.add("MK0107", "driver has no value", {
      at: draft.driverAt,
      length: 6,
      hint: "write driver = name",
      eximText,
      eximLine: line.end,
    });
    return;
  }
  const name = read.value.text;
  draft.driverName = name;
  draft.driver = set.drivers.get(name);
  if (draft.driver !== undefined) return;
  const near = nearest(name, set.drivers.keys());
  const hint = Object.hasOwn(ELSEWHERE, name)
    ? ELSEWHERE[name]
    : near === undefined
      ? `drivers: ${[...set.drivers.keys()].join(", ")}`
      : `did you mean "${near}"?`;
  report.add("MK0301", `there is no ${set.kind} driver "${name}"`, {
    at: read.value.at,
    length: read.value.width(0, Math.max(1, name.length)),
    hint,
    eximText: `${set.kind} ${draft.name}: cannot find ${set.kind} driver "${name}"`,
    eximLine: line.end,
  });
}

function reportNoInstance(line: LogicalLine, { kind }: DriverSet, { report }: LoadContext): void {
  report.add("MK0302", `this line belongs to no ${kind}`, {
    at: line.map.at(0),
    length: line.map.width(0, line.text.length),
    hint: `a ${kind} begins with its name (letters, digits, underscores) and a colon`,
    eximText: `${kind} name missing`,
    eximLine: line.end,
  });
}
