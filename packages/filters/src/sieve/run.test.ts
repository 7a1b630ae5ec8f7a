/** What Sieve scripts set up: children, vacation, notifications; where this differs from Exim 4.96 on purpose. */
import test from "ava";
import type { AutoReply } from "@mailkit/sdk";
import { messageScope, sieveNow } from "../test-support.ts";
import type { SieveRequest } from "./evaluate.ts";
import { sieveChildren } from "./filter.ts";
import { parseMailto } from "./mailto.ts";

const BOTH = { test: false, vacationDirectory: "/vac", enotifyMailtoOwner: "owner@test.ex" } as const;
const children = (text: string, given: Partial<SieveRequest> = {}) => sieveChildren(sieveNow(text, { ...BOTH, ...given }).actions);
const inbox = { kind: "file", path: "inbox" };

const CHILDREN: readonly (readonly [string, readonly unknown[]])[] = [
  ["", [inbox]],
  ["keep; keep;", [inbox]],
  ["discard;", []],
  ['redirect "Fred <a@b>"; redirect "a@b";', [{ kind: "address", address: "a@b" }]],
  ['require "copy"; redirect :copy "a@b";', [{ kind: "address", address: "a@b" }, inbox]],
  [
    'require "fileinto"; fileinto "/a/"; fileinto "b"; fileinto "b";',
    [
      { kind: "directory", path: "/a/" },
      { kind: "file", path: "b" },
    ],
  ],
  ['require ["fileinto","copy"]; fileinto :copy "b"; discard;', [{ kind: "file", path: "b" }]],
  ['redirect "a@b"; foo;', [{ kind: "address", address: "a@b" }, inbox]],
  ['if true { redirect "a@b"; foo; }', [{ kind: "address", address: "a@b" }, inbox]],
  ['if false { redirect "a@b"; foo; }', [inbox]],
  ["discard; stop; foo;", []],
];

for (const [text, expected] of CHILDREN) test(`children: ${text}`, (t) => t.deepEqual(children(text) as readonly unknown[], expected));

/** Scripts whose test is true; Exim 4.96 says otherwise (see the README). */
const BETTER: readonly (readonly [string, boolean])[] = [
  ['require "subaddress";\nrequire "envelope"; if envelope :user "to" "root"', true],
  ['if header "x-a" "two"', true],
  ['if header :matches "x-a" "one*two"', false],
  ['if header :contains "subject" text:\n.\n', true],
  ["if size :over 100b", false],
];
for (const [text, expected] of BETTER) {
  test(`better: ${text}`, (t) => t.is(sieveNow(`${text} { discard; }`).actions.length === 0, expected));
}

const reply = (text: string, given: Partial<SieveRequest> = {}): AutoReply | undefined =>
  sieveNow(`require "vacation"; ${text}`, { ...BOTH, ...given }).actions.flatMap((action) =>
    action.kind === "vacation" ? [action.reply] : [],
  )[0];

test("vacation: a text of its own", (t) => {
  const { once, ...rest } = reply('vacation :subject "s \xc3\xa9" :from "me@here" :days 99 "gone\ntwo \xc3\xa9=";') ?? {};
  t.regex(once ?? "", /^\/vac\/[0-9A-F]{32}$/);
  t.deepEqual(rest, {
    to: "root@test.ex",
    from: "me@here",
    subject: "=?utf-8?Q?s_=C3=A9?=",
    headers: 'MIME-Version: 1.0\nContent-Type: text/plain;\n\tcharset="utf-8"\nContent-Transfer-Encoding: quoted-printable',
    text: "gone\ntwo =C3=A9=3D",
    onceRepeat: 31 * 86_400_000,
  });
});

test("vacation: the subject of the message, a MIME entity, the handle", (t) => {
  const answer = reply('vacation :mime "Content-Type: text/html\n\n<b>";');
  t.like(answer, {
    subject: "=?utf-8?Q?Auto=3A_Hello_World?=",
    headers: "Content-Type: text/html",
    text: "<b>",
    onceRepeat: 7 * 86_400_000,
  });
  const [one, two, other] = ['vacation :handle "h" "a";', 'vacation :handle "h" "b";', 'vacation "b";'].map((text) => reply(text)?.once);
  t.is(one, two);
  t.not(two, other);
});

