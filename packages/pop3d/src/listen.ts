/** Listeners of the POP3 server. */
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { SecureContext } from "node:tls";
import { serveConnection } from "./session.ts";
import type { Pop3Deps } from "./session.ts";

export interface Pop3Listener {
  readonly host: string;
  readonly port: number;
  /** TLS from the first octet (port 995). */
  readonly implicitTls: boolean;
}

export interface Pop3Server {
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** Stops listening; running sessions go on. */
  close(): Promise<void>;
}

export async function startPop3(
  listeners: readonly Pop3Listener[],
  deps: Pop3Deps,
  options: { readonly tls?: SecureContext; readonly reusePort?: boolean; readonly maxSessions: number },
): Promise<Pop3Server> {
  const servers: Server[] = [];
  const open = new Set<Socket>();
  for (const listener of listeners) {
    const handle = (socket: Socket): void => {
      socket.on("error", () => {});
      if (open.size >= options.maxSessions) {
        // Whether or not the peer closes its side: who is refused holds nothing here.
        socket.end("-ERR [SYS/TEMP] too many sessions\r\n", () => socket.destroy());
        return;
      }
      open.add(socket);
      socket.on("close", () => open.delete(socket));
      void serveConnection(socket, deps, listener.implicitTls);
    };
    const server = listener.implicitTls ? createTlsServer({ secureContext: options.tls } as object, handle) : createServer(handle);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: listener.host, port: listener.port, reusePort: options.reusePort === true }, resolve);
    });
    servers.push(server);
  }
  return {
    addresses: servers.map((server) => {
      const address = server.address() as { address: string; port: number };
      return { host: address.address, port: address.port };
    }),
    close: async () => {
      await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
    },
  };
}
