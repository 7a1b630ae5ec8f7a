/** Retry rules: `pattern  error  [senders=list]  F,cutoff,interval; G,cutoff,interval,factor; ...` (manual chapter "Retry configuration"). */
import type { AddressList, Position } from "@mailkit/sdk";
import { nearest } from "@mailkit/sdk";
import type { LoadContext } from "../context.ts";
import type { LogicalLine } from "../source/reader.ts";
import type { RetryRule, RetryStep } from "../types.ts";
import { parseFixed, parseTime } from "../values/numbers.ts";
import { oneItem, readQuoted, readWord, skipSpace } from "../values/scan.ts";

const ERRORS: readonly string[] =
  `* auth_failed data_4xx mail_4xx rcpt_4xx lost_connection lookup refused refused_a refused_mx timeout timeout_a
  timeout_mx timeout_connect timeout_connect_a timeout_connect_mx timeout_dns tls_required quota`.split(/\s+/);

export function readRetry(rules: RetryRule[], context: LoadContext): void {
  for (let line = context.next(); line !== undefined; line = context.next()) {
    const rule = readRule(line, context);
    if (rule !== undefined) rules.push(rule);
  }
}

interface Fault {
  readonly offset: number;
  readonly length: number;
  readonly message: string;
  readonly hint?: string;
  readonly eximText: string;
}

function readRule(line: LogicalLine, { compilers, report }: LoadContext): RetryRule | undefined {
  const fault = (code: "MK0601" | "MK0602" | "MK0603", f: Fault): undefined => {
    const at = line.map.at(f.offset);
    const length = line.map.width(f.offset, Math.max(1, f.length));
    report.add(code, f.message, { at, length, hint: f.hint, eximText: f.eximText, eximLine: line.end });
    return undefined;
  };
  const pattern = readWord(line, 0);
  const error = pattern === undefined ? undefined : bareWord(line, pattern.end);
  if (pattern === undefined || error === undefined) {
    const hint = "a rule is a pattern, an error name (* for all) and steps: * * F,2h,15m";
    const eximText = "missing error type in retry rule";
    return fault("MK0601", { offset: 0, length: line.text.length, message: "this retry rule names no error", hint, eximText });
  }
  const errorFault = checkError(error.text);
  if (errorFault !== undefined) return fault("MK0602", { offset: error.start, length: error.text.length, ...errorFault });
  const senders = readSenders(line, error.end);
  const steps = readSteps(line.text, senders?.end ?? error.end);
  if (!Array.isArray(steps)) return fault("MK0603", steps as Fault);
  return {
    pattern: pattern.value.text,
    list: compilers.list("address", oneItem(pattern.value.text), pattern.value.at) as AddressList,
    error: error.text.toLowerCase() === "timeout_dns" ? "timeout" : error.text.toLowerCase(),
    senders: senders === undefined ? undefined : (compilers.list("address", senders.text, senders.at) as AddressList),
    steps,
    at: line.map.at(0),
    source: line.text,
  };
}

function bareWord(line: LogicalLine, from: number): { readonly text: string; readonly start: number; readonly end: number } | undefined {
  const start = skipSpace(line.text, from);
  const text = /^[^ \t]+/.exec(line.text.slice(start))?.[0];
  return text === undefined ? undefined : { text, start, end: start + text.length };
}

/** What is wrong with the name of an error, in Exim's words (`-brt`). */
export function retryErrorFault(written: string): string | undefined {
  return checkError(written)?.eximText;
}

