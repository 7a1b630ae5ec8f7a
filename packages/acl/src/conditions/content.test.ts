import test from "ava";
import { type SocketRequest, type Services, octetsOf, textOf } from "@mailkit/sdk";
import { makeWorld, type WorldParts } from "../testing/world.ts";
import type { AclVerdict } from "../types.ts";
import { clamdServers, instream, parseClamd } from "./malware.ts";
import { parseScannerAddress } from "./scanner.ts";
import { parseRspamd, parseSpamd } from "./spam.ts";

function scanner(reply: string | "down") {
  const asked: SocketRequest[] = [];
  const sockets: Services["sockets"] = {
    exchange: async (request) => {
      asked.push(request);
      return reply === "down"
        ? { kind: "failed", stage: "connect", message: "Connection refused" }
        : { kind: "reply", octets: octetsOf(reply) };
    },
  };
  return { asked, sockets };
}

const MAIL = "Subject: x\n\nhello virus\n";
const world = (reply: string, parts: WorldParts = {}) => {
  const { asked, sockets } = scanner(reply);
  return { asked, world: makeWorld({ sockets, host: { messageText: () => MAIL }, ...parts }) };
};

const SPAM = "SPAMD/1.1 0 EX_OK\r\nContent-length: 9\r\nSpam: True ; 6.2 / 5.0\r\n\r\nreport 1\r\nline 2\r\n";

test("spam: spamd's answer, variables, once a message", async (t) => {
  const { asked, world: w } = world(SPAM);
  const verdict = await w.run(
    "warn spam = nobody\ndeny spam = nobody\nmessage = $spam_score $spam_score_int $spam_bar $spam_action",
    "data",
  );
  t.is(verdict.message, "6.2 62 ++++++ reject");
  t.is(w.session.extra.get("spam_report")?.text, "report 1\n line 2");
  t.is(asked.length, 1);
  t.deepEqual(asked[0]?.target, { host: "127.0.0.1", port: 783 });
  t.is(textOf(asked[0]?.send as Buffer), `REPORT SPAMC/1.2\r\nUser: nobody\r\nContent-length: ${MAIL.length}\r\n\r\n${MAIL}`);
});

test("spam: ham, :true, off, failure with and without defer_ok", async (t) => {
  const ham = SPAM.replace("True ; 6.2", "False ; -1.0");
  t.is((await world(ham).world.run("deny spam = x\naccept", "data")).kind, "accept");
  t.is((await world(ham).world.run("deny spam = x:true\naccept", "data")).kind, "deny");
  t.is((await world(SPAM).world.run("deny spam = false\naccept", "data")).kind, "accept");
  t.is((await world("down").world.run("deny spam = x\naccept", "data")).kind, "defer");
  t.is((await world("down").world.run("deny spam = x/defer_ok\naccept", "data")).kind, "accept");
  t.is((await world("rubbish").world.run("deny spam = x", "data")).logMessage, "spam acl condition: cannot parse spamd output");
});

test("rspamd: its variant, what it is told, what it says", async (t) => {
  const reply = "RSPAMD/1.3 0 EX_OK\r\nMetric: default; True; 9.10 / 15.00 / 20.00\r\nAction: add header\r\nSymbol: A(1.0)\r\n";
  const { asked, world: w } = world(reply, {
    settings: { spamd_address: "127.0.0.1 11333 variant=rspamd" },
    message: { recipients: ["a@b"], sender: "evil\r\nX: y" },
  });
  const verdict = await w.run("deny spam = x\naccept message = $spam_score $spam_action", "data");
  t.is(verdict.message, "9.1 add header");
  const sent = textOf(asked[0]?.send as Buffer);
  t.regex(sent, /^CHECK RSPAMC\/1.3\r\n/);
  t.regex(sent, /\r\nFrom: <evil {2}X: y>\r\nRecipient-Number: 1\r\nRcpt: <a@b>\r\nHelo: client.test\r\nIP: 192.0.2.1\r\n/);
});

test("malware: clamd", async (t) => {
  const settings = { av_scanner: "clamd:192.0.2.9 3310" };
  const found = world("stream: Eicar-Test FOUND\0", { settings });
  t.is((await found.world.run("deny malware = *\nmessage = $malware_name", "data")).message, "Eicar-Test");
  t.is(textOf(found.asked[0]?.send as Buffer), instream(MAIL));
  t.is((await world("stream: OK\0", { settings }).world.run("deny malware = *\naccept", "data")).kind, "accept");
  t.is((await world("stream: X FOUND\0", { settings }).world.run("deny malware = ^Other\naccept", "data")).kind, "accept");
  t.is((await world("stream: X FOUND\0", { settings }).world.run("deny malware = 0\naccept", "data")).kind, "accept");
  t.is((await world("down", { settings }).world.run("deny malware = *", "data")).kind, "defer");
  t.is((await world("down", { settings }).world.run("deny malware = */defer_ok\naccept", "data")).kind, "accept");
  t.is(
    (await world("x", { settings: { av_scanner: "sophie:/x" } }).world.run("deny malware = *", "data")).logMessage,
    'malware acl condition: scanner type "sophie" is not supported',
  );
});

test("addresses, streams and answers", (t) => {
  t.like(parseScannerAddress("/run/x retry=10s"), { target: { path: "/run/x" }, options: ["retry=10s"], timeout: 120_000 });
  t.like(parseScannerAddress("h 783-785 tmo=5s"), { target: { host: "h", port: 783 }, timeout: 5000 });
  t.is(parseScannerAddress("h"), undefined);
  t.is(typeof clamdServers("clamd:"), "string");
  t.is(instream("ab"), "zINSTREAM\0\0\0\0\x02ab\0\0\0\0");
  t.is(instream("x".repeat(70_000)).length, 10 + 4 + 65_536 + 4 + 4464 + 4);
  t.is(parseClamd("stream: INSTREAM size limit exceeded. ERROR\n").kind, "failed");
  t.is(parseSpamd("SPAMD/1.1 76 Bad\r\n"), undefined);
  t.is(parseRspamd("RSPAMD/1.3 0 EX_OK\r\n"), undefined);
});

test("regex: line by line, all patterns, captures; a broken one is passed over", (t) => {
  const { world: w } = world("");
  const verdict = w.run("deny regex = ^nope : (he)l*o\nmessage = [$regex_match_string][$regex1]", "data") as AclVerdict;
  t.is(verdict.message, "[(he)l*o][he]");
  t.is((w.run("deny regex = x.*hello\naccept", "data") as AclVerdict).kind, "accept", "not across lines");
  t.is((w.run("deny regex = ( : hello", "data") as AclVerdict).kind, "deny");
  t.regex(w.logged.at(-1)?.text ?? "", /^regex acl condition warning - error in regex '\('/);
});

test("mime_regex and decode look at the part", async (t) => {
  const decoded: string[] = [];
  const host = { mimePart: { text: () => "one\ntwo", decode: (location: string) => (decoded.push(location), true) } };
  const { world: w } = world("", { host });
  t.is((w.run("deny mime_regex = one.two\naccept", "mime") as AclVerdict).kind, "accept");
  t.is((w.run("deny mime_regex = ^two|one$\naccept", "mime") as AclVerdict).kind, "accept", "the part is one text");
  t.is((w.run("deny mime_regex = one\ndecode = default", "mime") as AclVerdict).kind, "deny");
  t.deepEqual(decoded, ["default"]);
});
