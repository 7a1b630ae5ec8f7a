/**
 * The server machine: `step(state, event) -> { state, replies, effects }`, pure and synchronous. Everything that affects
 * the dialogue is decided here: which command is legal, what is asked of whom, which reply goes out. Sockets, clocks,
 * ACLs, expansion and logs are the session's. RFC 5321 §4; texts are Exim's.
 */
import { reply } from "@mailkit/sdk";
import { command, syncFault } from "./commands.ts";
import { advertised, authAnswered, authResponse, heloDecided, tlsStarted } from "./greeting.ts";
import { chunkRead, mailDecided, predataDecided, rcptDecided, received, rewritten } from "./envelope.ts";
import {
  ask,
  closing,
  customReply,
  fault,
  listening,
  quiet,
  refusalReply,
  refuse,
  refused,
  say,
  shaped,
  type ServerMove,
} from "./moves.ts";
import type { ServerState } from "./state.ts";
import type { ServerEvent, Verdict } from "./types.ts";

export function step(state: ServerState, event: ServerEvent): ServerMove {
  switch (event.kind) {
    case "open":
      return ask(state, { for: "connect" }, { kind: "connect" });
    case "line":
      if (state.reading === "authResponse") return authResponse(state, event.text);
      return state.reading === "command" ? command(state, event) : quiet(state);
    case "tooLong":
      return tooLong(state);
    case "tooSoon":
      return syncFault(state, event.command);
    case "early":
      return closing(state, reply(554, "SMTP synchronization error", { enhanced: "5.0" }), "synchronization-error", { kind: "early" });
    case "verdict":
      return decided(state, event.verdict);
    case "banner":
      return state.waiting.for === "greet" ? say(listening(state), reply(220, event.text)) : quiet(state);
    case "rewritten":
      return rewritten(state, event.argument);
    case "advertise":
      return advertised(state, event.greeting, event.extensions);
    case "received":
      return received(state, event.replies, event.close);
    case "chunkRead":
      return chunkRead(state);
    case "answer":
      if (event.close === true) return closing(state, event.reply, "acl-drop");
      return event.fault === undefined ? say(listening(state), event.reply) : fault(listening(state), event.fault, event.reply);
    case "auth":
      return authAnswered(state, event.progress);
    case "tlsStarted":
      return tlsStarted(state);
    case "tlsFailed":
      return closing(state, undefined, "tls-failed");
    case "set":
      return quiet({ ...state, switches: { ...state.switches, ...event.change } });
    case "eof":
      return closing(state, reply(421, `${state.settings.hostname} lost input connection`, { enhanced: "3.0" }), "connection-lost");
    case "timeout":
      return closing(
        state,
        reply(421, `${state.settings.hostname}: SMTP command timeout - closing connection`, { enhanced: "4.2" }),
        "command-timeout",
      );
    case "stop":
      return closing(state, reply(421, event.text, { enhanced: "3.2" }), "signal-exit");
  }
}

/** The ACL's word on the ask that is open. */
function decided(state: ServerState, verdict: Verdict): ServerMove {
  const { waiting } = state;
  switch (waiting.for) {
    case "connect":
      return connectDecided(state, verdict);
    case "helo":
      return heloDecided(state, waiting.verb, verdict);
    case "mail":
      return mailDecided(state, verdict);
    case "rcpt":
      return rcptDecided(state, verdict);
    case "predata":
      return predataDecided(state, waiting, verdict);
    case "starttls":
      if (refused(verdict)) return refuse(state, verdict);
      return {
        ...ask({ ...state }, { for: "tls" }, { kind: "startTls" }),
        replies: [shaped(state, reply(220, "TLS go ahead", { enhanced: "0.0" }))],
      };
    case "quit":
      return closing(state, quitReply(state, verdict), "quit");
    default:
      return quiet(state);
  }
}

function connectDecided(state: ServerState, verdict: Verdict): ServerMove {
  if (!refused(verdict)) {
    if (verdict.message !== undefined && verdict.message !== "") {
      return say(listening(state), customReply(verdict.message, 220));
    }
    return ask(state, { for: "greet" }, { kind: "greet" });
  }
  return closing(state, refusalReply(verdict, { code: 550, text: "Administrative prohibition" }), "acl-drop");
}

function quitReply(state: ServerState, verdict: Verdict) {
  const custom = verdict.message;
  if (custom === undefined || custom === "") return reply(221, `${state.settings.hostname} closing connection`, { enhanced: "0.0" });
  // Whatever code it begins with is text.
  return reply(221, custom.split("\n"));
}

function tooLong(state: ServerState): ServerMove {
  if (state.reading === "authResponse") return say(listening(state), reply(500, "Line too long", { enhanced: "5.6" }));
  return state.reading === "command" ? fault(state, "", reply(500, "Line too long", { enhanced: "5.2" })) : quiet(state);
}
