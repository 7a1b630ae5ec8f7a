/** The commands `mail` and `vacation` (filter manual §"Mail commands"): texts checked, defaults filled in. */
import { chain, isPromise } from "@mailkit/sdk";
import type { AutoReply, Maybe } from "@mailkit/sdk";
import { parseInterval } from "@mailkit/expand";
import { printing } from "../printing.ts";
import type { Command, MailWord } from "./ast.ts";
import { MAIL_WORDS } from "./ast.ts";
import type { Step } from "./evaluate.ts";
import { expandIn, variableText } from "./filter-scope.ts";
import type { Run } from "./run.ts";

type Mail = Extract<Command, { kind: "mail" }>;

const VACATION: readonly (readonly [MailWord, string])[] = [
  ["subject", "On vacation"],
  ["file", ".vacation.msg"],
  ["log", ".vacation.log"],
  ["once", ".vacation"],
  ["once_repeat", "7d"],
];

export function applyMail(command: Mail, run: Run): Maybe<Step> {
  return chain(run.isBounce(), (bounce) => chain(expandTexts(command, run, !bounce), (texts) => reply(command, texts, run)));
}

function reply(command: Mail, texts: Texts | Failed, run: Run): Maybe<Step> {
  if ("error" in texts) return { kind: "error", message: texts.error };
  const shown = command.vacation ? withDefaults(texts) : texts;
  const expandFile = command.mail.expandFile || (command.vacation && !command.mail.texts.has("file"));
  return chain(replyOf(shown, { expandFile, returnMessage: command.mail.returnMessage }, run), (reply) => {
    if (reply !== undefined && "error" in reply) return { kind: "error", message: reply.error };
    const { seen, noError, vacation } = command;
    run.actions.push({
      kind: "mail",
      vacation,
      shown: forShow(shown, expandFile, command.mail.returnMessage),
      depth: run.depth,
      reply,
      seen,
      noError,
    });
    return undefined;
  });
}

type Texts = Map<MailWord, string>;

interface Failed {
  readonly error: string;
}

/** `check`: nothing is sent in answer to a bounce, so its texts need not be good. */
function expandTexts({ mail, vacation }: Mail, run: Run, check: boolean): Maybe<Texts | Failed> {
  const texts: Texts = new Map();
  const where = `${vacation ? "vacation" : "mail"} command`;
  const walk = (from: number): Maybe<Texts | { readonly error: string }> => {
    for (let i = from; i < MAIL_WORDS.length; i++) {
      const word = MAIL_WORDS[i] as MailWord;
      const template = mail.texts.get(word);
      if (template === undefined) continue;
      const value = expandIn(run.scope, template, where);
      const keep = (known: Awaited<typeof value>): { readonly error: string } | undefined => {
        if ("error" in known) return known;
        texts.set(word, known.text);
        const fault = check ? faultOf(word, known.text) : undefined;
        return fault === undefined ? undefined : { error: `${fault} in ${where}` };
      };
      if (isPromise(value)) return value.then((known) => keep(known) ?? walk(i + 1));
      const failed = keep(value);
      if (failed !== undefined) return failed;
    }
    return texts;
  };
  return walk(0);
}

/** No text may smuggle in a header line, no file name a control character. */
function faultOf(word: MailWord, text: string): string | undefined {
  switch (word) {
    case "text":
    case "once_repeat":
      return undefined;
    case "file":
    case "log":
    case "once":
      // oxlint-disable-next-line no-control-regex
      return /[\x00-\x1f\x7f]/.test(text) ? `non-printing character in "${printing(text)}"` : undefined;
    case "extra_headers":
      return /\n(?![ \t\n]|[!-9;-~]+:)/.test(text) ? `\\n not followed by space or valid header name in "${printing(text)}"` : undefined;
    default:
      return /\n(?![ \t\n])/.test(text) ? `\\n not followed by space in "${printing(text)}"` : undefined;
  }
}

function withDefaults(given: Texts): Texts {
  const texts: Texts = new Map(given);
  for (const [word, text] of VACATION) if (!texts.has(word)) texts.set(word, text);
  return texts;
}

/** In the order of `MAIL_WORDS`, then what is no word of its own. */
function forShow(texts: Texts, expandFile: boolean, returnMessage: boolean): Map<string, string> {
  const shown = new Map<string, string>();
  for (const word of MAIL_WORDS) {
    const text = texts.get(word);
    if (text !== undefined) shown.set(word, word === "file" && expandFile ? `${text} (expanded)` : text);
  }
  if (returnMessage) shown.set("return", "");
  return shown;
}

interface ReplySettings {
  readonly expandFile: boolean;
  readonly returnMessage: boolean;
}

/** Undefined for a bounce: nothing is sent in answer to one. */
function replyOf(texts: Texts, settings: ReplySettings, run: Run): Maybe<AutoReply | { readonly error: string } | undefined> {
  const interval = texts.get("once_repeat");
  const repeat = interval === undefined ? undefined : parseInterval(interval);
  if (interval !== undefined && repeat === undefined && run.request.purpose !== "test") {
    return { error: `Bad time value for "once_repeat" in mail or vacation command: ${interval}` };
  }
  return chain(run.isBounce(), (bounce) => {
    if (bounce) return undefined;
    const to = texts.get("to");
    return chain(to === undefined ? variableText(run.scope, "reply_address") : to, (address) =>
      makeReply(texts, { ...settings, to: address, onceRepeat: repeat === undefined ? undefined : repeat * 1000 }),
    );
  });
}

function makeReply(texts: Texts, made: ReplySettings & { readonly to: string; readonly onceRepeat: number | undefined }): AutoReply {
  const names = { from: "from", reply_to: "replyTo", cc: "cc", bcc: "bcc", subject: "subject", extra_headers: "headers" } as const;
  // It names the delivery in the log, too: one line.
  const reply: Record<string, string> = { to: made.to.replaceAll("\n", " ") };
  for (const [word, name] of Object.entries(names)) put(reply, name, texts.get(word as MailWord));
  for (const name of ["text", "file", "log", "once"] as const) put(reply, name, texts.get(name));
  return {
    ...reply,
    ...(made.expandFile ? { expandFile: true } : {}),
    ...(made.onceRepeat === undefined ? {} : { onceRepeat: made.onceRepeat }),
    ...(made.returnMessage ? { returnMessage: true } : {}),
  };
}

function put(reply: Record<string, string>, name: string, text: string | undefined): void {
  if (text !== undefined && text !== "") reply[name] = text;
}
