import test from "ava";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "./engine.ts";

const ENV = { FOO: "1", FOO_BAR: "2", BAR: "3", lower: "4", XFOO: "5" };

// Names that Exim 4.96 keeps of these.
const rows: [list: string, kept: string][] = [
  ["", ""],
  ["*", "BAR FOO FOO_BAR XFOO lower"],
  ["FOO : BAR", "BAR FOO"],
  ["^FOO", "FOO FOO_BAR"],
  ["^FO+$", "FOO"],
  ["^(?i)foo", "FOO FOO_BAR"],
  ["*OO", "FOO XFOO"],
  ["!FOO : *", "BAR FOO_BAR XFOO lower"],
  ["foo", ""],
  ["^.OO : low*", "FOO FOO_BAR"],
];
for (const [list, kept] of rows) {
  test(`keep_environment = ${list}`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "mailkit-environment-"));
    const path = join(folder, "exim.conf");
    writeFileSync(path, `primary_hostname = x.y\nkeep_environment = ${list}\nadd_environment = ADDED=a=b\n`);
    const engine = await openEngine({ source: { kind: "file", path }, env: ENV, cwd: folder });
    t.teardown(async () => {
      await engine.close();
      rmSync(folder, { recursive: true });
    });
    const seen = engine.services.expansion?.environment ?? new Map<string, string>();
    t.is(
      [...seen.keys()]
        .filter((name) => name !== "ADDED")
        .sort()
        .join(" "),
      kept,
    );
    t.is(seen.get("ADDED"), "a=b");
  });
}

// TZ is what `timezone` says, whatever the caller has.
const zones: [line: string, zone: string | undefined][] = [
  ["timezone = Europe/Paris", "Europe/Paris"],
  ["timezone = UTC", undefined],
  ["", undefined],
];
for (const [line, zone] of zones) {
  test(`TZ with "${line}"`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "mailkit-environment-"));
    const path = join(folder, "exim.conf");
    writeFileSync(path, `primary_hostname = x.y\nkeep_environment = *\n${line}\n`);
    const engine = await openEngine({ source: { kind: "file", path }, env: { TZ: "Asia/Tokyo" }, cwd: folder });
    t.teardown(async () => {
      await engine.close();
      rmSync(folder, { recursive: true });
    });
    t.is(engine.services.expansion?.environment?.get("TZ"), zone);
  });
}
