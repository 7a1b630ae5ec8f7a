/** Traps of the retry section (manual §"Retry rule examples"). */
import type { Trap } from "./trap.ts";

export const retryCatchAll: Trap = ({ retry }, report) => {
  const all = retry.findIndex((rule) => /^\*(?:@\*)?$/.test(rule.pattern) && rule.error === "*" && rule.senders === undefined);
  const last = retry[retry.length - 1];
  if (all < 0 && last !== undefined) {
    report.add("MK0711", "no retry rule takes every address and every error", {
      at: last.at,
      length: last.source.length,
      hint: "add * * F,2h,15m; G,16h,1h,1.5; F,4d,6h at the end",
    });
  }
  for (const rule of all < 0 ? [] : retry.slice(all + 1)) {
    report.add("MK0712", "this retry rule is never reached", {
      at: rule.at,
      length: rule.source.length,
      hint: `the rule in line ${retry[all]?.at.line} takes everything first`,
    });
  }
};
