import test from "ava";
import { connect } from "node:net";
import { startPop3 } from "./listen.ts";
import type { Pop3Deps } from "./session.ts";

test("one session too many hears so, and holds no connection even if it never closes its side", async (t) => {
  const quiet = {} as Pop3Deps;
  const server = await startPop3([{ host: "127.0.0.1", port: 0, implicitTls: false }], quiet, { maxSessions: 0 });
  const port = server.addresses[0]?.port as number;
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  let heard = "";
  socket.setEncoding("latin1").on("data", (text: string) => (heard += text));
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("end", resolve));
  t.is(heard, "-ERR [SYS/TEMP] too many sessions\r\n");
  await server.close();
  socket.destroy();
});
