import test, { type ExecutionContext } from "ava";
import { connect, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { fakeWorld, type FakeOptions } from "./fakes.ts";
import { listen, type ListenAddress } from "./listen.ts";
import { CERTIFICATE, KEY } from "./testing-certificate.ts";

const withTls = { deps: { tls: { contextFor: () => ({ cert: CERTIFICATE, key: KEY }) } }, settings: { tls_advertise_hosts: "*" } };

async function start(t: ExecutionContext, options: FakeOptions = {}, address: Partial<ListenAddress> = {}) {
  const world = fakeWorld(options);
  const listener = await listen(world.deps, {
    addresses: [{ host: "127.0.0.1", port: 0, tlsOnConnect: false, ...address }],
    reusePort: false,
  });
  t.teardown(() => listener.close(0));
  return { ...world, listener, port: (listener.addresses[0] as ListenAddress).port };
}

/** Sends, and waits for text that ends as wanted. */
function talker(socket: Socket) {
  let got = "";
  let closed = false;
  let wake = (): void => {};
  const hear = (octets: Buffer): void => {
    got += octets.toString("latin1");
    wake();
  };
  const end = (): void => {
    closed = true;
    wake();
  };
  socket.on("data", hear);
  socket.on("close", end);
  socket.on("error", () => {});
  const until = async (done: () => boolean): Promise<string> => {
    while (!done()) {
      if (closed) return got;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const text = got;
    got = "";
    return text;
  };
  return {
    reply: (end_ = "\r\n") => until(() => got.endsWith(end_) && /^\d\d\d /m.test(got.split("\r\n").at(-2) ?? "")),
    replies: (count: number) => until(() => got.split("\r\n").filter((line) => /^\d\d\d /.test(line)).length >= count),
    send: (text: string) => void socket.write(text, "latin1"),
    close: () => until(() => closed),
    /** For STARTTLS: the TLS socket takes over. */
    release: () => {
      socket.off("data", hear);
      socket.off("close", end);
    },
  };
}

test("a message over a real socket, replies of a group together", async (t) => {
  const { port, accepted, listener } = await start(t);
  const client = talker(connect(port, "127.0.0.1"));
  t.is(await client.reply(), "220 mx.test ESMTP\r\n");
  client.send("EHLO c\r\n");
  t.regex(await client.reply(), /^250-mx\.test Hello c \[127\.0\.0\.1\]\r\n/);
  client.send("MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\n");
  t.is((await client.replies(3)).split("\r\n")[2], '354 Enter message, ending with "." on a line by itself');
  client.send("Subject: x\r\n\r\nbody\r\n.\r\nQUIT\r\n");
  t.is(await client.replies(2), "250 OK id=id-1\r\n221 mx.test closing connection\r\n");
  await client.close();
  t.is(accepted[0]?.body.bytes?.toString(), "body\n");
  t.like(accepted[0]?.envelope.origin, { host: { address: "127.0.0.1" }, local: false });
  t.true(listener.connections.count <= 1);
});

test("STARTTLS: plain text sent behind it never becomes a command", async (t) => {
  const { port, acls, accepted, listener } = await start(t, {
    ...withTls,
    settings: { ...withTls.settings, smtp_enforce_sync: false },
  });
  const socket = connect(port, "127.0.0.1");
  const plain = talker(socket);
  await plain.reply();
  plain.send("EHLO c\r\n");
  t.regex(await plain.reply(), /250-STARTTLS\r\n/);
  plain.send("STARTTLS\r\nMAIL FROM:<injected@x>\r\n");
  t.is(await plain.reply(), "220 TLS go ahead\r\n");
  plain.release();
  const secure = talker(tlsConnect({ socket, rejectUnauthorized: false }));
  secure.send("EHLO c\r\n");
  t.notRegex(await secure.reply(), /STARTTLS/);
  secure.send("MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\n");
  await secure.replies(3);
  secure.send("a: b\r\n\r\nx\r\n.\r\nQUIT\r\n");
  t.is(await secure.replies(2), "250 OK id=id-1\r\n221 mx.test closing connection\r\n");
  t.deepEqual(
    acls.filter((acl) => acl === "mail"),
    ["mail"],
  );
  t.is(accepted[0]?.envelope.protocol, "esmtps");
  t.regex(accepted[0]?.envelope.origin.tls?.cipher ?? "", /^TLS1\.3:/);
  await secure.close();
  await listener.close(0);
  for (let turn = 0; turn < 1000 && listener.connections.count > 0; turn++) await new Promise(setImmediate);
  t.is(listener.connections.count, 0, "who counts connections hears of the end of this one");
});

test("TLS from the first octet", async (t) => {
  const { port } = await start(t, withTls, { tlsOnConnect: true });
  const client = talker(tlsConnect({ port, host: "127.0.0.1", rejectUnauthorized: false }));
  t.is(await client.reply(), "220 mx.test ESMTP\r\n");
  client.send("QUIT\r\n");
  t.is(await client.reply(), "221 mx.test closing connection\r\n");
});

test("PROXY: the client is who the proxy says; without a header nothing is done for it", async (t) => {
  const { port } = await start(t, { settings: { hosts_proxy: "*" } });
  const good = talker(connect(port, "127.0.0.1"));
  good.send("PROXY TCP4 192.0.2.7 192.0.2.8 1234 25\r\n");
  await good.reply();
  good.send("HELO c\r\n");
  t.is(await good.reply(), "250 mx.test Hello c [192.0.2.7]\r\n");
  const bad = talker(connect(port, "127.0.0.1"));
  bad.send("HELO x\r\n");
  t.is(await bad.reply(), "220 mx.test ESMTP\r\n");
  bad.send("HELO x\r\n");
  t.is(await bad.reply(), "503 Command refused, required Proxy negotiation failed\r\n");
  bad.send("QUIT\r\n");
  t.is(await bad.reply(), "221 mx.test closing connection\r\n");
});

test("limits: all connections, and those of one host", async (t) => {
  for (const [settings, text] of [
    [{ smtp_accept_max: 1 }, "421 Too many concurrent SMTP connections; please try again later.\r\n"],
    [{ smtp_accept_max_per_host: "1" }, "421 Too many concurrent SMTP connections from this IP address; please try again later.\r\n"],
  ] as const) {
    const { port } = await start(t, { settings });
    const first = talker(connect(port, "127.0.0.1"));
    await first.reply();
    t.is(await talker(connect(port, "127.0.0.1")).reply(), text);
  }
});

test("a stop answers 421 and ends open sessions; a lost client is logged", async (t) => {
  const { port, listener, main } = await start(t);
  const lost = connect(port, "127.0.0.1");
  const leaving = talker(lost);
  await leaving.reply();
  for (const line of ["HELO c.test", "MAIL FROM:<a@x>"]) {
    lost.write(`${line}\r\n`);
    await leaving.reply();
  }
  const client = talker(connect(port, "127.0.0.1"));
  await client.reply();
  lost.end();
  await leaving.close();
  const closed = listener.close(1000);
  t.is(await client.reply(), "421 mx.test: Service not available - closing connection\r\n");
  await closed;
  t.true(main.some((line) => line.startsWith("unexpected disconnection while reading SMTP command from (c.test) [127.0.0.1]")));
});
