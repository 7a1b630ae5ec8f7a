/** The same road with other people's servers at one end: Exim and Postfix, both directions. */
import test from "ava";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { freePort, loopbackAddress } from "../support/loopback.ts";
import { mailIn, messagesIn } from "../support/mailbox.ts";
import { startNameServer } from "../support/name-server.ts";
import { missingPeer, startExim, startPostfix } from "../support/peers.ts";
import type { Peer } from "../support/peers.ts";
import { findProgram, needsThat } from "../support/programs.ts";
import { forAllTests } from "../support/suite.ts";
import { curlSend } from "../support/tools.ts";
import { until } from "../support/wait.ts";
import { startSite } from "../support/world.ts";
import type { Site } from "../support/world.ts";

/** What mangles mail: dots, From at line starts, octets above 127, blanks at line ends, a line of 990 octets. */
const HARD = `.\n..two\n.x\nFrom here\n>From there\nblanks  \n\ttab\n${"l".repeat(990)}\ncaf\xe9 \xff\n\nlast`;
const LARGE = randomBytes(900_000)
  .toString("base64")
  .replace(/(.{76})/g, "$1\n");

for (const [name, start] of [
  ["exim", startExim],
  ["postfix", startPostfix],
] as const) {
  const shared = forAllTests(test);
  const missing = missingPeer(name) ?? (findProgram("curl") === undefined ? "curl not installed" : undefined);
  const peerTest = needsThat(test, missing === undefined, missing ?? "");
  let peer: Peer;
  let site: Site;

  test.serial.before(`${name} starts`, async () => {
    if (missing !== undefined) return;
    const address = loopbackAddress();
    const port = await freePort(address);
    peer = await start(shared, { domain: "peer.test", users: ["paul", "luc"], routes: { "truc.fr": { address, port } } });
    const dns = await startNameServer(shared, { "peer.test": { MX: [[5, "mx.peer.test"]] }, "mx.peer.test": { A: [peer.address] } });
    site = await startSite(shared, { domain: "truc.fr", format: "maildir", address, port, dns, remotePort: peer.port });
  });

  for (const [what, body] of [
    ["a hard body", HARD],
    ["1.2 MB", LARGE],
  ] as const) {
    peerTest(`mailkit to ${name}: ${what} arrives unchanged`, async (t) => {
      const before = messagesIn(join(peer.folder, "mail/paul")).length;
      const sent = await curlSend(site, { from: "fred@truc.fr", to: "paul@peer.test", body });
      t.is(sent.code, 0, sent.stderr);
      await site.logged(/=> paul@peer\.test R=remote T=remote_smtp H=mx\.peer\.test/);
      const message = (await mailIn(peer, "mail/paul", before + 1)).at(-1) ?? "";
      t.regex(message, /^Return-Path: <fred@truc\.fr>$/im);
      t.true(message.slice(message.indexOf("\n\n") + 2).trimEnd() === body.trimEnd());
    });

    peerTest(`${name} to mailkit: ${what} arrives unchanged`, async (t) => {
      const before = messagesIn(join(site.folder, "mail/fred")).length;
      const sent = await curlSend(peer, { from: "paul@peer.test", to: "fred@truc.fr", body });
      t.is(sent.code, 0, sent.stderr);
      const message = (await mailIn(site, "mail/fred", before + 1)).at(-1) ?? "";
      t.regex(message, /^Return-path: <paul@peer\.test>$/m);
      t.true(message.slice(message.indexOf("\n\n") + 2).trimEnd() === body.trimEnd());
    });
  }

  peerTest(`${name} refuses a recipient: mailkit tells the sender`, async (t) => {
    const before = messagesIn(join(site.folder, "mail/anne")).length;
    await curlSend(site, { from: "anne@truc.fr", to: ["luc@peer.test", "nobody@peer.test"], subject: "one of two" });
    await mailIn(peer, "mail/luc");
    const bounce = (await mailIn(site, "mail/anne", before + 1)).at(-1) ?? "";
    t.regex(bounce, /nobody@peer\.test\n/);
    t.regex(bounce, /\b550[ -]/);
    await until(async () => (await site.command(["queue", "count"])).stdout === "0\n", { what: "an empty queue", instead: site.describe });
  });

  peerTest(`mailkit refuses a recipient: ${name} tells the sender`, async (t) => {
    const before = messagesIn(join(peer.folder, "mail/luc")).length;
    await curlSend(peer, { from: "luc@peer.test", to: ["anne@truc.fr", "nobody@truc.fr"], subject: "other of two" });
    const bounce = (await mailIn(peer, "mail/luc", before + 1)).at(-1) ?? "";
    t.regex(bounce, /^Return-Path: <>$/im);
    t.regex(bounce, /550[ -]Unknown user/);
  });

  peerTest(`the null sender passes from ${name} to mailkit and back`, async (t) => {
    const before = [messagesIn(join(site.folder, "mail/fred")).length, messagesIn(join(peer.folder, "mail/luc")).length] as const;
    await curlSend(peer, { from: "", to: "fred@truc.fr", subject: "from a daemon" });
    await curlSend(site, { from: "", to: "luc@peer.test", subject: "from a daemon" });
    for (const message of [(await mailIn(site, "mail/fred", before[0] + 1)).at(-1), (await mailIn(peer, "mail/luc", before[1] + 1)).at(-1)])
      t.regex(message ?? "", /^Return-Path: <>$/im);
    t.is(site.paniclog(), "");
  });
}
