import test from "ava";
import { newRates, rateText, sparkline } from "./rates.ts";

const NOW = 1_000_000_000;

test("rates are means of ten whole seconds, deferrals and rejects are counted for a minute", (t) => {
  const rates = newRates();
  for (let i = 0; i < 100; i++) rates.add("arrival", NOW - 1000 - i * 100);
  for (let i = 0; i < 5; i++) rates.add("delivery", NOW - 2000);
  rates.add("deferred", NOW - 59_000);
  rates.add("deferred", NOW - 61_000);
  rates.add("rejected", NOW);
  rates.add("completed", NOW);
  const { in: arrived, out, defer, reject } = rates.at(NOW);
  t.true(arrived > 9 && arrived <= 10);
  t.is(out, 0.5);
  t.is(defer, 1);
  t.is(reject, 1);
});

test("a slot that comes round again starts at nothing, old times do not come back", (t) => {
  const rates = newRates();
  rates.add("arrival", NOW - 60_000);
  rates.add("arrival", NOW);
  rates.add("arrival", NOW - 120_000);
  t.deepEqual(rates.at(NOW + 1000).steps, [0, 0, 0, 0, 0, 0, 0, 1]);
});

test("sparkline", (t) => {
  t.is(sparkline([0, 1, 2, 4, 8]), "▁▂▃▅█");
  t.is(sparkline([0, 0, 0]), "▁▁▁");
  t.is(sparkline([0, 8], false), "_#");
});

test("words of a rate", (t) => {
  t.deepEqual([41.2, 10, 1.5, 1, 0.2, 0].map(rateText), ["41/s", "10/s", "1.5/s", "1/s", "12/min", "0/min"]);
});
