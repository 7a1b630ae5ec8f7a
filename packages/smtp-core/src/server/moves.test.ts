import test from "ava";
import { refusalReply } from "./moves.ts";

function lines(message: string, kind: "deny" | "defer" = "deny"): string {
  const { code, lines: all } = refusalReply({ kind, message }, { code: 550, text: "Administrative prohibition" });
  return [code, ...all].join("|");
}

/** As a real Exim 4.96 answers. */
const codes: readonly [string, string, ("deny" | "defer")?][] = [
  ["mes a\nmes b", "550|mes a|mes b"],
  ["599 5.12.3 main\nsecond", "599|5.12.3 main|5.12.3 second"],
  ["499 4.1234.343 main\nsecond", "499|4.1234.343 main|second", "defer"],
  ["299 wrong", "550|wrong"],
  ["390 3.5.6 wrong", "451|wrong", "defer"],
  ["590 4.12.3 text", "590|4.12.3 text"],
  ["550", "550|550"],
  ["550x y", "550|550x y"],
  ["550 5.1.1x y", "550|5.1.1x y"],
];
for (const [message, expected, kind] of codes) test(`code of ${JSON.stringify(message)}`, (t) => t.is(lines(message, kind), expected));

const y = "y".repeat(25);
const widths: readonly [string, string][] = [
  [`${"x".repeat(40)}: ${"y".repeat(20)}: ${"z".repeat(40)} zz`, `550|${"x".repeat(40)}: ${"y".repeat(20)}:|${"z".repeat(40)} zz`],
  [`${"x".repeat(40)}:  ${y} ${"z".repeat(60)} zz zzz`, `550|${"x".repeat(40)}:|${y} ${"z".repeat(60)}|zz zzz`],
  [`${"x".repeat(30)}: ${"y ".repeat(30)}z`, `550|${"x".repeat(30)}: ${"y ".repeat(21)}y|${"y ".repeat(8)}z`],
  [`${"x".repeat(100)} y`, `550|${"x".repeat(100)}|y`],
  ["x".repeat(75), `550|${"x".repeat(75)}`],
];
for (const [i, [message, expected]] of widths.entries()) test(`width ${i}`, (t) => t.is(lines(message), expected));
