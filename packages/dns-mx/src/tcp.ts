/** One question over TCP: for truncated answers, and for servers that spoil the case of names. RFC 7766. */
import { connect } from "node:net";
import { decodeReply } from "./codec.ts";
import type { NameServer } from "./resolv-conf.ts";
import type { Exchange } from "./udp.ts";

export function exchangeOverTcp(server: NameServer, packet: Buffer, id: number, signal: AbortSignal): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  if (signal.aborted) return Promise.resolve({ kind: "aborted" });
  const socket = connect({ host: server.address, port: server.port });
  let received = Buffer.alloc(0);
  const finish = (result: Exchange) => {
    signal.removeEventListener("abort", abort);
    socket.destroy();
    resolve(result);
  };
  const abort = () => finish({ kind: "aborted" });
  signal.addEventListener("abort", abort, { once: true });
  socket.on("error", (error) => finish({ kind: "unreachable", message: error.message }));
  socket.on("close", () => finish({ kind: "unreachable", message: "connection closed without an answer" }));
  socket.on("connect", () => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(packet.length);
    socket.write(Buffer.concat([length, packet]));
  });
  socket.on("data", (octets) => {
    received = Buffer.concat([received, octets]);
    if (received.length < 2) return;
    const length = received.readUInt16BE(0);
    if (received.length < 2 + length) return;
    const reply = decodeReply(received.subarray(2, 2 + length));
    if (reply === undefined || reply.id !== id) finish({ kind: "unreachable", message: "malformed answer" });
    else finish({ kind: "reply", reply });
  });
  return promise;
}
