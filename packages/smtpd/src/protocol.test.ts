import test from "ava";
import { protocolOf } from "./offers.ts";
import type { Session } from "./session-state.ts";

const session = (parts: { peer?: object; tls?: object; authenticator?: string; esmtp?: boolean; smtputf8?: boolean }): Session =>
  ({ facts: parts, machine: { esmtp: parts.esmtp === true }, message: { smtputf8: parts.smtputf8 === true } }) as unknown as Session;

test("names of protocols", (t) => {
  const peer = {};
  t.is(protocolOf("tcp", session({ peer })), "smtp");
  t.is(protocolOf("tcp", session({ peer, esmtp: true, tls: {}, authenticator: "plain" })), "esmtpsa");
  t.is(protocolOf("tcp", session({ peer, esmtp: true, smtputf8: true })), "utf8esmtp");
  t.is(protocolOf("stdin", session({ esmtp: true })), "local-esmtp");
  t.is(protocolOf("stdin", session({ esmtp: true, smtputf8: true })), "utf8local-esmtp");
});
