/** HELO, EHLO, STARTTLS and AUTH: who the client is and what it is offered. RFC 5321 §4.1.1.1, RFC 3207, RFC 4954. */
import { reply, trimSpace, trimSpaceEnd } from "@mailkit/sdk";
import { decodeBase64 } from "../grammar/base64.ts";
import { extensionLines } from "./extensions.ts";
import { ask, cleared, customReply, fault, listening, quiet, refuse, refused, say, type ServerMove } from "./moves.ts";
import type { ServerState } from "./state.ts";
import type { AuthAnswer, Extensions, Verdict } from "./types.ts";

export function heloDecided(state: ServerState, verb: "HELO" | "EHLO", verdict: Verdict): ServerMove {
  // What was before a refused greeting goes on.
  if (refused(verdict)) return refuse(state, verdict);
  const greeted = cleared({ ...state, heloSeen: true, esmtp: verb === "EHLO", offered: undefined });
  const custom = verdict.message === "" ? undefined : verdict.message;
  return ask(greeted, { for: "advertise", custom }, { kind: "reset", by: verb }, { kind: "advertise", esmtp: verb === "EHLO" });
}

export function advertised(state: ServerState, greeting: string, offer: Extensions): ServerMove {
  if (state.waiting.for !== "advertise") return quiet(state);
  const { custom } = state.waiting;
  const next = listening(state);
  const { code, lines } = custom === undefined ? reply(250, greeting.split("\n")) : customReply(custom, 250);
  if (!state.esmtp) return say({ ...next, offered: undefined }, reply(code, lines));
  return say({ ...next, offered: offer }, reply(code, [...lines, ...extensionLines(offer, state.settings, state.switches)]));
}

export function tlsStarted(state: ServerState): ServerMove {
  if (state.waiting.for !== "tls") return quiet(state);
  const counts = { ...state.counts, freeHelo: true, freeAuth: true };
  const next: ServerState = { ...cleared({ ...state, heloSeen: false }), tls: true, counts, authenticated: false };
  // What was said in clear is forgotten (RFC 3207 §4.2).
  return quiet(listening({ ...next, esmtp: false, offered: undefined }));
}

export function auth(state: ServerState, argument: string, line: string): ServerMove {
  const protocol = (text: string) => fault(state, line, reply(503, text, { enhanced: "5.1" }));
  if ((state.offered?.auth.length ?? 0) === 0 && !state.switches.authUnadvertised) return protocol("AUTH command used when not advertised");
  if (state.authenticated) return protocol("already authenticated");
  const space = argument.search(/[ \t]/);
  const mechanism = space < 0 ? argument : argument.slice(0, space);
  const given = space < 0 ? "" : trimSpace(argument.slice(space + 1));
  if (mechanism === "") return fault(state, line, reply(501, "AUTH command requires an argument", { enhanced: "5.4" }));
  if (!/^[A-Za-z0-9_-]+$/.test(mechanism))
    return fault(state, line, reply(501, "invalid character in authentication mechanism name", { enhanced: "5.4" }));
  const initial = given === "" ? undefined : given === "=" ? Buffer.alloc(0) : decodeBase64(given);
  if (given !== "" && initial === undefined) return say(state, reply(501, "Invalid base64 data", { enhanced: "5.2" }));
  return ask({ ...state, mechanism }, { for: "auth" }, { kind: "auth", mechanism, initial });
}

export function authResponse(state: ServerState, line: string): ServerMove {
  const text = trimSpaceEnd(line);
  if (text === "*")
    return say(listening(state), reply(501, "Authentication cancelled", { enhanced: "7.0" }), [{ kind: "reset", by: "AUTH" }]);
  const octets = decodeBase64(text);
  if (octets === undefined)
    return say(listening(state), reply(501, "Invalid base64 data", { enhanced: "5.2" }), [{ kind: "reset", by: "AUTH" }]);
  return ask(state, { for: "auth" }, { kind: "authResponse", octets });
}

export function authAnswered(state: ServerState, answer: AuthAnswer): ServerMove {
  if (state.waiting.for !== "auth") return quiet(state);
  const next = listening(state);
  switch (answer.kind) {
    case "challenge":
      return say({ ...next, reading: "authResponse" }, reply(334, answer.octets.toString("base64")));
    case "success":
      return say({ ...next, authenticated: true }, reply(235, "Authentication succeeded", { enhanced: "7.0" }));
    case "unknown":
      return say(next, reply(504, `${state.mechanism} authentication mechanism not supported`, { enhanced: "5.4" }));
    case "fail":
      return say(next, reply(535, answer.message ?? "Incorrect authentication data", { enhanced: "7.8" }));
    case "defer":
      return say(next, reply(435, answer.message ?? "Unable to authenticate at present", { enhanced: "7.0" }));
    case "malformed":
      return say(next, reply(501, answer.message ?? "Invalid base64 data", { enhanced: "5.2" }));
    case "refused":
      return refuse(state, answer.verdict);
  }
}
