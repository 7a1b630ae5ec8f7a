import test from "ava";
import { parseLog } from "@mailkit/logs";
import { newStats } from "./stats.ts";
import { statsText } from "./stats-text.ts";

const offsetAt = (local: number): number => -new Date(local).getTimezoneOffset();
const A = "1vNQwE-00000001AbC-2XyZ";
const B = "1vNQwF-00000001AbC-2XyZ";
const LINES = [
  `2026-11-24 10:00:00 ${A} <= fred@truc.fr H=pc12 [192.168.32.7] P=esmtps S=2048`,
  `2026-11-24 10:00:00 ${A} => marc@machin.com R=dnslookup T=remote_smtp H=mx1.machin.com [192.0.2.10]`,
  `2026-11-24 10:00:05 ${A} -> eve@machin.com R=dnslookup T=remote_smtp H=mx1.machin.com [192.0.2.10]`,
  `2026-11-24 10:00:05 ${A} Completed`,
  `2026-11-24 10:30:00 ${B} <= <> U=mail P=local S=1024`,
  `2026-11-24 10:30:01 ${B} == paul@slow.example R=dnslookup T=remote_smtp defer (-44) H=mx.slow.example [192.0.2.9]: SMTP error from remote mail server after RCPT TO:<paul@slow.example>: 450 4.7.1 greylisted`,
  `2026-11-24 11:30:01 ${B} == mary@slow.example R=dnslookup T=remote_smtp defer (-44) H=mx.slow.example [192.0.2.9]: SMTP error from remote mail server after RCPT TO:<mary@slow.example>: 450 4.7.1 greylisted`,
  `2026-11-24 12:30:01 ${B} ** paul@slow.example: retry timeout exceeded`,
  "2026-11-24 12:31:00 H=x [192.0.2.66] F=<a@b.c> rejected RCPT <z@y.x>: relay not permitted",
  "2026-11-24 12:31:01 H=x [192.0.2.66] F=<a@b.c> rejected RCPT <w@y.x>: relay not permitted",
];

function figuresOf(lines = LINES, top = 10): ReturnType<ReturnType<typeof newStats>["figures"]> {
  const stats = newStats();
  for (const record of parseLog(lines, { offsetAt })) stats.add(record);
  return stats.figures(top);
}

test("totals", (t) => {
  const figures = figuresOf();
  t.deepEqual(figures.received, { messages: 2, volume: 3072, hosts: 1 });
  t.deepEqual(figures.delivered, { messages: 2, volume: 4096, hosts: 1 });
  t.like(figures, { deferred: 2, failed: 1, completed: 1, rejected: 2, lines: 10 });
});

test("by hour, by delay", (t) => {
  const { hours, delays } = figuresOf();
  t.deepEqual(
    hours.map(({ in: arrived, out, defer, reject }) => [arrived, out, defer, reject]),
    [
      [2, 2, 1, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 2],
    ],
  );
  t.deepEqual(
    delays.filter(({ count }) => count > 0),
    [
      { upTo: 1000, count: 1 },
      { upTo: 10_000, count: 1 },
    ],
  );
});

test("top lists; reasons that differ in an address are one", (t) => {
  const { top } = figuresOf();
  t.deepEqual(
    top.senders.map(({ name, count }) => [name, count]),
    [
      ["fred@truc.fr", 1],
      ["<>", 1],
    ],
  );
  t.deepEqual(top.deferReasons, [{ name: "450 4.7.1 greylisted", count: 2, volume: 0 }]);
  t.deepEqual(top.rejections, [{ name: "relay not permitted", count: 2, volume: 0 }]);
  t.deepEqual(top.recipientDomains, [{ name: "machin.com", count: 2, volume: 4096 }]);
  t.is(figuresOf(LINES, 1).top.senders.length, 1);
});

test("as text", (t) => {
  const text = statsText(figuresOf(), new Date(2026, 10, 24, 13).getTime());
  t.regex(text, /^from 10:00 to 12:31, 10 lines\n\nreceived {10}2 {2}3\.0 KB from 1 host\n/);
  t.regex(text, /\n24 Nov 12:00 {7}0 {7}0 {7}0 {7}2\n/);
  t.true(text.split("\n").every((line) => line.length <= 80));
  t.is(statsText(figuresOf([]), 0), "no lines in that time\n");
});
