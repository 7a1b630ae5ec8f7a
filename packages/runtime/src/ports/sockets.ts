import type { SocketRequest, SocketService } from "@mailkit/sdk";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";

type Exchanged = Awaited<ReturnType<SocketService["exchange"]>>;

/** One question, one answer, over TCP, TLS or a unix socket. */
export const systemSockets: SocketService = { exchange };

function exchange(request: SocketRequest): Promise<Exchanged> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let stage: "connect" | "write" | "read" = "connect";
    const socket = open(request);
    const finish = (result: Exchanged): void => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(request.timeout, () => finish({ kind: "failed", stage: "timeout", message: "timed out" }));
    socket.on("error", (error: NodeJS.ErrnoException) => finish({ kind: "failed", stage, message: error.message }));
    socket.on(request.tls === true ? "secureConnect" : "connect", () => {
      stage = "write";
      socket.write(request.send, () => {
        stage = "read";
        if (request.halfClose) socket.end();
      });
    });
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > request.maxReply) finish({ kind: "failed", stage: "read", message: "reply is too long" });
    });
    socket.on("end", () => finish({ kind: "reply", octets: Buffer.concat(chunks) }));
    socket.on("close", () => finish({ kind: "reply", octets: Buffer.concat(chunks) }));
  });
}

function open(request: SocketRequest): Socket {
  const { target } = request;
  if ("path" in target) return connect({ path: target.path, allowHalfOpen: true });
  if (request.tls === true) return connectTls({ host: target.host, port: target.port, rejectUnauthorized: false });
  return connect({ host: target.host, port: target.port, allowHalfOpen: true });
}
