import test from "ava";
import { createServer } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecipientFact, TransportJob, TransportReport } from "@mailkit/sdk";
import { fakeJob, fakeRecipient, fakeTransportServices, localJobOf, optionValues, transportCompliance } from "@mailkit/sdk/testing";
import { driver } from "./driver.ts";
import type { Order } from "./plan.ts";

/** An LMTP server on a Unix socket; `after` gives the replies after the dot, by recipient. */
async function startServer(
  after: (address: string) => string = () => "250 OK",
): Promise<{ path: string; messages: string[]; close: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "mailkit-lmtp-"));
  const path = join(folder, "lmtp");
  const messages: string[] = [];
  const server = createServer((socket) => {
    let input = "";
    let data = false;
    let recipients: string[] = [];
    socket.write("220 test LMTP\r\n");
    socket.on("error", () => socket.destroy());
    socket.on("data", (octets) => {
      input += octets.toString("latin1");
      for (;;) {
        const end = data ? ("\r\n" + input).indexOf("\r\n.\r\n") : input.indexOf("\r\n");
        if (end < 0) return;
        const text = input.slice(0, end);
        input = input.slice(end + (data ? 3 : 2));
        if (data) {
          messages.push(text.replaceAll("\r\n", "\n").replaceAll(/^\./gm, ""));
          for (const address of recipients) socket.write(`${after(address)}\r\n`);
          data = false;
          recipients = [];
        } else if (text.startsWith("RCPT")) {
          const address = /<(.*)>/.exec(text)?.[1] ?? "";
          if (address.startsWith("no")) socket.write("550 no such user\r\n");
          else {
            recipients.push(address);
            socket.write("250 ok\r\n");
          }
        } else if (text === "DATA") {
          data = true;
          socket.write("354 go\r\n");
        } else if (text === "QUIT") socket.end("221 bye\r\n");
        else socket.write("250 ok\r\n");
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    messages,
    close: () => new Promise((resolve) => server.close(() => (rmSync(folder, { recursive: true }), resolve()))),
  };
}

async function deliver(options: Readonly<Record<string, unknown>>, given: Partial<TransportJob> = {}): Promise<TransportReport> {
  const job = fakeJob(given);
  const prepared = await driver.prepare(job, optionValues(driver.options, options) as never, fakeTransportServices(job));
  return prepared.kind === "report"
    ? prepared.report
    : driver.perform(JSON.parse(JSON.stringify(prepared.order)) as Order, localJobOf(job));
}

transportCompliance(test, driver, async () => {
  const server = await startServer();
  return {
    options: { socket: server.path, batch_max: 2 },
    brokenOptions: { socket: "/no/such/socket" },
    arrived: async () => server.messages,
    close: server.close,
  };
});

const shown = (fact: RecipientFact | undefined): string =>
  fact === undefined ? "" : fact.kind === "delivered" ? "delivered" : `${fact.kind} ${fact.errno ?? "-"} ${fact.message}`;

test("each recipient has a reply of its own", async (t) => {
  const server = await startServer((a) => (a.startsWith("bad") ? "550 Bad user" : a.startsWith("full") ? "452 full" : "250 OK"));
  const report = await deliver(
    { socket: server.path },
    { recipients: ["a", "no", "bad", "full"].map((name) => fakeRecipient(`${name}@x.y`)) },
  );
  t.deepEqual(report.facts.map(shown), [
    "delivered",
    "failed - LMTP error after RCPT TO:<no@x.y>: 550 no such user",
    "failed - LMTP error after end of data: 550 Bad user",
    "deferred 0 LMTP error after end of data: 452 full",
  ]);
  await server.close();
});

/** Texts of a real Exim 4.96. */
const ENDS: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ socket: "/no/such" }, "deferred -1 Failed to connect to socket /no/such for t1 transport: No such file or directory"],
  [{ command: "/no/such" }, "deferred -1 LMTP connection closed after initial connection"],
  [{ command: "/bin/sh -c 'echo 220 hi; read x; exit'" }, "deferred -1 LMTP connection closed after LHLO mail.example.net"],
  [
    { command: "/bin/sh -c 'echo 220 hi; read x; echo 250 ok; read x; echo 250 ok; read x; echo 550 no; read x'" },
    "failed - LMTP error after RCPT TO:<user@example.com>: 550 no",
  ],
  [{ command: "/bin/sleep 20", timeout: 150 }, "deferred 110 LMTP timeout after initial connection"],
  [{ command: "/bin/cat $local_part" }, "failed - Tainted arg 1 for t1 transport command: 'user'"],
  [{}, "deferred 0 no command specified for t1 transport"],
];

for (const [options, expected] of ENDS) {
  test(`how it can end: ${JSON.stringify(options)}`, async (t) => {
    t.is(shown((await deliver(options)).facts[0]), expected);
  });
}
