/** `spam = user[:true][/defer_ok]`: SpamAssassin's and Rspamd's daemons (manual §"Scanning with SpamAssassin and Rspamd"). */
import type { AclItemSource } from "@mailkit/config";
import { type Maybe, chain, clean, tainted, trimSpace, trimSpaceEnd } from "@mailkit/sdk";
import type { AclCompilers } from "../compile.ts";
import type { ItemRun } from "../items.ts";
import { deferral, type Outcome, type Run, setVariable, withText, writeLog } from "../run.ts";
import { askFirst, contentOf, type ScannerAddress, scannerAddresses, withOptions } from "./scanner.ts";

export interface SpamResult {
  readonly score: number;
  readonly threshold: number;
  readonly isSpam: boolean;
  readonly action: string;
  readonly report: string;
}

const MAX_REPLY = 256 * 1024;
/** Results by user: the same message is scanned once. */
const CACHE = "acl spam results";

export function compileSpam(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const template = compilers.template(item.value, item.at);
  return (run) =>
    withText(run, template, (text) => {
      const { value, options } = withOptions(text);
      const [user = "", always] = value.split(":", 2).map((part) => trimSpace(part));
      if (user === "" || user === "0" || user.toLowerCase() === "false") return "no";
      const deferOk = options.includes("defer_ok");
      return chain(scan(run, user), (result): Outcome => {
        if (typeof result === "string") return deferOk ? "no" : deferral(run, result);
        publish(run, result);
        return result.isSpam || always === "true" ? "yes" : "no";
      });
    });
}

function scan(run: Run, user: string): Maybe<SpamResult | string> {
  const { listCache } = run.context.message;
  const cache = (listCache.get(CACHE) as Map<string, SpamResult> | undefined) ?? new Map<string, SpamResult>();
  listCache.set(CACHE, cache);
  const known = cache.get(user);
  if (known !== undefined) return known;
  const content = contentOf(run);
  if (content === undefined) return "spam acl condition: error while creating mbox spool file";
  const asked = chain(content, (text) => ask(run, user, text));
  return chain(asked, (result) => {
    if (typeof result !== "string") cache.set(user, result);
    return result;
  });
}

async function ask(run: Run, user: string, text: string): Promise<SpamResult | string> {
  const servers = scannerAddresses(run.context.host.setting("spamd_address") ?? "127.0.0.1 783", run);
  const answer = await askFirst(run, servers, (server) => ({
    send: isRspamd(server) ? rspamdRequest(run, user, text) : spamdRequest(user, text),
    halfClose: true,
    maxReply: MAX_REPLY,
  }));
  if (!answer.ok) {
    writeLog(run, {
      to: ["main", "panic"],
      text: `spam acl condition: all spamd servers failed: ${answer.message}`,
      withHost: false,
    });
    return `spam acl condition: all spamd servers failed`;
  }
  const result = isRspamd(answer.server) ? parseRspamd(answer.reply) : parseSpamd(answer.reply);
  return result ?? "spam acl condition: cannot parse spamd output";
}

function isRspamd(server: ScannerAddress): boolean {
  return server.options.includes("variant=rspamd");
}

export function spamdRequest(user: string, text: string): string {
  return `REPORT SPAMC/1.2\r\nUser: ${oneLine(user)}\r\nContent-length: ${text.length}\r\n\r\n${text}`;
}

/** Rspamd's own command in spamd's clothes: what is known of the client goes along. */
function rspamdRequest(run: Run, user: string, text: string): string {
  const { session, message } = run.context;
  const fields: (readonly [string, string | undefined])[] = [
    ["Queue-Id", message.id === "" ? undefined : message.id],
    ["From", `<${message.sender ?? ""}>`],
    ["Recipient-Number", String(message.recipients.length)],
    ...message.recipients.map((recipient) => ["Rcpt", `<${recipient}>`] as const),
    ["Helo", session.helo === "" ? undefined : session.helo],
    ["Hostname", session.hostNames?.[0]],
    ["IP", session.peer?.address],
    ["User", session.authenticatedId ?? (user === "nobody" ? undefined : user)],
  ];
  const head = fields.map(([name, value]) => (value === undefined ? "" : `${name}: ${oneLine(value)}\r\n`)).join("");
  return `CHECK RSPAMC/1.3\r\nContent-length: ${text.length}\r\n${head}\r\n${text}`;
}

function oneLine(text: string): string {
  return text.replace(/[\r\n\0]/g, " ");
}

/** `SPAMD/1.1 0 EX_OK`, `Spam: True ; 6.2 / 5.0`, an empty line, the report. */
export function parseSpamd(reply: string): SpamResult | undefined {
  const match = /^SPAMD\/[0-9.]+ 0 EX_OK\r?\n(?:[^\r\n]+\r?\n)*?Spam: (True|False|Yes|No) ; (-?[0-9.]+) \/ (-?[0-9.]+)\r?\n/i.exec(reply);
  if (match === null) return undefined;
  const score = Number(match[2]);
  const threshold = Number(match[3]);
  const isSpam = score >= threshold;
  return { score, threshold, isSpam, action: isSpam ? "reject" : "no action", report: bodyOf(reply) };
}

/** `RSPAMD/1.3 0 EX_OK`, `Metric: default; True; 9.10 / 15.00 / 20.00`, `Action: add header`, ... */
export function parseRspamd(reply: string): SpamResult | undefined {
  const match = /^Metric: default; (?:True|False|Skip); (-?[0-9.]+) \/ (-?[0-9.]+)/im.exec(reply);
  if (!/^RSPAMD\/[0-9.]+ 0 EX_OK/.test(reply) || match === null) return undefined;
  const score = Number(match[1]);
  const threshold = Number(match[2]);
  const action = /^Action: (.*?)\r?$/im.exec(reply)?.[1] ?? "no action";
  const symbols = [...reply.matchAll(/^(?:Symbol|Message): (.*?)\r?$/gim)].map((found) => found[1]);
  return { score, threshold, isSpam: score >= threshold, action, report: symbols.join("\n") };
}

function bodyOf(reply: string): string {
  const end = /\r?\n\r?\n/.exec(reply);
  if (end === null) return "";
  const body = reply.slice(end.index + end[0].length).replaceAll("\r\n", "\n");
  // It goes into header lines: continued, and without empty lines.
  return body
    .split("\n")
    .map((line) => trimSpaceEnd(line))
    .join("\n ")
    .trimEnd();
}

function publish(run: Run, { score, action, report, threshold }: SpamResult): void {
  const bar = Math.min(50, Math.trunc(Math.abs(score)));
  setVariable(run, "spam_score", clean(score.toFixed(1)));
  setVariable(run, "spam_score_int", clean(String(Math.trunc(score * 10))));
  setVariable(run, "spam_bar", clean(bar === 0 ? "/" : (score < 0 ? "-" : "+").repeat(bar)));
  setVariable(run, "spam_report", tainted(report));
  setVariable(run, "spam_action", tainted(action));
  run.detail = `${score.toFixed(1)} of ${threshold}`;
}