/** Undefined when `written` is an error of manual §"Retry rules for specific errors". */
function checkError(written: string): Omit<Fault, "offset" | "length"> | undefined {
  const error = written.toLowerCase();
  if (ERRORS.includes(error)) return undefined;
  const code = /^(data|mail|rcpt)_4(.*)$/.exec(error);
  if (code !== null) {
    if (/^(?:xx|\dx|\d\d)$/.test(code[2] as string)) return undefined;
    const eximText = `${code[1]}_4 must be followed by xx, dx, or dd, where x is literal and d is any digit`;
    return { message: `"${written}" is not an SMTP error`, hint: `as in ${code[1]}_4xx, ${code[1]}_45x, ${code[1]}_452`, eximText };
  }
  const quota = /^quota_(.*)$/.exec(error);
  if (quota !== null) {
    if (parseTime(quota[1] as string) !== undefined) return undefined;
    return { message: `"${quota[1]}" is not a time`, hint: "as in quota_5d", eximText: "bad time value" };
  }
  const family = /^(refused|timeout|timeout_connect)_/.exec(error);
  if (family !== null && error !== "timeout_connect") {
    const eximText = `A or MX expected after "${family[1]}"`;
    return { message: `"${written}" is not an error`, hint: `${family[1]}_A or ${family[1]}_MX`, eximText };
  }
  const near = nearest(error, ERRORS);
  return {
    message: `there is no retry error "${written}"`,
    hint: near === undefined ? `errors are ${ERRORS.join(", ")}` : `did you mean "${near}"?`,
    eximText: `unknown or malformed retry error "${written}"`,
  };
}

function readSenders(line: LogicalLine, from: number): { readonly text: string; readonly at: Position; readonly end: number } | undefined {
  const start = skipSpace(line.text, from);
  const head = /^senders\s*=\s*/.exec(line.text.slice(start));
  if (head === null) return undefined;
  const value = start + head[0].length;
  if (line.text[value] === '"') {
    const quoted = readQuoted(line, value);
    if (quoted !== undefined) return { text: quoted.value.text, at: quoted.value.at, end: quoted.end };
  }
  const text = /^[^ \t]*/.exec(line.text.slice(value))?.[0] ?? "";
  return { text, at: line.map.at(value), end: value + text.length };
}

/** The steps, or the fault at which reading stopped. */
function readSteps(text: string, from: number): RetryStep[] | Fault {
  const steps: RetryStep[] = [];
  let i = skipSpace(text, from);
  while (i < text.length) {
    const letter = (text[i] as string).toUpperCase();
    if (letter !== "F" && letter !== "G" && letter !== "H") {
      return {
        offset: i,
        length: 1,
        message: `there is no retry step "${text[i]}"`,
        hint: "F, G or H",
        eximText: "unknown retry rule letter",
      };
    }
    const read = readStep(text, i + 1, letter);
    if ("eximText" in read) return read;
    steps.push(read.step);
    i = skipSpace(text, read.end);
    if (i >= text.length) break;
    if (text[i] !== ";") {
      return {
        offset: i,
        length: 1,
        message: "a semicolon was expected here",
        hint: "steps are separated by ;",
        eximText: "semicolon expected",
      };
    }
    i = skipSpace(text, i + 1);
  }
  return steps;
}

function readStep(text: string, from: number, kind: RetryStep["kind"]): { readonly step: RetryStep; readonly end: number } | Fault {
  let i = from;
  const values: number[] = [];
  const wanted = kind === "F" ? 2 : 3;
  for (let n = 0; n < wanted; n++) {
    if (text[i] !== ",") {
      const hint = kind === "F" ? "as in F,2h,15m" : `as in ${kind},16h,1h,1.5`;
      return { offset: i, length: 1, message: "a comma was expected here", hint, eximText: "comma expected" };
    }
    const start = skipSpace(text, i + 1);
    const word = /^[^,;\s]*/.exec(text.slice(start))?.[0] ?? "";
    const value = n < 2 ? parseTime(word) : factorOf(word);
    if (value === undefined) {
      const what = n < 2 ? "a time" : "a factor";
      return { offset: start, length: word.length, message: `"${word}" is not ${what}`, eximText: "bad parameters for retry rule" };
    }
    values.push(value);
    i = start + word.length;
    if (n === 0) i = skipSpace(text, i);
  }
  const [cutoff, interval, factor = 1] = values as [number, number, number?];
  if (interval <= 0 || factor < 1) {
    return {
      offset: from,
      length: i - from,
      message: "intervals must be above 0 and factors at least 1",
      eximText: "bad parameters for retry rule",
    };
  }
  return { step: { kind, cutoff, interval, factor }, end: i };
}

function factorOf(word: string): number | undefined {
  const read = parseFixed(word);
  return read.kind === "value" ? read.value : undefined;
}
