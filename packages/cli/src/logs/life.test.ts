import test from "ava";
import { parseLog } from "@mailkit/logs";
import type { Envelope } from "@mailkit/sdk";
import type { QueueItem } from "@mailkit/spool";
import { lifeLines, waitText } from "./life.ts";
import type { Life } from "./life.ts";
import type { Wait } from "./waits.ts";

const ID = "1vNQwE-00000001AbC-2XyZ";
/** Local time, whatever the zone of the machine: lines are read and shown in the same one. */
const at = (hours: number, minutes: number, day = 24): number => new Date(2026, 10, day, hours, minutes).getTime();
const offsetAt = (local: number): number => -new Date(local).getTimezoneOffset();

function recordsOf(...lines: string[]): Life["records"] {
  return [
    ...parseLog(
      lines.map((line) => `2026-11-24 ${line.replace("ID", ID)}`),
      { offsetAt },
    ),
  ];
}

function itemOf(more: Partial<QueueItem["state"]> = {}, done: readonly string[] = []): QueueItem {
  const envelope = {
    id: ID,
    sender: "fred@truc.fr",
    received: at(14, 2),
    recipients: [{ address: "marc@machin.com" }, { address: "paul@slow.example" }],
  } as unknown as Envelope;
  const state = {
    done: new Set(done),
    frozen: undefined,
    manuallyThawed: false,
    first: false,
    warnings: 0,
    lastAttempt: at(14, 2),
    waiting: new Map([["paul@slow.example", { message: "450", failed: at(14, 2), transport: "remote_smtp" }]]),
    ...more,
  };
  return { id: ID, envelope, state, bodySize: 4100 };
}

const STEP = { kind: "F", cutoff: 7_200_000, interval: 900_000, factor: 1 } as const;
const WAIT: Wait = {
  address: "paul@slow.example",
  reason: "450 4.7.1 greylisted",
  nextTry: at(14, 17),
  givesUp: at(14, 2, 28),
  rule: { file: "mailkit.conf", line: 120, source: "", step: STEP },
  frozen: false,
  first: false,
};

const LINES = recordsOf(
  "14:02:11 ID <= fred@truc.fr H=pc12 (pc12.truc.fr) [192.168.32.7] P=esmtpsa X=TLS1.3:TLS_AES_256_GCM_SHA384:256 A=plain:fred S=4300",
  '14:02:11 ID => marc@machin.com R=dnslookup T=remote_smtp H=mx1.machin.com [192.0.2.10] C="250 OK id=x" DT=1.2s',
  "14:02:12 ID == paul@slow.example R=dnslookup T=remote_smtp defer (-44) H=mx.slow.example [192.0.2.9]: SMTP error from remote mail server after RCPT TO:<paul@slow.example>: 450 4.7.1 greylisted",
);

const show = (life: Partial<Life>): string[] =>
  lifeLines({ id: ID, records: LINES, caused: [], item: undefined, waits: [], running: true, ...life }, { now: at(16, 16) });

test("a message that waits", (t) => {
  t.deepEqual(show({ item: itemOf({}, ["marc@machin.com"]), waits: [WAIT] }), [
    `${ID}   fred@truc.fr, 4.2 KB, 2 h 14 min old, 1 of 2 delivered`,
    "14:02:11  accepted   from 192.168.32.7 (pc12), ESMTPSA TLS1.3, fred",
    '14:02:11  =>         marc@machin.com    remote_smtp mx1.machin.com [192.0.2.10]  "250 OK id=x"  1.2 s',
    '14:02:12  ==         paul@slow.example  remote_smtp mx.slow.example [192.0.2.9]  "450 4.7.1 greylisted"',
    "waits     paul@slow.example  retry rule mailkit.conf:120 (F,2h,15m): due now, gives up on 28 Nov 14:02",
    `do        mailkit queue retry ${ID}`,
  ]);
});

test("a message that is gone, and the bounce that it caused", (t) => {
  const records = [...LINES.slice(0, 2), ...recordsOf("14:02:20 ID ** paul@slow.example R=x T=y: no such user", "14:02:21 ID Completed")];
  const caused = recordsOf(`14:02:20 1vNQwF-00000001AbC-0000 <= <> R=${ID} U=mail P=local S=1800 for fred@truc.fr`);
  t.deepEqual(show({ records, caused }), [
    `${ID}   fred@truc.fr, 4.2 KB, 1 delivered, completed after 10 s, 1 failed`,
    "14:02:11  accepted   from 192.168.32.7 (pc12), ESMTPSA TLS1.3, fred",
    '14:02:11  =>         marc@machin.com    remote_smtp mx1.machin.com [192.0.2.10]  "250 OK id=x"  1.2 s',
    "14:02:20  **         paul@slow.example  y  no such user",
    "14:02:20  report     1vNQwF-00000001AbC-0000 to fred@truc.fr: mailkit explain 1vNQwF-00000001AbC-0000",
    "14:02:21  completed",
  ]);
});

test("frozen, on another day, no server, reason not in the log", (t) => {
  const lines = lifeLines(
    {
      id: ID,
      records: LINES.slice(0, 1),
      caused: [],
      item: itemOf({ frozen: { since: at(15, 0), why: "" } }),
      waits: [{ ...WAIT, frozen: true }],
      running: false,
    },
    { now: at(9, 0, 25) },
  );
  t.deepEqual(lines, [
    `${ID}   fred@truc.fr, 4.2 KB, 18 h 58 min old, 0 of 2 delivered, frozen since 24 Nov 15:00`,
    "24 Nov 14:02:11  accepted   from 192.168.32.7 (pc12), ESMTPSA TLS1.3, fred",
    'waits            paul@slow.example  retry rule mailkit.conf:120 (F,2h,15m): frozen, no more tries, gives up on 28 Nov 14:02  "450 4.7.1 greylisted"',
    `do               mailkit queue thaw ${ID}    tries again`,
    `do               mailkit queue bounce ${ID}  gives it up, its sender is told`,
  ]);
});

test("when the next try is", (t) => {
  const now = at(14, 10);
  const rows: [Partial<Wait>, string][] = [
    [{}, "retry rule mailkit.conf:120 (F,2h,15m): next try 14:17, gives up on 28 Nov 14:02"],
    [{ rule: undefined, givesUp: at(18, 0) }, "next try 14:17, gives up at 18:00"],
    [{ rule: undefined, givesUp: undefined, nextTry: undefined }, "next try with the next queue run"],
    [{ rule: undefined, givesUp: undefined, nextTry: undefined, first: true }, "no attempt yet"],
  ];
  for (const [change, text] of rows) t.is(waitText({ ...WAIT, ...change }, now), text);
});
