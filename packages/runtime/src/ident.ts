/** RFC 1413: who owns the other end of this connection, for hosts in `rfc1413_hosts` while `rfc1413_query_timeout` is not 0. */
import { chain } from "@mailkit/sdk";
import type { HostList, Maybe, SessionFacts } from "@mailkit/sdk";
import { hostSubject } from "./acl-host.ts";
import type { Engine } from "./engine.ts";

const IDENT_PORT = 113;
/** RFC 1413 §5: an answer is short; anything longer is no answer. */
const MAX_ANSWER = 1000;

export function makeIdent(engine: Engine): (session: SessionFacts) => Maybe<string> {
  const { main } = engine.config;
  const timeout = main.number("rfc1413_query_timeout");
  const hosts = main.list("rfc1413_hosts") as HostList | undefined;
  return (session) => {
    if (timeout <= 0 || hosts === undefined || session.peer === undefined || session.local === undefined) return "";
    return chain(hosts.match(hostSubject(engine, session), engine.scopes.bare()), (result) =>
      result.kind === "yes" ? ask(engine, session, timeout) : "",
    );
  };
}

async function ask(engine: Engine, session: SessionFacts, timeout: number): Promise<string> {
  const { peer, local } = session as { peer: { address: string; port: number }; local: { port: number } };
  const answer = await engine.services.sockets.exchange({
    target: { host: peer.address, port: IDENT_PORT },
    send: Buffer.from(`${peer.port} , ${local.port}\r\n`),
    timeout,
    halfClose: false,
    maxReply: MAX_ANSWER,
  });
  if (answer.kind !== "reply") return "";
  const match = /^\s*\d+\s*,\s*\d+\s*:\s*USERID\s*:[^:]*:\s*([^\r\n]{1,512})/.exec(answer.octets.toString("latin1"));
  return (match?.[1] ?? "").trim().replace(/[^\x20-\x7e]/g, "");
}
