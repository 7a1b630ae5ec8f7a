import test from "ava";
import { type FixupInput, fixHeaders, removeTraceHeaders } from "./fixups.ts";
import { printHeaders, splitHeaderText } from "./header-lines.ts";

const ID = "1xVhow-0003QE-2z";
const MID = `Message-Id: <E${ID}@myhost.ex>\n`;
const DATE = "Date: Tue, 24 Nov 2026 04:07:54 +0000\n";

function fix(headers: string, change: Partial<FixupInput> = {}): { text: string; sender: string; types: string } {
  const result = fixHeaders({
    headers: splitHeaderText(headers),
    origin: "local",
    id: ID,
    now: Date.UTC(2026, 10, 24, 4, 7, 54),
    zone: 0,
    sender: "root@q.ex",
    qualifyDomain: "q.ex",
    messageIdDomain: "myhost.ex",
    caller: { login: "root", fullName: "CALLER_NAME", trusted: true },
    charset: "UTF-8",
    localFromCheck: true,
    localSenderRetain: false,
    localFromPrefix: [],
    localFromSuffix: [],
    smtp: false,
    ...change,
  });
  return { text: printHeaders(result.headers), sender: result.sender, types: result.headers.map((h) => h.type).join("") };
}
const untrusted = { caller: { login: "root", fullName: "CALLER_NAME", trusted: false } };

/** Expected texts: -H files of a real Exim 4.96. */
test("a bare local message gets Message-Id, From, Date", (t) => {
  t.is(fix("Subject: x\n").text, `Subject: x\n${MID}From: CALLER_NAME <root@q.ex>\n${DATE}`);
  t.is(fix("", { sender: "" }).text, MID + DATE);
  t.is(fix("", { sender: "", report: true }).text, `${MID}From: CALLER_NAME <root@q.ex>\n${DATE}`);
  const caller = { login: "root", fullName: "CALLER_NAME", trusted: false };
  t.is(fix("", { sender: "", caller }).text, `${MID}From: CALLER_NAME <root@q.ex>\n${DATE}`);
  t.is(fix("", { sender: "", smtp: true }).text, MID + DATE);
  t.is(fix(`${MID}From: a@b\n${DATE}`).text, `${MID}From: a@b\n${DATE}`);
});

test("names are made fit", (t) => {
  const from = (fullName: string): string =>
    /From: (.*)/.exec(fix("", { caller: { login: "root", fullName, trusted: true } }).text)?.[1] ?? "";
  t.is(from('J. "Q" Public'), '"J." "Q" Public <root@q.ex>');
  t.is(from("J\xc3\xb6e"), "=?UTF-8?Q?J=C3=B6e?= <root@q.ex>");
  t.is(from(""), "root@q.ex");
});

test("From: with the bare login is replaced, not in SMTP", (t) => {
  const fixed = fix("From: root\n");
  t.is(fixed.text, `From: CALLER_NAME <root@q.ex>\n${MID}${DATE}`);
  t.is(fixed.types, "*FI ");
  t.is(fix("From: root\n", { smtp: true }).text, `From: root\n${MID}${DATE}`);
});

test("Resent- lines take over", (t) => {
  t.is(fix("Resent-To: a@b\n").text, `Resent-${DATE}Resent-${MID}Resent-To: a@b\nResent-From: CALLER_NAME <root@q.ex>\n`);
});

test("an untrusted user gets a Sender: unless From: is his own", (t) => {
  const forged = fix("Sender: boss@x\nFrom: boss@x\n", { ...untrusted, sender: "other@x" });
  t.is(forged.text, `From: boss@x\n${MID}Sender: CALLER_NAME <root@q.ex>\n${DATE}`);
  t.is(forged.sender, "other@x");
  t.is(fix("From: Root <ROOT@q.ex>\n", untrusted).text, `From: Root <ROOT@q.ex>\n${MID}${DATE}`);
  t.is(fix("From: a@b, root@q.ex\n", untrusted).text.includes("Sender:"), true);
  t.is(fix("From: boss@x\n").text.includes("Sender:"), false);
});

test("local_from_check, local_sender_retain, affixes", (t) => {
  const check = (change: Partial<FixupInput>, headers = "Sender: s@x\nFrom: boss@x\n"): string =>
    fix(headers, { ...untrusted, ...change }).text;
  t.is(check({ localFromCheck: false }), `From: boss@x\n${MID}${DATE}`);
  t.is(check({ localFromCheck: false, localSenderRetain: true }), `Sender: s@x\nFrom: boss@x\n${MID}${DATE}`);
  const affixed = "From: list-root+x@q.ex\n";
  t.is(check({}, affixed).includes("Sender:"), true);
  t.is(check({ localFromPrefix: ["*-"], localFromSuffix: ["+*"] }, affixed).includes("Sender:"), false);
});

test("submission mode", (t) => {
  const submit = (
    headers: string,
    submission: Partial<NonNullable<FixupInput["submission"]>>,
    sender = "me@else",
  ): ReturnType<typeof fix> =>
    fix(headers, {
      origin: "submission",
      caller: undefined,
      sender,
      submission: { senderRetain: false, authenticatedId: "fred", ...submission },
    });
  t.is(submit("From: me@else\n", {}).text, `From: me@else\n${MID}Sender: fred@q.ex\n${DATE}`);
  t.is(submit("From: me@else\n", {}).sender, "fred@q.ex");
  t.is(
    submit("From: x@y\n", { domain: "w.ex", name: "Humpty Dumpty" }).text,
    `From: x@y\n${MID}Sender: Humpty Dumpty <fred@w.ex>\n${DATE}`,
  );
  t.is(submit("From: x@y\n", { domain: "", authenticatedId: "f@z.ex" }).sender, "f@z.ex");
  t.is(submit("From: fred@q.ex\n", {}).text, `From: fred@q.ex\n${MID}${DATE}`);
  t.is(submit("Sender: s@x\nFrom: x@y\n", { senderRetain: true }).text, `Sender: s@x\nFrom: x@y\n${MID}${DATE}`);
  t.is(submit("Sender: s@x\nFrom: x@y\n", { senderRetain: true }).sender, "me@else");
  t.is(submit("", {}).text, `${MID}From: me@else\nSender: fred@q.ex\n${DATE}`);
  t.is(submit("", {}, "").text, `${MID}From: fred@q.ex\n${DATE}`);
  t.is(submit("", { authenticatedId: "" }, "").text, MID + DATE);
});

test("message_id_header_text and odd characters", (t) => {
  t.regex(fix("", { messageIdText: "a b@c", messageIdDomain: "x y" }).text, /Message-Id: <E1xVhow-0003QE-2z\.a-b-c@x-y>/);
});

test("lines that may not arrive", (t) => {
  const headers = splitHeaderText("Return-path: <a@b>\nDelivery-date: x\nEnvelope-to: y\nReturn-path-x: z\n");
  t.is(printHeaders(removeTraceHeaders(headers, { returnPath: true, deliveryDate: true, envelopeTo: true })), "Return-path-x: z\n");
  t.is(
    printHeaders(removeTraceHeaders(headers, { returnPath: true, deliveryDate: false, envelopeTo: false })),
    "Delivery-date: x\nEnvelope-to: y\nReturn-path-x: z\n",
  );
});
