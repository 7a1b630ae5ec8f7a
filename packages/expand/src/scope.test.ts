import test from "ava";
import { clean, tainted } from "@mailkit/sdk";
import type { TraceEvent } from "@mailkit/sdk";
import { compile, CONDITION_VARIABLES, knownVariables, variableFamilies } from "./index.ts";
import { makeStringService } from "./template.ts";
import { expand, NOW, world } from "./test-support.ts";

test("the table has every variable of the manual", (t) => {
  t.is(knownVariables.size, 294);
  t.true(knownVariables.get("local_part")?.tainted);
  t.false(knownVariables.get("local_part_data")?.tainted);
  for (const { doc } of knownVariables.values()) t.regex(doc, /^\S.{4,}[^.]$/);
  t.is(variableFamilies.length, 5);
});

const times: readonly (readonly [string, string])[] = [
  ["$tod_full", "Tue, 24 Nov 2026 04:08:59 +0000"],
  ["$tod_log", "2026-11-24 04:08:59"],
  ["$tod_logfile", "20261124"],
  ["$tod_zone", "+0000"],
  ["$tod_zulu", "20261124040859Z"],
  ["$tod_bsdinbox", "Tue Nov 24 04:08:59 2026"],
  ["$tod_epoch", String(Math.floor(NOW / 1000))],
  ["$tod_epoch_l", `${NOW}000`],
];
for (const [source, expected] of times) {
  test(`the clock gives ${source}`, async (t) => {
    t.is(await expand(source, world({ settings: { timezone: "UTC" } })), expected);
  });
}

test("the time zone is the option's", async (t) => {
  t.is(await expand("$tod_full", world({ settings: { timezone: "Asia/Kolkata" } })), "Tue, 24 Nov 2026 09:38:59 +0530");
});

test("known names without a value are empty, counters of filters are unknown outside them", async (t) => {
  t.is(await expand("[$sender_rate][$acl_m_x][$r_x][$auth1][$regex9]"), "[][][][][]");
  t.is(await expand("$n0"), 'Failed: unknown variable name "n0"');
  t.is(await expand("$n0", world({ variables: { n0: clean("3") } })), "3");
});

test("strict_acl_vars", async (t) => {
  const strict = { settings: { strictAclVars: true } };
  t.is(await expand("$acl_m_x", world(strict)), 'Failed: unknown variable name "acl_m_x" (strict_acl_vars is set)');
  t.is(await expand("$acl_m_x", world({ ...strict, variables: { acl_m_x: clean("v") } })), "v");
});

test("headers: decoded, half decoded, raw", async (t) => {
  const headers = { subject: "=?iso-8859-1?Q?=E9=00?= =?utf-8?B?w6k=?= x", long: `=?utf-8?Q?${"a".repeat(70)}?=` };
  t.is(await expand("$h_subject:", world({ headers })), "Ã©?Ã© x");
  t.is(await expand("$h_subject:", world({ headers, settings: { headersCharset: "iso-8859-1" } })), "é?é x");
  t.is(await expand("$bh_subject:", world({ headers })), "é?Ã© x");
  t.is(await expand("$rh_subject:", world({ headers })), headers.subject);
  t.is(await expand("$h_long:", world({ headers })), headers.long);
  t.is(await expand("$h_long:", world({ headers, settings: { checkRfc2047Length: false } })), "a".repeat(70));
  t.is(await expand("${if def:h_long:{y}{n}}${if def:h_none:{y}{n}}", world({ headers })), "yn");
});

test("queue_running and first_delivery ask the scope under names that nobody can write", async (t) => {
  const variables = { [CONDITION_VARIABLES.queueRunning]: clean("1"), [CONDITION_VARIABLES.firstDelivery]: clean("") };
  t.is(await expand("${if queue_running{y}{n}}${if first_delivery{y}{n}}", world({ variables })), "yn");
  t.is(await expand("${if or{{eq{0}{0}}{queue_running}}{y}{n}}"), "y");
});

test("numeric variables come back after the item, match leaves them in the frame", async (t) => {
  const scope = world();
  scope.frame.numeric = [clean("all"), clean("one")];
  t.is(await expand("$1 ${if match{ab}{(b)}{$1}} $1 ${sg{x}{(x)}{\\$1\\$1}} $1", scope), "one b one xx one");
  t.is(await expand("${if and{{match{ab}{(a)}}{match{xy}{(y)}}}{$1}}", scope), "y", "the last of and");
  t.is(await expand("${if or{{match{ab}{(c)}}{match{xy}{(y)}}}{$1}}", scope), "y", "the one that was true");
});

test("$value and $item come back, but for run", async (t) => {
  const scope = world();
  scope.frame.items.set("value", clean("v"));
  scope.frame.items.set("item", clean("i"));
  t.is(await expand("${reduce{a:b}{}{$value$item}}${map{x}{$item}}${extract{a}{a=1}{$value}} $value$item", scope), "abx1 vi");
});

test("the trace is a tree: children before parents, one deeper", async (t) => {
  const events: TraceEvent[] = [];
  await expand("x${if eq{$host}{}{${lc:A}}}", world({ events }));
  t.deepEqual(events, [
    { kind: "expand", source: "$host", result: "", depth: 1 },
    { kind: "expand", source: "${lc:A}", result: "a", depth: 1 },
    { kind: "expand", source: "${if eq{$host}{}{${lc:A}}}", result: "a", depth: 0 },
  ]);
});

test("waiting changes nothing", async (t) => {
  const variables = { local_part: tainted("bob"), domain: clean("b.c"), host: clean("1:2:3") };
  const files = { "/f": "bob: robert\nrobert: end" };
  const sources = [
    "a$local_part@$domain-$local_part",
    "${if and{{eq{$local_part}{bob}}{match{$domain}{(b)}}}{$1$local_part$1}{n}}",
    "${if or{{eq{$local_part}{x}}{eqi{$domain}{B.C}}}{y}fail}",
    "${map{$host}{[$item$domain]}}${filter{$host}{>{$item}{1}}}${reduce{$host}{0}{${eval:$value+$item}}}${sort{$host}{>}{$item}}",
    "${lookup{${lookup{$local_part}lsearch{/f}}}lsearch{/f}{$value}{none}}",
    "${if forany{$host}{={$item}{2}}{$item$local_part}{n}}",
    "${sg{$domain}{(.)}{<\\$1\\$local_part>}}",
    "${extract{${if eq{$domain}{b.c}{2}}}{:}{$host}{$value}}",
    "${readfile{/f}{,}}${stat:/f}",
    "${if eq{$local_part}{no}{y}fail}",
    "${lookup{down}lsearch{/f}}",
    "${prvscheck{${prvs{$local_part@$domain}{k}}}{k}{$prvscheck_address}}",
  ];
  for (const source of sources) {
    const [fast, slow] = [world({ variables, files }), world({ variables, files, slow: true })];
    t.deepEqual(await compile(source).evaluate(slow), await compile(source).evaluate(fast), source);
  }
});

test("strings of run time are kept while they are among the latest, and not for ever", (t) => {
  const { compile: kept } = makeStringService();
  const first = kept("a");
  for (let i = 0; i < 255; i++) kept(`x${i}`);
  t.is(kept("a"), first);
  for (let i = 0; i < 600; i++) kept(`y${i}`);
  t.not(kept("a"), first);
});
