import test from "ava";
import fc from "fast-check";
import type { EximArguments } from "./argument-types.ts";
import { parseEximArguments } from "./arguments.ts";

function parsed(words: string, program = "exim"): EximArguments {
  const result = parseEximArguments(program, words.split(" ").filter(Boolean));
  if (!result.ok) throw new Error(result.message);
  return result.arguments;
}

const HOUR = 3_600_000;

const lines: readonly [string, object][] = [
  ["", { mode: { kind: "receive" }, dotEnds: true }],
  ["-t -i -f a@b -F Name", { mode: { kind: "receive" }, extractRecipients: true, dotEnds: false, sender: "a@b", fullName: "Name" }],
  ["-fa@b -- -x", { sender: "a@b", rest: ["-x"] }],
  ["-f <> u@b", { sender: "<>", rest: ["u@b"] }],
  ["-oi -oem -odf u@b", { dotEnds: false, errors: "mail", delivery: "foreground", rest: ["u@b"] }],
  ["-odqs", { delivery: "queueSmtp" }],
  ["-bd -q30m", { mode: { kind: "daemon", foreground: false }, queueRun: { every: HOUR / 2 } }],
  ["-q1h", { mode: { kind: "daemon", foreground: false } }],
  ["-bdf -oX 25:587 -oP /run/x.pid", { mode: { kind: "daemon", foreground: true }, ports: "25:587", pidFile: "/run/x.pid" }],
  ["-q", { mode: { kind: "queueRun" }, queueRun: { firstPass: false, force: false } }],
  ["-qqff", { queueRun: { firstPass: true, force: true, forceFrozen: true } }],
  ["-qifl", { queueRun: { initialOnly: true, force: true, forceFrozen: false, localOnly: true } }],
  ["-qGslow", { queueRun: { queueName: "slow" } }],
  ["-q 1abc-d 1abc-e", { queueRun: { firstId: "1abc-d", lastId: "1abc-e" } }],
  ["-R x.example", { mode: { kind: "queueRun" }, queueRun: { recipient: { text: "x.example", regex: false } } }],
  ["-Rrff ^x", { queueRun: { forceFrozen: true, recipient: { text: "^x", regex: true } } }],
  ["-S a@b -Rxy", { queueRun: { sender: { text: "a@b", regex: false }, recipient: { text: "xy", regex: false } } }],
  ["-qqSr ^b", { queueRun: { firstPass: true, sender: { text: "^b", regex: true } } }],
  ["-bpru", { mode: { kind: "queueList", sorted: false, undeliveredOnly: true } }],
  ["-bp id", { mode: { kind: "queueList", form: "all" }, rest: ["id"] }],
  ["-Mrm id1 id2", { mode: { kind: "message", action: "remove" }, rest: ["id1", "id2"] }],
  ["-Mset id -be $x", { mode: { kind: "expand" }, messageId: "id", rest: ["$x"] }],
  ["-bh 10.0.0.1", { mode: { kind: "hostCheck", address: "10.0.0.1", callouts: false } }],
  ["-bf f -bfd d", { mode: { kind: "filter", user: "f", system: undefined, options: { domain: "d" } } }],
  [
    "-C /etc/x -DA=b -DC",
    {
      config: "/etc/x",
      defines: [
        ["A", "b"],
        ["C", ""],
      ],
    },
  ],
  ["-oMa 10.0.0.1 -oMs h -oMr smtp", { trusted: { host: "10.0.0.1", helo: "h", protocol: "smtp" } }],
  ["-p uucp:host", { trusted: { protocol: "uucp", helo: "host" } }],
  ["-d+all -v -N", { debug: "+all", verbose: true, dontDeliver: true }],
];
for (const [words, expected] of lines) {
  test(`exim ${words}`, (t) => t.like(parsed(words), expected));
}

for (const [program, expected] of [
  ["mailq", { mode: { kind: "queueList" } }],
  ["rsmtp", { mode: { kind: "batchSmtp" } }],
  ["runq", { mode: { kind: "queueRun" } }],
  ["newaliases", { mode: { kind: "newAliases" } }],
  ["rmail", { mode: { kind: "receive" }, dotEnds: false, errors: "exit" }],
] as const) {
  test(`called as ${program}`, (t) => t.like(parsed("", program), expected));
}

for (const words of ["-bx", "-Mzz", "-f", "-bh", "-k", "-q3x", "-oMz x", "-R"]) {
  test(`exim ${words} is refused by name`, (t) => {
    const result = parseEximArguments("exim", words.split(" "));
    t.false(result.ok);
    t.true(!result.ok && result.message.startsWith("exim abandoned: unknown, malformed, or incomplete option -"));
  });
}

test("any words give a record or a message", (t) => {
  const word = fc.oneof(fc.string(), fc.stringMatching(/^-[a-zA-Z]{1,4}[0-9]?$/));
  fc.assert(fc.property(fc.array(word), (words) => typeof parseEximArguments("exim", words).ok === "boolean"));
  t.pass();
});
