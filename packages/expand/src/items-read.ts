/** `${readfile` and `${readsocket` (manual §"Expansion items"). */
import { chain, EMPTY, expansionError, octetsOf, textOf, value } from "@mailkit/sdk";
import type { Expansion, Maybe, SocketRequest, Text } from "@mailkit/sdk";
import type { Parts } from "./ast.ts";
import type { Environment } from "./environment.ts";
import { messageText } from "./faults.ts";
import { parseInterval } from "./intervals.ts";
import { taintedFile, taintRefusal } from "./taint.ts";

interface FileRequest {
  readonly path: Text;
  readonly eol: string | undefined;
  readonly source: Parts;
}

export function readfile({ path, eol, source }: FileRequest, env: Environment): Maybe<Expansion> {
  if (path.tainted) return taintedFile(path.text, source);
  return chain(env.services.files.read(path.text), (content) => {
    if (typeof content !== "string") return expansionError(`failed to open ${path.text}: ${content.message}`);
    return value(withLineEnds(content, eol));
  });
}

function withLineEnds(text: string, eol: string | undefined): string {
  return eol === undefined ? text : text.replaceAll("\n", eol);
}

const REPLY_LIMIT = 1024 * 1024;
const DEFAULT_TIMEOUT = 5000;

export function readsocket(args: readonly Text[], sources: readonly Parts[], env: Environment): Maybe<Expansion> {
  const [target = EMPTY, request = EMPTY, options = EMPTY, eol, instead] = args;
  if (target.tainted) return taintRefusal(`Tainted filename for search: '${target.text}'`, sources[0]);
  const place = targetOf(target.text);
  if (typeof place === "string") return expansionError(place);
  const settings = optionsOf(options.text);
  if (typeof settings === "string") return expansionError(settings);
  const key = `readsocket\0${target.text}\0${request.text}`;
  const kept = settings.cache ? env.scope.listCache.get(key) : undefined;
  if (typeof kept === "string") return value(withLineEnds(kept, eol?.text));
  const { timeout, halfClose, tls, cache } = settings;
  const asked: SocketRequest = { target: place, send: octetsOf(request.text), timeout, halfClose, tls, maxReply: REPLY_LIMIT };
  return env.services.sockets.exchange(asked).then((answer): Expansion => {
    if (answer.kind === "failed") {
      return instead === undefined ? expansionError(failureText(answer, place)) : value(instead.text, instead.tainted);
    }
    const reply = textOf(answer.octets);
    if (cache) env.scope.listCache.set(key, reply);
    return value(withLineEnds(reply, eol?.text));
  });
}

/** A path, or `inet:host:port` with the host in brackets if it is an IPv6 address. */
function targetOf(text: string): SocketRequest["target"] | string {
  if (!text.startsWith("inet:")) return { path: text };
  const found = /^inet:(?:\[([^\]]+)\]|([^\][]*)):([0-9]{1,5}|[a-z][a-z0-9-]*)$/i.exec(text);
  if (found === null) return `missing port for readsocket ${text}`;
  const [, bracketed, plain = "", port = ""] = found;
  const number = /^[0-9]/.test(port) ? Number(port) : SERVICES.get(port.toLowerCase());
  if (number === undefined || number > 65535) return `unknown port "${port}"`;
  return { host: bracketed ?? plain, port: number };
}

/** Names of /etc/services that mail has to do with. */
const SERVICES: ReadonlyMap<string, number> = new Map([
  ["smtp", 25],
  ["domain", 53],
  ["finger", 79],
  ["http", 80],
  ["pop3", 110],
  ["ident", 113],
  ["auth", 113],
  ["imap2", 143],
  ["imap", 143],
  ["ldap", 389],
  ["https", 443],
  ["smtps", 465],
  ["submissions", 465],
  ["submission", 587],
  ["spamd", 783],
  ["imaps", 993],
  ["pop3s", 995],
  ["mysql", 3306],
  ["clamd", 3310],
  ["postgresql", 5432],
  ["redis", 6379],
]);

interface SocketOptions {
  readonly timeout: number;
  readonly halfClose: boolean;
  readonly tls: boolean;
  readonly cache: boolean;
}

/** `5s:shutdown=no:tls=yes:cache=yes`; the time comes first. */
function optionsOf(text: string): SocketOptions | string {
  const [time = "", ...others] = text.split(":");
  const seconds = time === "" ? DEFAULT_TIMEOUT / 1000 : parseInterval(time);
  if (seconds === undefined) return `bad time value ${time}`;
  const given = new Map<string, boolean>();
  for (const other of others) {
    const found = /^(shutdown|tls|cache)=(yes|no)$/.exec(other);
    if (found === null) return `bad option "${other}" for readsocket`;
    given.set(found[1] as string, found[2] === "yes");
  }
  const tls = given.get("tls") ?? false;
  return { timeout: seconds * 1000, halfClose: !tls && (given.get("shutdown") ?? true), tls, cache: given.get("cache") ?? false };
}

function failureText(answer: { readonly stage: string; readonly message: string }, target: SocketRequest["target"]): string {
  if (answer.stage === "timeout") return "socket read timed out";
  const why = messageText(answer.message);
  if (answer.stage === "write") return `request write to socket failed: ${why}`;
  if (answer.stage === "read") return `read from socket failed: ${why}`;
  return "path" in target
    ? `failed to connect to socket ${target.path}: ${why}`
    : `failed to connect to any address for ${target.host.includes(":") ? `[${target.host}]` : target.host}: ${why}`;
}
