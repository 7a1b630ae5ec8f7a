/** Before the first word of SMTP: the PROXY header, the TLS handshake, and how long a peer may be silent. */
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { chain, errnoOf, newMessageFacts, strerror, type Maybe, type SessionFacts } from "@mailkit/sdk";
import type { SmtpdDeps } from "./deps.ts";
import { connectionName } from "./log-lines.ts";
import { proxyCollector, type Proxied } from "./proxied.ts";

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
        for (const event of ["end", "close"] as const) secure.off(event, gone);
        secure.on("error", () => secure.destroy());
        if (fault === undefined) return resolve(secure);
        secure.destroy();
        resolve(failed(fault));
      };
      const gone = (): void => done("connection closed in the handshake");
      secure.once("secure", () => done());
      secure.once("error", (error) => done(faultText(error)));
      for (const event of ["end", "close"] as const) secure.once(event, gone);
    });
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

/** OpenSSL's words without its source files, or the system's. */
function faultText(error: NodeJS.ErrnoException & { readonly reason?: string }): string {
  if (error.reason !== undefined) return error.reason;
  return error.syscall === undefined ? error.message : strerror(errnoOf(error.code));
}

/** Reads exactly the header (`proxy_protocol_timeout`). */
export function proxyHeader(socket: Socket, timeout: number): Promise<Proxied> {
  return new Promise((resolve) => {
    const collect = proxyCollector();
    const timer = setTimeout(() => done({ ok: false, rest: Buffer.alloc(0) }), timeout > 0 ? timeout : 3000);
    const done = (result: Proxied): void => {
      clearTimeout(timer);
      socket.off("data", take);
      socket.off("close", gone);
      socket.pause();
      resolve(result);
    };
    const gone = (): void => done({ ok: false, rest: Buffer.alloc(0) });
    const take = (chunk: Buffer): void => {
      const read = collect(chunk);
      if (read !== undefined) done(read);
    };
    socket.on("data", take);
    socket.once("close", gone);
  });
}

/** `smtp_receive_timeout`, in milliseconds; an expanded value that is no time counts as the default. */
export function receiveTimeout({ settings, scope }: SmtpdDeps, facts: SessionFacts): Maybe<number> {
  const template = settings.template("smtp_receive_timeout");
  if (template === undefined) return DEFAULT_TIMEOUT;
  if (template.constant !== undefined) return constantTime(template.constant) ?? DEFAULT_TIMEOUT;
  return chain(template.evaluate(scope(facts, newMessageFacts())), (result) =>
    result.kind === "value" ? (parseTime(result.text) ?? DEFAULT_TIMEOUT) : DEFAULT_TIMEOUT,
  );
}

const DEFAULT_TIMEOUT = 300_000;

/** One configuration has one. */
let lastTime: { readonly text: string; readonly time: number | undefined } = { text: "", time: undefined };

function constantTime(text: string): number | undefined {
  if (lastTime.text !== text) lastTime = { text, time: parseTime(text) };
  return lastTime.time;
}

function parseTime(text: string): number | undefined {
  if (!/^(?:[0-9]+[wdhms])+$/.test(text)) return undefined;
  const units = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 } as const;
  let seconds = 0;
  for (const [, count, unit] of text.matchAll(/([0-9]+)([wdhms])/g)) seconds += Number(count) * units[unit as keyof typeof units];
  return seconds * 1000;
}
