import test from "ava";
import type { RetryRule } from "../types.ts";
import { parseTime } from "../values/numbers.ts";
import { showRetryRule } from "./show-retry.ts";

const F = { kind: "F", cutoff: parseTime("2h") as number, interval: parseTime("15m") as number, factor: 1 } as const;
const G = { kind: "G", cutoff: parseTime("10d") as number, interval: parseTime("90m") as number, factor: 2 } as const;

// As printed by Exim 4.96.
const rows: [error: string, steps: RetryRule["steps"], shown: string][] = [
  ["*", [F], "a.b  *  F,2h,15m; "],
  ["*", [], "a.b  *  "],
  ["timeout_connect_mx", [F, G], "a.b  timeout_connect_MX  F,2h,15m; G,1w3d,1h30m,2.0; "],
  ["refused", [{ ...G, kind: "H", factor: 1.5 }], "a.b  refused  H,1w3d,1h30m; "],
  ["rcpt_45x", [{ ...G, factor: 1.5 }], "a.b  *  G,1w3d,1h30m,1.5; "],
  ["quota_7d", [F], "a.b  quota_1w  F,2h,15m; "],
];
for (const [error, steps, shown] of rows) {
  test(shown, (t) => t.is(showRetryRule({ pattern: "a.b", error, steps } as unknown as RetryRule), shown));
}
