/** What the command line says of the session and its peer: the caller, `-oM...`, `-p`, `-f` (manual, option -oMa). */
import { newSessionFacts, splitAddress } from "@mailkit/sdk";
import type { SessionFacts } from "@mailkit/sdk";
import type { Face } from "./face.ts";

/** `-oMa` and its kin count for trusted callers, and for anybody who only tests. */
export function sessionFactsOf(face: Face, purpose: "reception" | "test"): Partial<SessionFacts> {
  const { args, caller } = face;
  const base = { caller: { login: caller.login, uid: caller.uid, gid: caller.gid }, ident: caller.login };
  if (purpose === "reception" && !caller.trusted) return base;
  return { ...base, ...peerFacts(args.trusted) };
}

/** What `-oM...` says, without the caller: all that a session of `-bh` knows. */
export function peerFacts(trusted: Face["args"]["trusted"]): Partial<SessionFacts> {
  return {
    ...(trusted.host === undefined ? {} : { peer: splitHostPort(trusted.host) }),
    ...(trusted.interface === undefined ? {} : { local: splitHostPort(trusted.interface) }),
    ...(trusted.helo === undefined ? {} : { hostNames: [trusted.helo], hostLookup: "ok" as const }),
    ...(trusted.ident === undefined ? {} : { ident: trusted.ident }),
    ...(trusted.authenticatedId === undefined ? {} : { authenticatedId: trusted.authenticatedId }),
    ...(trusted.auth === undefined ? {} : { authenticator: trusted.auth }),
  };
}

/** A session for the modes that test: nobody connected unless `-oMa` says so. */
export function testSession(face: Face): SessionFacts {
  const known = sessionFactsOf(face, "test");
  return newSessionFacts({
    ...(known.peer === undefined ? { hostLookup: "ok" as const } : {}),
    ...(isOwnSender(face) ? { authenticatedId: face.caller.login } : {}),
    ...known,
  });
}

/** `$authenticated_sender` of a local caller. */
export function authenticatedSenderOf(face: Face): string {
  return face.args.trusted.authenticatedSender ?? (isOwnSender(face) ? qualified(face, face.caller.login) : "");
}

/** The sender for the modes that test: `-f`, which any caller may give here, else the caller's own address. */
export function testSender(face: Face): string {
  return qualified(face, givenSender(face) ?? face.caller.login);
}

/** The caller speaks for himself, unless he may name somebody else and did. */
function isOwnSender(face: Face): boolean {
  const given = givenSender(face);
  return given === undefined || !(face.caller.trusted || given === "");
}

function givenSender({ args }: Face): string | undefined {
  return args.sender?.replace(/^<(.*)>$/, "$1");
}

function qualified({ engine }: Face, address: string): string {
  if (address === "" || splitAddress(address).domain !== "") return address;
  return `${address}@${engine.config.main.text("qualify_domain")}`;
}

/** `1.2.3.4`, `1.2.3.4.5678`, `[::1]:25`. */
export function splitHostPort(text: string): { address: string; port: number } {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
  if (bracketed !== null) return { address: bracketed[1] as string, port: Number(bracketed[2] ?? 0) };
  const dotted = /^(\d+\.\d+\.\d+\.\d+)(?:\.(\d+))?$/.exec(text);
  if (dotted !== null) return { address: dotted[1] as string, port: Number(dotted[2] ?? 0) };
  return { address: text, port: 0 };
}
