import test from "ava";
import fc from "fast-check";
import type { BodySource } from "./envelope.ts";
import { messageOctets, messageSize, type MessageForm } from "./message-text.ts";
import type { OutgoingMessage } from "./transport.ts";

/** A body that comes in the given pieces and is too large to be taken in one. */
function pieces(...parts: readonly string[]): BodySource {
  const bytes = Buffer.from(parts.join(""), "latin1");
  return {
    size: 1_000_000,
    read: async () => bytes,
    chunks: async function* () {
      for (const part of parts) yield Buffer.from(part, "latin1");
    },
  };
}

const messageOf = (body: BodySource, parts: OutgoingMessage["parts"] = "all"): OutgoingMessage => ({
  id: "",
  headers: "A: b\n",
  body,
  sender: "s@x",
  eightBit: false,
  smtputf8: false,
  parts,
  received: 0,
});

async function written(message: OutgoingMessage, form: MessageForm): Promise<string> {
  let text = "";
  for await (const octets of messageOctets(message, form, [])) text += octets.toString("latin1");
  return text;
}

const whole = (text: string): BodySource => ({ size: text.length, bytes: Buffer.from(text, "latin1"), read: async () => Buffer.from(text, "latin1"), chunks: async function* () { yield Buffer.from(text, "latin1"); } }); // prettier-ignore

const FORMS: readonly (readonly [string, MessageForm, string, string])[] = [
  ["as it is", {}, "From x\n.\n", "A: b\n\nFrom x\n.\n"],
  [
    "mailbox",
    { checkString: "From ", escapeString: ">From ", prefix: "P\n", suffix: "\n" },
    "From x\nFro\nFrom ",
    "P\nA: b\n\n>From x\nFro\n>From \n",
  ],
  ["one string alone does nothing", { checkString: "From " }, "From x\n", "A: b\n\nFrom x\n"],
  [
    "MMDF, one after the other",
    { checkString: "\x01\x01\n", escapeString: "\x01\x01 \n" },
    "\x01\x01\n\x01\x01\nx",
    "A: b\n\n\x01\x01 \n\x01\x01 \nx",
  ],
  ["CRLF", { crlf: true }, "a\n\nb", "A: b\r\n\r\na\r\n\r\nb"],
  ["batched SMTP", { bsmtp: true }, ".\n..\na", "MAIL FROM:<s@x>\nDATA\nA: b\n\n..\n...\na\n.\n"],
  ["batched SMTP with CRLF", { bsmtp: true, crlf: true }, ".a\n", "MAIL FROM:<s@x>\r\nDATA\r\nA: b\r\n\r\n..a\r\n.\r\n"],
];

for (const [what, form, body, expected] of FORMS) {
  test(`${what}: in one piece, and cut at every offset`, async (t) => {
    t.is(await written(messageOf(whole(body)), form), expected);
    for (let cut = 0; cut <= body.length; cut++)
      t.is(await written(messageOf(pieces(body.slice(0, cut), body.slice(cut))), form), expected, `cut at ${cut}`);
    t.is(await written(messageOf(pieces(...body)), form), expected, "octet by octet");
  });
}

test("parts, and the size known before", async (t) => {
  t.is(await written(messageOf(whole("x\n"), "headers"), {}), "A: b\n\n", "the empty line belongs to them");
  t.is(await written(messageOf(whole("x\n"), "body"), {}), "x\n");
  for (const parts of ["all", "headers", "body"] as const) {
    const form = { prefix: "pp", suffix: "s" };
    t.is(messageSize(messageOf(whole("x\n"), parts), form), (await written(messageOf(whole("x\n"), parts), form)).length);
  }
  t.is(messageSize(messageOf(whole("x")), { checkString: "a", escapeString: "b" }), undefined);
});

test("pieces never change the result", async (t) => {
  const text = fc.string({ unit: fc.constantFrom("From ", "\n", ".", "F", "r", "o", "m", " ") });
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 6 }), async (parts) => {
      for (const [, form] of FORMS) {
        if ((await written(messageOf(pieces(...parts)), form)) !== (await written(messageOf(whole(parts.join(""))), form))) return false;
      }
      return true;
    }),
  );
  t.pass();
});
