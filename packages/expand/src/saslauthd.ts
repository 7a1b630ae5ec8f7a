/** The `saslauthd` condition: one question to the Cyrus daemon (manual §"saslauthd"). Counted strings, RFC-less. */
import { expansionError, octetsOf, textOf } from "@mailkit/sdk";
import type { Maybe, Text } from "@mailkit/sdk";
import type { Verdict } from "./conditions.ts";
import type { Environment } from "./environment.ts";
import { messageText } from "./faults.ts";

const SOCKET = "/var/run/saslauthd/mux";

export function saslauthd(args: readonly Text[], env: Environment): Maybe<Verdict> {
  const [user = "", password = "", service = "", realm = ""] = args.map((arg) => arg.text);
  if (user === "" || password === "") return false;
  const send = Buffer.concat([user, password, service, realm].map(counted));
  return env.services.sockets
    .exchange({ target: { path: SOCKET }, send, timeout: 30_000, halfClose: false, maxReply: 1024 })
    .then((answer): Verdict => {
      if (answer.kind === "failed")
        return expansionError(`cannot connect to saslauthd daemon at ${SOCKET}: ${messageText(answer.message)}`);
      return textOf(answer.octets.subarray(2)).startsWith("OK");
    });
}

function counted(text: string): Buffer {
  const octets = octetsOf(text).subarray(0, 0xffff);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(octets.length);
  return Buffer.concat([length, octets]);
}
