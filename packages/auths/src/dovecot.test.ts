import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { instance, login, server } from "./testing/world.ts";

const HANDSHAKE = "VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\tabc\nDONE\n";

/** A Dovecot that says its lines octet by octet and keeps what it hears. */
async function withDovecot(
  answers: readonly string[],
  run: (path: string, heard: string[]) => Promise<unknown>,
  greeting = HANDSHAKE,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "auths-"));
  const path = join(folder, "auth");
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const listening = createServer((socket) => {
    sockets.add(socket);
    let buffer = "";
    const left = [...answers];
    for (const octet of greeting) socket.write(octet);
    socket.on("error", () => {});
    socket.on("data", (data) => {
      buffer += data.toString("latin1");
      for (let end = buffer.indexOf("\n"); end >= 0; end = buffer.indexOf("\n")) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 1);
        heard.push(line);
        if (/^(?:AUTH|CONT)\t/.test(line)) socket.write(`${left.shift() ?? ""}\n`);
      }
    });
  });
  await new Promise<void>((done) => listening.listen(path, done));
  try {
    await run(path, heard);
  } finally {
    for (const socket of sockets) socket.destroy();
    await close(listening);
    await rm(folder, { recursive: true });
  }
}

function close(listening: Server): Promise<void> {
  return new Promise((done) => listening.close(() => done()));
}

const dovecot = (path: string, mechanism = "PLAIN") =>
  server(instance("dove", "dovecot", { public_name: mechanism, server_socket: path, server_set_id: "$auth1" }));

test("PLAIN in one step; the client's address goes along, tabs do not get through", (t) =>
  withDovecot(["OK\t1\tuser=fred\tx=y"], async (path, heard) => {
    const variables = { sender_host_address: "192.0.2.1", received_ip_address: "192.0.2.2", tls_in_cipher: "c" };
    t.like((await login(dovecot(path), "PLAIN", ["\0fred\0pw"], variables)).last, { kind: "success", id: "fred" });
    t.is(heard[0], "VERSION\t1\t0");
    t.regex(heard[1] ?? "", /^CPID\t\d+$/);
    t.is(
      heard[2],
      `AUTH\t1\tPLAIN\tservice=smtp\tsecured\trip=192.0.2.1\tlip=192.0.2.2\tnologin\tresp=${Buffer.from("\0fred\0pw").toString("base64")}`,
    );
  }));

test("LOGIN in steps", (t) =>
  withDovecot([`CONT\t1\t${btoa("Username:")}`, `CONT\t1\t${btoa("Password:")}`, "FAIL\t1\tuser=fred"], async (path, heard) => {
    const { last, challenges } = await login(dovecot(path, "LOGIN"), "LOGIN", [undefined, "fred", "pw"]);
    t.deepEqual(challenges, ["Username:", "Password:"]);
    t.like(last, { kind: "fail", id: "fred" });
    t.is(heard.at(-1), `CONT\t1\t${btoa("pw")}`);
  }));

test("temporary failures", async (t) => {
  await withDovecot(["FAIL\t1\ttemp"], async (path) => t.is((await login(dovecot(path), "PLAIN", ["x"])).last.kind, "defer"));
  await withDovecot([], async (path) =>
    t.like((await login(dovecot(path, "NTLM"), "NTLM", ["x"])).last, {
      kind: "defer",
      message: "dovecot does not support the mechanism NTLM",
    }),
  );
  await withDovecot(
    [],
    async (path) => t.regex(((await login(dovecot(path), "PLAIN", ["x"])).last as { message: string }).message, /speaks version 2/),
    "VERSION\t2\t0\n",
  );
  t.regex(
    ((await login(dovecot("/nonexistent/socket"), "PLAIN", ["x"])).last as { message: string }).message,
    /^cannot talk to dovecot at/,
  );
});