const QUIET: readonly (readonly [string, Parameters<typeof messageScope>[0]])[] = [
  ["a bounce", { variables: { sender_address: "" } }],
  ["to somebody else", { headers: "From: a@b\nTo: c@d\n" }],
  ["a list", { headers: "From: a@b\nTo: root@test.ex\nList-Id: x\n" }],
];
for (const [why, message] of QUIET)
  test(`vacation: no answer to ${why}`, (t) => t.is(reply('vacation "x";', { scope: messageScope(message) }), undefined));

test("vacation: further addresses, Cc", (t) => {
  const scope = messageScope({ headers: "From: a@b\nCc: other@x\n" });
  t.is(reply('vacation "x";', { scope }), undefined);
  t.not(reply('vacation :addresses ["OTHER@x"] "x";', { scope }), undefined);
});

const FAULTS: readonly (readonly [string, Partial<SieveRequest>, string])[] = [
  ['require "vacation";', { test: false }, "vacation disabled"],
  ['require "enotify";', {}, "enotify disabled"],
  ['require "vacation"; vacation "a"; vacation "b";', BOTH, "trying to execute vacation more than once"],
  ['notify "mailto:a@b";', BOTH, 'missing previous require "enotify";'],
  ['require "enotify"; notify :importance "4" "mailto:a@b";', BOTH, "invalid importance"],
  ['require "enotify"; notify "http://x";', BOTH, "Unknown URI scheme"],
  ['require "enotify"; notify;', BOTH, "missing method string"],
  ['require "enotify"; notify :from', BOTH, "from string expected"],
  ['require "enotify"; notify "mailto:%4"; keep;', BOTH, "Syntactically invalid URI"],
  ['require "enotify"; if valid_notify_method {}', BOTH, "URI string list expected"],
  ['require "enotify"; if notify_method_capability {}', BOTH, "missing notification URI string"],
  ['require "enotify"; if notify_method_capability "mailto:a@b" {}', BOTH, "missing notification capability string"],
];
for (const [text, given, message] of FAULTS) test(`fault: ${text} ${message}`, (t) => t.is(sieveNow(text, given).fault?.message, message));

test("notify", (t) => {
  const made = (text: string): unknown =>
    sieveNow(`require "enotify"; ${text}`, BOTH).actions.flatMap((action) => (action.kind === "notify" ? [action.notification] : []))[0];
  t.deepEqual(made('notify "mailto:a@b";'), {
    sender: "root@test.ex",
    recipients: ["a@b"],
    text: "From: root@test.ex\nTo: a@b\nAuto-Submitted: auto-notified; owner@test.ex\nSubject: Hello World\n\n",
  });
  t.like(made('notify :from "x@y" :message "hi\n there" "mailto:a@b?cc=c@d&subject=s&From=evil@x&X-Y=1%0aZ:2";'), {
    recipients: ["a@b", "c@d"],
    text: "From: x@y\nTo: a@b\nAuto-Submitted: auto-notified; owner@test.ex\ncc: c@d\nX-Y: 1 Z:2\nSubject: hi there\n\n",
  });
  t.is(sieveNow('require "enotify"; if not valid_notify_method ["mailto:a@b", "xmpp:c"] { discard; }', BOTH).actions.length, 0);
  t.is(sieveNow('require "enotify"; if notify_method_capability "mailto:a@b" "Online" "maybe" { discard; }', BOTH).actions.length, 0);
});

test("mailto", (t) => {
  t.deepEqual(parseMailto("MAILTO:a%40b,c@d?to=e@f&body=x%0D%0Ay"), { recipients: ["a@b", "c@d", "e@f"], fields: [], body: "x\r\ny" });
  t.is(parseMailto("mailto:a b"), "Syntactically invalid URI");
});

test("envelope with what the configuration says of the address", (t) => {
  const given = { useraddress: "user", subaddress: "sub", recipient: "pre-root@test.ex" };
  const holds = (condition: string): boolean =>
    sieveNow(`require ["envelope","subaddress"]; if envelope ${condition} { discard; }`, given).actions.length === 0;
  t.true(holds(':user "to" "user"'));
  t.true(holds(':detail "to" "sub"'));
  t.true(holds(':localpart "to" "pre-root"'));
  t.true(holds(':domain ["from","to"] "TEST.EX"'));
  t.false(holds(':detail "from" "x"'));
});
