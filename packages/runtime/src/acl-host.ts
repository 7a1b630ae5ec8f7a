/** The ports of ACL conditions: verification, names of the peer, log. */
import { chain, clean } from "@mailkit/sdk";
import type { HostList, HostSubject, Maybe, MessageFacts, SessionFacts } from "@mailkit/sdk";
import type { AclHost } from "@mailkit/acl";
import type { Engine } from "./engine.ts";

export interface AclLogPorts {
  readonly logs: (selector: string) => boolean;
  readonly log: AclHost["log"];
  /** The message with its body, for content conditions. */
  readonly messageText?: (message: MessageFacts) => Maybe<string>;
}

const NO_LOG: AclLogPorts = { logs: () => false, log: () => {} };

export function aclHostFor(engine: () => Engine, ports: AclLogPorts = NO_LOG): AclHost {
  return {
    verify: { verify: (request) => engine().verify.verify(request) },
    verifyHelo: (session) => verifyHelo(engine(), session),
    hostNames: (session) => engine().dns.lookupHost(session),
    setting: (name) => engine().setting(name),
    logs: ports.logs,
    log: ports.log,
    allowsUnqualified: (what, session) => allowsUnqualified(engine(), what, session),
    ...(ports.messageText === undefined ? {} : { messageText: ports.messageText }),
  };
}

function allowsUnqualified(engine: Engine, what: "sender" | "recipient", session: SessionFacts): Maybe<boolean> {
  if (session.peer === undefined) return true;
  const list = engine.config.main.list(`${what}_unqualified_hosts`) as HostList | undefined;
  if (list === undefined) return false;
  return chain(list.match(hostSubject(engine, session), engine.scopes.bare()), (result) => result.kind === "yes");
}

export function hostSubject(engine: Engine, session: SessionFacts): HostSubject {
  return { address: session.peer?.address, names: () => engine.dns.lookupHost(session) };
}

/**
 * HELO names the client when it is the address literal of the peer, its verified name, or a name that resolves to it
 * (manual, option helo_verify_hosts).
 */
export function verifyHelo(engine: Engine, session: SessionFacts): Maybe<boolean> {
  if (session.heloVerified) return true;
  if (session.peer === undefined || session.helo === "") return false;
  const { address } = session.peer;
  const helo = session.helo.toLowerCase();
  const settle = (verified: boolean): boolean => {
    session.heloVerified = verified;
    if (verified) session.extra.set("sender_helo_verified", clean("1"));
    return verified;
  };
  if (helo.startsWith("[")) return settle(helo === `[${address}]` || helo === `[ipv6:${address}]`);
  return chain(engine.dns.lookupHost(session), (names): Maybe<boolean> => {
    if (names.kind === "names" && names.names.some((name) => name.toLowerCase() === helo)) return settle(true);
    return chain(engine.hosts.addresses({ name: helo }), (found) =>
      settle(found.kind === "found" && found.hosts.some((host) => host.address === address)),
    );
  });
}
