import test from "ava";
import { templateItems } from "./report-templates.ts";
import type { ReportServices } from "./reports.ts";

interface Case {
  readonly source: string;
  readonly value: object;
  readonly content?: unknown;
  readonly items: readonly (string | undefined)[];
  readonly told: readonly string[];
}

const clean = (text: string): object => ({ kind: "value", text, tainted: false });

const cases: readonly Case[] = [
  { source: "/f", value: clean("/f"), content: "Subject: x\n****\ntext\n", items: ["Subject: x\n", "text\n"], told: [] },
  { source: "", value: clean(""), items: [], told: [] },
  { source: "$x", value: clean(""), items: [], told: ["Failed to expand bounce_message_file: '$x'"] },
  { source: "${", value: { kind: "error", message: "m" }, items: [], told: ["Failed to expand bounce_message_file: '${'"] },
  { source: "rel", value: clean("rel"), items: [], told: ["bounce_message_file is not absolute after expansion: 'rel'"] },
  {
    source: "/$s",
    value: { kind: "value", text: "/s", tainted: true },
    items: [],
    told: ["bounce_message_file is not untainted after expansion: '/s'"],
  },
  {
    source: "/gone",
    value: clean("/gone"),
    content: { code: "ENOENT", message: "m" },
    items: [],
    told: ["Failed to open /gone for error message texts: No such file or directory"],
  },
];

for (const { source, value, content, items, told } of cases) {
  test(`bounce_message_file = ${source} (${JSON.stringify(value)})`, async (t) => {
    const lines: string[] = [];
    const services = {
      settings: { bounceMessageFile: { source, evaluate: () => value } },
      scope: {
        frame: { items: new Map() },
        services: { files: { read: () => content }, strings: { expand: (text: string) => clean(text) } },
      },
      trouble: (line: string) => lines.push(line),
    } as unknown as ReportServices;
    t.deepEqual(await templateItems("error", services, []), items);
    t.deepEqual(lines, told);
  });
}
