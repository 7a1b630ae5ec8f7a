/** Before the first word of SMTP: the PROXY header, the TLS handshake, and how long a peer may be silent. */
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { chain, newMessageFacts, type Maybe, type SessionFacts } from "@mailkit/sdk";
import type { SmtpdDeps } from "./deps.ts";
import { connectionName } from "./log-lines.ts";
import { readProxy, type Endpoint } from "./proxy.ts";

export interface Connection {
  readonly deps: SmtpdDeps;
  readonly facts: SessionFacts;
  readonly timeout: number;
}

export async function handshake({ deps, facts, timeout }: Connection, socket: Socket, early: Buffer): Promise<TLSSocket | undefined> {
  if (deps.tls === undefined) return undefined;
  const failed = (why: string): undefined => {
    deps.log.main(`TLS error on connection from ${connectionName({ session: facts, selector: deps.logSelector })} (${why})`);
    return undefined;
  };
  try {
    const options = await deps.tls.contextFor(facts);
    if (early.length > 0) socket.unshift(early);
    const secure = new TLSSocket(socket, { ...options, isServer: true });
    return await new Promise((resolve) => {
      const timer = setTimeout(() => done("handshake timed out"), timeout > 0 ? timeout : DEFAULT_TIMEOUT);
      const done = (fault?: string): void => {
        clearTimeout(timer);
        secure.removeAllListeners("error");
        secure.on("error", () => secure.destroy());
        if (fault === undefined) return resolve(secure);
        secure.destroy();
        resolve(failed(fault));
      };
      secure.once("secure", () => done());
      secure.once("error", (error) => done(error.message));
      secure.once("close", () => done("connection closed in the handshake"));
    });
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

/** Reads exactly the header; what came behind it is `rest`. */
export function proxyHeader(
  socket: Socket,
  timeout: number,
): Promise<string | { source?: Endpoint; destination?: Endpoint; rest: Buffer }> {
  return new Promise((resolve) => {
    let octets = Buffer.alloc(0);
    const timer = setTimeout(() => done("timeout"), timeout > 0 ? timeout : 3000);
    const done = (result: Parameters<typeof resolve>[0]): void => {
      clearTimeout(timer);
      socket.off("data", take);
      socket.off("close", gone);
      socket.pause();
      resolve(result);
    };
    const gone = (): void => done("connection closed");
    const take = (chunk: Buffer): void => {
      octets = Buffer.concat([octets, chunk]);
      const read = readProxy(octets);
      if (read.kind === "more") return;
      if (read.kind === "bad") return done(read.message);
      done({
        ...(read.source !== undefined && { source: read.source }),
        ...(read.destination !== undefined && { destination: read.destination }),
        rest: octets.subarray(read.used),
      });
    };
    socket.on("data", take);
    socket.once("close", gone);
  });
}

/** `smtp_receive_timeout`, in milliseconds; an expanded value that is no time counts as the default. */
export function receiveTimeout({ settings, scope }: SmtpdDeps, facts: SessionFacts): Maybe<number> {
  const template = settings.template("smtp_receive_timeout");
  if (template === undefined) return DEFAULT_TIMEOUT;
  if (template.constant !== undefined) return parseTime(template.constant) ?? DEFAULT_TIMEOUT;
  return chain(template.evaluate(scope(facts, newMessageFacts())), (result) =>
    result.kind === "value" ? (parseTime(result.text) ?? DEFAULT_TIMEOUT) : DEFAULT_TIMEOUT,
  );
}

const DEFAULT_TIMEOUT = 300_000;

function parseTime(text: string): number | undefined {
  if (!/^(?:[0-9]+[wdhms])+$/.test(text)) return undefined;
  const units = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 } as const;
  let seconds = 0;
  for (const [, count, unit] of text.matchAll(/([0-9]+)([wdhms])/g)) seconds += Number(count) * units[unit as keyof typeof units];
  return seconds * 1000;
}
