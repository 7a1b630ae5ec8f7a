import test from "ava";
import { briefReason, clockTime, duration, longAge, longSize, shortAge, shortSize } from "./words.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

test("ages", (t) => {
  const rows: [number, string, string][] = [
    [-5, "0m", "0 s"],
    [1200, "0m", "1.2 s"],
    [2 * SECOND, "0m", "2 s"],
    [59 * SECOND, "0m", "59 s"],
    [12 * MINUTE, "12m", "12 min"],
    [2 * HOUR + 14 * MINUTE, "2h14", "2 h 14 min"],
    [3 * HOUR, "3h00", "3 h"],
    [79 * HOUR, "3d07", "3 d 7 h"],
  ];
  for (const [time, short, long] of rows) t.deepEqual([shortAge(time), longAge(time)], [short, long]);
});

test("sizes", (t) => {
  const rows: [number, string, string][] = [
    [0, "0", "0 bytes"],
    [1023, "1023", "1023 bytes"],
    [4300, "4.2K", "4.2 KB"],
    [120_832, "118K", "118 KB"],
    [52_428_800, "50M", "50 MB"],
  ];
  for (const [octets, short, long] of rows) t.deepEqual([shortSize(octets), longSize(octets)], [short, long]);
});

test("times of another day show it", (t) => {
  const now = new Date(2026, 10, 24, 14, 0).getTime();
  t.is(clockTime(new Date(2026, 10, 24, 14, 17).getTime(), now), "14:17");
  t.is(clockTime(new Date(2026, 10, 28, 14, 2).getTime(), now), "28 Nov 14:02");
});

test("durations as in retry rules", (t) => {
  t.deepEqual([15 * MINUTE, 2 * HOUR, 96 * HOUR, 90 * SECOND].map(duration), ["15m", "2h", "4d", "90s"]);
});

test("what the other server said, alone", (t) => {
  const rows: [string, string][] = [
    ["SMTP error from remote mail server after RCPT TO:<paul@slow.example>: 450 4.7.1 greylisted", "450 4.7.1 greylisted"],
    ["SMTP error from remote mail server after MAIL FROM:<a@b.c> SIZE=1437: 452 try later: disk", "452 try later: disk"],
    ["SMTP error from remote mail server after initial connection: 421 busy", "421 busy"],
    ["SMTP error from remote mail server after end of data: 451 no", "451 no"],
    ["Connection refused", "Connection refused"],
    ["one\ntwo", "one"],
  ];
  for (const [message, brief] of rows) t.is(briefReason(message), brief);
});
