import test from "ava";
import { delayFor, parseRateLimit } from "./ratelimit.ts";

test("the manual's example", (t) => {
  const limit = parseRateLimit("2,0.5s,1.05,4m");
  t.deepEqual(limit, { threshold: 2, delay: 500, factor: 1.05, limit: 240_000 });
  t.deepEqual(
    [1, 2, 3, 4].map((n) => delayFor(limit as NonNullable<typeof limit>, n)),
    [0, 0, 500, 525],
  );
  t.is(delayFor(limit as NonNullable<typeof limit>, 1000), 240_000);
});

test("not of that form", (t) => {
  for (const text of ["", "2", "2,x,1,4m", "2,1s,1.05", "2,1.2.3s,1,4m"]) t.is(parseRateLimit(text), undefined, text);
});
