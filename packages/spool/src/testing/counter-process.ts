import { openHints } from "../hints.ts";

/** Child of the hints test: counts so many times on one key. */
const hints = openHints({ directory: process.argv[2] as string, now: Date.now });
process.send?.("ready");
for (let n = 0; n < Number(process.argv[3]); n++) hints.update<number>("ratelimit", "shared", (old) => (old?.value ?? 0) + 1);
hints.close();
process.disconnect?.();
