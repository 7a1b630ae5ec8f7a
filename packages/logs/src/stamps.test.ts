import test from "ava";
import { parseLogLine } from "./parse-line.ts";
import { localOffsets, makeStamper } from "./stamps.ts";

const zones = ["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata"];
/** Around the end of summer time in Europe, and any other day. */
const moments = [Date.UTC(2026, 9, 25, 2, 30), Date.UTC(2026, 9, 24, 23, 59), Date.UTC(2026, 5, 1, 12)];

for (const zone of zones) {
  test(`what is stamped in ${zone} reads back`, (t) => {
    const stamper = makeStamper({ timezone: zone, zone: false, millisec: false });
    const offsetAt = localOffsets(zone);
    for (const moment of moments) t.is(parseLogLine(`${stamper.stamp(moment)} note`, { offsetAt })?.time, moment);
  });
}
