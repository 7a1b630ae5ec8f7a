import test from "ava";
import { findCommand } from "./find-command.ts";

const names = ["serve", "check", "log", "queue list", "queue show", "user add"];

const cases: readonly (readonly [string, string[], object])[] = [
  ["one word", ["check", "f", "--json"], { kind: "command", name: "check", rest: ["f", "--json"] }],
  ["two words", ["queue", "list", "-q"], { kind: "command", name: "queue list", rest: ["-q"] }],
  [
    "global flags before it",
    ["-C", "f", "-DX=1", "-q", "queue", "list"],
    { kind: "command", name: "queue list", rest: ["-C", "f", "-DX=1", "-q"] },
  ],
  ["long ones", ["--config=f", "--define", "X", "check"], { kind: "command", name: "check", rest: ["--config=f", "--define", "X"] }],
  ["nothing", [], { kind: "none" }],
  ["only flags", ["-q"], { kind: "unknown", name: "-q", near: undefined, topic: undefined }],
  ["a topic", ["queue"], { kind: "topic", name: "queue" }],
  ["a topic and a flag", ["queue", "--json"], { kind: "topic", name: "queue" }],
  ["a slip", ["chek"], { kind: "unknown", name: "chek", near: "check", topic: undefined }],
  ["a slip in the topic", ["quue", "list"], { kind: "unknown", name: "quue", near: "queue list", topic: undefined }],
  ["a slip in the second word", ["queue", "lsit"], { kind: "unknown", name: "queue lsit", near: "queue list", topic: "queue" }],
  ["the second word alone", ["show"], { kind: "unknown", name: "show", near: "queue show", topic: undefined }],
  ["nothing like it", ["frobnicate"], { kind: "unknown", name: "frobnicate", near: undefined, topic: undefined }],
  ["names of objects are nothing", ["constructor"], { kind: "unknown", name: "constructor", near: undefined, topic: undefined }],
];

for (const [name, argv, expected] of cases) test(name, (t) => t.deepEqual(findCommand(names, argv) as object, expected));
