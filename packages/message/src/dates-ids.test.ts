import test from "ava";
import { logDate, mailboxDate, mailDate, parseMailDate, zoneOffset, zoneText } from "./dates.ts";
import { base62, fromBase62, isMessageId, messageIds, parseMessageId, timeOfMessageId } from "./message-ids.ts";
import { makeHeader } from "./header-lines.ts";
import { receivedHeader, restampReceived } from "./received.ts";

const AT = Date.UTC(1999, 2, 2, 9, 44, 33, 7);

test("dates in Exim's forms", (t) => {
  t.is(mailDate(AT, 0), "Tue, 2 Mar 1999 09:44:33 +0000");
  t.is(mailDate(AT, -330), "Tue, 2 Mar 1999 04:14:33 -0530");
  t.is(mailboxDate(AT, 0), "Tue Mar 02 09:44:33 1999");
  t.is(logDate(AT, 60), "1999-03-02 10:44:33");
  t.is(logDate(AT, 60, { zone: true, millisec: true }), "1999-03-02 10:44:33.007 +0100");
  t.is(zoneText(-90), "-0130");
});

test("zones", (t) => {
  t.is(zoneOffset(AT, "UTC"), 0);
  t.is(zoneOffset(AT, "Europe/Paris"), 60);
  t.is(zoneOffset(Date.UTC(1999, 6, 1), "Europe/Paris"), 120);
  t.is(zoneOffset(AT, "America/New_York"), -300);
  t.is(zoneOffset(AT, "No/Where"), 0);
});

test("mail dates are read back", (t) => {
  for (const zone of [0, 60, -330]) t.is(parseMailDate(mailDate(AT, zone)), AT - 7);
  t.is(parseMailDate("2 Mar 99 09:44 EST"), Date.UTC(1999, 2, 2, 14, 44));
  t.is(parseMailDate("yesterday"), undefined);
  t.is(parseMailDate("2 Foo 1999 09:44:33 +0000"), undefined);
});

test("ids grow, whatever the clock does", (t) => {
  const times = [1000, 1000, 999, 5000, 5000, 1];
  let at = 0;
  const next = messageIds({ now: () => times[at++] as number, process: 4711 });
  const ids = times.map(() => next());
  t.deepEqual([...ids].sort(), ids);
  t.is(new Set(ids).size, ids.length);
  for (const id of ids) t.true(isMessageId(id));
  t.is(timeOfMessageId(ids[0] as string), 1000);
  t.is(timeOfMessageId(ids[3] as string), 5000);
  t.like(parseMessageId(ids[3] as string), { process: 4711, form: "long", seconds: 5 });
});

test("ids go on behind those of a spool that was found", (t) => {
  const old = messageIds({ now: () => 9_999_999, process: 1 })();
  const id = messageIds({ now: () => 1000, process: 1, after: old })();
  t.true(id > old);
});

test("both forms are known", (t) => {
  t.true(isMessageId("16VDhn-0001bo-D3"));
  t.true(isMessageId("1vNQwE-00000001AbC-2XyZ"));
  t.false(isMessageId("16VDhn-0001bo-D3x"));
  t.false(isMessageId("16VDhn-0001bo/D3"));
  t.is(timeOfMessageId("10HmaX-0005vi-00"), fromBase62("10HmaX") * 1000);
  t.is(timeOfMessageId("nonsense"), undefined);
  t.is(base62(fromBase62("2XyZ"), 4), "2XyZ");
});

test("Received: with its time, and with another", (t) => {
  t.is(receivedHeader("", AT, 0), undefined);
  const header = receivedHeader("Received: by x (a;b)\n\tid 1", AT, 0) ?? makeHeader("");
  t.deepEqual(header, { text: "Received: by x (a;b)\n\tid 1;\n\tTue, 2 Mar 1999 09:44:33 +0000\n", type: "P" });
  t.is(restampReceived(header, AT + 60_000, 0).text, "Received: by x (a;b)\n\tid 1;\n\tTue, 2 Mar 1999 09:45:33 +0000\n");
});
