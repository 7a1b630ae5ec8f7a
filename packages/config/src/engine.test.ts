/** With the real expander and the real lists: what is good stays good, what is bad is found in its place. */
import test from "ava";
import type { ListEnvironment } from "@mailkit/lists";
import { engineCompilers } from "./engine-compilers.ts";
import { faultLines, load } from "./testing/load.ts";
import { SAMPLE } from "./testing/sample.ts";

const environment: ListEnvironment = {
  primaryHostname: () => "host.example",
  localAddresses: () => [],
  isLocalMx: () => ({ kind: "no" }),
  addressesOf: () => ({ kind: "unknown" }),
};
const compilers = engineCompilers(environment);

test("an ordinary configuration loads without a word", (t) => {
  t.deepEqual(faultLines(load(SAMPLE, { compilers })), []);
});

test("every default of the main options is good", (t) => {
  const { main } = load("", { compilers });
  for (const name of [
    "received_header_text",
    "delay_warning_condition",
    "dsn_from",
    "smtp_banner",
    "callout_random_local_part",
    "notifier_socket",
  ]) {
    t.is(main.template(name)?.fault, undefined, name);
  }
  t.is(main.list("helo_lookup_domains")?.source, "@ : @[]");
});

test("faults of expansions and lists", (t) => {
  const config = `smtp_banner = a \${if eq{a}{b}
hold_domains = ok : ^(
begin routers
r:
  driver = redirect
  headers_remove = \${if def::h_x::{a}} : \${if def
  data = \${lc:x} \${nosuch:x}
`;
  t.deepEqual(
    faultLines(load(config, { compilers })).map((line) => line.split(" ").slice(0, 2).join(" ")),
    ["MK0401 1:30", "MK0401 6:50", "MK0401 7:26", "MK0203 2:21"],
  );
});

test("a large configuration loads fast", (t) => {
  const routers = Array.from(
    { length: 150 },
    (_, i) =>
      `r${i}:\n  driver = accept\n  domains = +local_domains : d${i}.example\n  condition = \${if eq{$local_part}{u${i}}}\n  transport = remote_smtp\n  headers_add = X-N: ${i}\n\n`,
  );
  const macros = Array.from({ length: 100 }, (_, i) => `MACRO_${String.fromCharCode(65 + (i % 26))}${i}X = v${i}\n`);
  const config = macros.join("") + SAMPLE.replace("begin transports", `${routers.join("")}begin transports`);
  let best = Infinity;
  for (let i = 0; i < 12; i++) {
    const start = performance.now();
    const configuration = load(config, { compilers });
    best = Math.min(best, performance.now() - start);
    t.is(configuration.routers.length, 153);
  }
  t.true(best < 150, `${best} ms`);
});
