/**
 * readsock: sends a request to a socket and reads the answer to its end (manual §"Expansion items", readsocket). The socket
 * is `file=` of the options or the first word of the query: a path, or `inet:host:port`.
 */
import { defineLookup, octetsOf, textOf, type LookupResult, type SocketRequest, lookupOption } from "@mailkit/sdk";

const DEFAULT_TIMEOUT = 5000;
const MAX_REPLY = 1_048_576;

export const readsock = defineLookup({
  name: "readsock",
  style: "query",
  find: ({ file, key, options }, host) => {
    const { socket, request } = locate(file, key);
    const target = socketTarget(socket);
    if (typeof target === "string") return { kind: "defer", message: target };
    const timeout = timeoutOf(lookupOption(options, "timeout"));
    if (timeout === undefined) return { kind: "defer", message: "bad time value in readsock lookup" };
    const question: SocketRequest = {
      target,
      send: octetsOf(lookupOption(options, "send") === "no" ? "" : request),
      timeout,
      halfClose: lookupOption(options, "shutdown") !== "no",
      tls: lookupOption(options, "tls") === "yes",
      maxReply: MAX_REPLY,
    };
    return host.sockets.exchange(question).then((answer): LookupResult => {
      if (answer.kind === "failed") return { kind: "defer", message: `readsock: ${answer.stage} of ${socket}: ${answer.message}` };
      return { kind: "found", text: withLineEnds(textOf(answer.octets), lookupOption(options, "eol")) };
    });
  },
});

function locate(file: string, query: string): { socket: string; request: string } {
  if (file !== "") return { socket: file, request: query };
  const [socket] = query.split(/[ \t\n]/, 1) as [string];
  return { socket, request: query.slice(socket.length).replace(/^[ \t\n]+/, "") };
}

function socketTarget(socket: string): SocketRequest["target"] | string {
  if (socket.startsWith("/")) return { path: socket };
  const inet = /^inet:(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(socket);
  if (inet === null) return `readsock: "${socket}" is neither a path nor inet:host:port`;
  return { host: (inet[1] ?? inet[2]) as string, port: Number(inet[3]) };
}

function timeoutOf(text: string | undefined): number | undefined {
  if (text === undefined) return DEFAULT_TIMEOUT;
  const time = /^(\d+)([smh])$/.exec(text);
  if (time === null) return undefined;
  return Number(time[1]) * (time[2] === "s" ? 1000 : time[2] === "m" ? 60_000 : 3_600_000);
}

function withLineEnds(text: string, eol: string | undefined): string {
  return eol === undefined ? text : text.replaceAll("\n", eol);
}
