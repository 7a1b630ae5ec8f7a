/** TLS on a connection that is open: the secure socket, or why there is none. */
import type { Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import type { TlsRules } from "./tls-options.ts";

export type Handshaken = { readonly ok: true; readonly socket: TLSSocket } | { readonly ok: false; readonly message: string };

export function handshake(plain: Socket, tls: TlsRules | undefined, timeout: number): Promise<Handshaken> {
  if (tls === undefined) return Promise.resolve({ ok: false, message: "no TLS settings" });
  const socket = connect({ socket: plain, ...tls.connect });
  socket.setTimeout(timeout);
  return new Promise((resolve) => {
    const fail = (message: string): void => end({ ok: false, message });
    const onTimeout = (): void => fail("timeout in the handshake");
    const onClose = (): void => fail("the server closed the connection");
    const onSecure = (): void => end(judge(socket, tls));
    const end = (result: Handshaken): void => {
      socket.removeListener("timeout", onTimeout);
      socket.removeListener("close", onClose);
      socket.removeListener("secureConnect", onSecure);
      // The listener for errors stays: one that nobody hears would end the process.
      if (!result.ok) socket.destroy();
      resolve(result);
    };
    socket.on("error", (error: Error) => fail(error.message));
    socket.on("timeout", onTimeout);
    socket.on("close", onClose);
    socket.on("secureConnect", onSecure);
  });
}

function judge(socket: TLSSocket, tls: TlsRules): Handshaken {
  if (tls.mustVerify && !socket.authorized) {
    return { ok: false, message: `certificate verification failed: ${String(socket.authorizationError)}` };
  }
  if (tls.mustAlpn && typeof socket.alpnProtocol !== "string") return { ok: false, message: "ALPN was not negotiated" };
  return { ok: true, socket };
}
