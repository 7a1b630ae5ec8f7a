/** Values after reading: types, defaults, repeatable options, lists, drivers, rules. */
import test from "ava";
import fc from "fast-check";
import type { CompiledList, IdentityOption, Template, VariableAssignment } from "@mailkit/sdk";
import { MAIN_OPTIONS } from "./main-options.ts";
import { parseFixed, parseInteger, parseOctal, parseTime, showTime } from "./values/numbers.ts";
import { splitList } from "./values/scan.ts";
import { load } from "./testing/load.ts";
import { parseAcl } from "./sections/acl.ts";
import { parseRewriteRules } from "./sections/rewrite.ts";
import { textOnly } from "./compilers.ts";

const NUMBERS: readonly (readonly [string, number | "overflow" | "extra" | "none"])[] = [
  ["0", 0],
  ["010", 8],
  ["0x1F", 31],
  ["50M", 52_428_800],
  ["10k", 10_240],
  ["-3", -3],
  ["2147483647", 2_147_483_647],
  ["2G", "overflow"],
  ["09", "extra"],
  ["1.5", "extra"],
  ["", "none"],
  ["3 K", "extra"],
];
for (const [text, expected] of NUMBERS) {
  test(`integer: ${JSON.stringify(text)}`, (t) => {
    const read = parseInteger(text);
    t.is(read.kind === "value" ? read.value : read.why, expected);
  });
}

test("octal, fixed-point, times", (t) => {
  t.deepEqual(parseOctal("660"), { kind: "value", value: 0o660 });
  t.like(parseOctal("089"), { kind: "fault", why: "extra", offset: 1 });
  t.deepEqual(parseFixed("1.2349"), { kind: "value", value: 1.234 });
  t.like(parseFixed("x"), { kind: "fault", why: "none" });
  t.is(parseTime("1w2d3h4m5s"), 788_645_000);
  t.is(parseTime("90m"), 5_400_000);
  for (const bad of ["5", "", "5x", "1h 3m", "h"]) t.is(parseTime(bad), undefined, bad);
  t.is(showTime(788_645_000), "1w2d3h4m5s");
  t.is(showTime(0), "0s");
});

const LISTS: readonly (readonly [why: string, text: string, items: readonly string[]])[] = [
  ["plain", "a : b:c", ["a", "b", "c"]],
  ["doubled colons", "127.0.0.1 : ::::1", ["127.0.0.1", "::1"]],
  ["without spaces that is two other items", "127.0.0.1::::1", ["127.0.0.1::1"]],
  ["another separator", "<; 127.0.0.1 ; ::1", ["127.0.0.1", "::1"]],
  ["a trailing separator adds nothing", "a : ", ["a"]],
  ["one empty item", ":", [""]],
  ["an empty item in the middle needs space", "a : : b", ["a", "", "b"]],
  ["control characters cannot be doubled", "<\n a\n\nb", ["a", "", "b"]],
  ["the doubled chosen separator", "<; a;;b ; c", ["a;b", "c"]],
  ["empty", "", []],
  ["white space alone", "  ", []],
];
for (const [why, text, items] of LISTS) {
  test(`list: ${why}`, (t) =>
    t.deepEqual(
      splitList(text).map((item) => item.text),
      items,
    ));
}

test("main options: defaults, machine defaults, aliases", (t) => {
  const { main } = load(
    "primary_hostname = mx.example\nreturn_size_limit = 12K\nno_message_logs\ntls_advertise_hosts =\nsmtp_receive_timeout = 90s",
  );
  t.is(main.text("qualify_domain"), "mx.example");
  t.is(main.text("qualify_recipient"), "mx.example");
  t.is(main.text("spool_directory"), "/var/spool/exim4");
  t.is(main.number("bounce_return_size_limit"), 12_288);
  t.is(main.number("recipients_max"), 50_000);
  t.is(main.number("smtp_receive_timeout"), 90_000);
  t.is(main.number("smtp_accept_max_per_connection"), 1000);
  t.is(main.number("ignore_bounce_errors_after"), 10 * 7 * 86_400_000);
  t.false(main.flag("message_logs"));
  t.true(main.flag("accept_8bitmime"));
  t.deepEqual(main.items("local_interfaces"), ["::0", "0.0.0.0"]);
  t.deepEqual(main.items("delay_warning"), ["24h"]);
  t.is(main.list("tls_advertise_hosts")?.source, "");
  t.is(main.list("auth_advertise_hosts")?.source, "*");
  t.is(main.list("hold_domains"), undefined);
  t.is(main.template("smtp_banner")?.source, "$smtp_active_hostname ESMTP Exim $version_number $tod_full");
  t.is(main.template("acl_smtp_rcpt"), undefined);
  t.true(main.isSet("return_size_limit"));
  t.false(main.isSet("acl_smtp_rcpt"));
  t.throws(() => main.text("no_such_option"), { message: /no_such_option/ });
});

test("every main option has a line of documentation and a default that can be asked for", (t) => {
  const { main } = load("");
  for (const [name, spec] of Object.entries(MAIN_OPTIONS)) {
    t.regex(spec.doc, /^[A-Z].*[.]$/, name);
    t.notThrows(() => [main.text(name), main.show(name), main.number(name), main.flag(name), main.items(name), main.template(name)], name);
  }
});

test("repeatable options of a router add up", (t) => {
  const { routers, diagnostics } = load(`begin routers
r1:
  driver = accept
  verify_only
  condition = a
  condition = \${if eq{b}{c}}
  headers_add = X: 1
  headers_add = Y: 2
  headers_remove = a:b
  headers_remove = c
  set = r_x = 1 ; r_y = 2;;3
  set = r_z = 4
  no_verify
  unseen = $foo
  user = mail
  group = 8
  domains = a : b
`);
  t.deepEqual(diagnostics, []);
  const router = routers[0];
  const generic = router?.generic ?? {};
  t.deepEqual(
    (generic["condition"] as Template[]).map((one) => one.source),
    ["a", "${if eq{b}{c}}"],
  );
  t.is((generic["headers_add"] as Template).source, "X: 1\nY: 2");
  t.is((generic["headers_remove"] as Template).source, "a:b:c");
  t.deepEqual(
    (generic["set"] as VariableAssignment[]).map(({ name, template }) => [name, template.source]),
    [
      ["r_x", "1"],
      ["r_y", "2;3"],
      ["r_z", "4"],
    ],
  );
  t.false(generic["verify_sender"]);
  t.false(generic["verify_recipient"]);
  t.is((generic["unseen"] as Template).source, "$foo");
  t.deepEqual(generic["user"], { kind: "name", name: "mail" } satisfies IdentityOption);
  t.deepEqual(generic["group"], { kind: "number", id: 8 } satisfies IdentityOption);
  t.is((generic["domains"] as CompiledList).kind, "domain");
  t.is(generic["more"], true);
  t.like(router?.locate?.("headers_add", 6), { line: 8, column: 18 });
});

test("named lists: kinds, cache, hide, names shared between kinds", (t) => {
  const { lists, diagnostics } = load(
    "domainlist a = x : y\nhide hostlist a = 192.0.2.1\naddresslist_cache b = c@d\nlocalpartlist l = root\n",
  );
  t.deepEqual(diagnostics, []);
  t.is(lists.get("domain")?.get("a")?.list.source, "x : y");
  t.true(lists.get("host")?.get("a")?.hidden);
  t.true(lists.get("address")?.get("b")?.alwaysCache);
  t.is(lists.get("localpart")?.get("l")?.list.kind, "localpart");
  t.like(lists.get("domain")?.get("a")?.locate?.(4), { line: 1, column: 20 });
});

test("ACLs: verbs, items, negation, variables, values as they stand", (t) => {
  const { acls, diagnostics } = load(`begin acl
check:
  accept  hosts = :
  deny    !verify = sender/callout
          message = "not \\t unquoted" $acl_m_x
          ! senders = *@a.b : \\
                      c@d
  warn    set acl_m_x = \${lc:A=B}
          set acl_c1=
  accept  endpass
          acl = other a b
OTHER = other
other: 
  accept
`);
  t.deepEqual(diagnostics, []);
  const items = acls
    .get("check")
    ?.statements.map(({ verb, items }) => [
      verb,
      ...items.map(
        ({ name, value, negated, variable }) => `${negated ? "!" : ""}${name}${variable === undefined ? "" : ` ${variable}`}=${value}`,
      ),
    ]);
  t.deepEqual(items, [
    ["accept", "hosts=:"],
    ["deny", "!verify=sender/callout", 'message="not \\t unquoted" $acl_m_x', "!senders=*@a.b : c@d"],
    ["warn", "set acl_m_x=${lc:A=B}", "set acl_c1="],
    ["accept", "endpass=", "acl=other a b"],
  ]);
  t.like(acls.get("check")?.statements[1]?.items[2]?.locate?.(8), { line: 7, column: 23 });
});

test("an ACL from a file or inline", (t) => {
  const read = parseAcl("# comment\naccept hosts = a : \\\n  b\n\n  message = x\ndeny foo = 1\n", "/etc/acl");
  t.deepEqual(
    read.statements.map(({ verb, items }) => [verb, ...items.map(({ name, value }) => `${name}=${value}`)]),
    [["accept", "hosts=a : b", "message=x"], ["deny"]],
  );
  t.like(read.diagnostics[0], { code: "MK0504", at: { file: "/etc/acl", line: 6, column: 6 } });
  t.deepEqual(
    parseAcl("accept", "inline").statements.map(({ verb }) => verb),
    ["accept"],
  );
});

test("any text is an ACL with statements or faults, each in its place", (t) => {
  const words = [
    "accept ",
    "deny ",
    "require ",
    "warn ",
    "hosts = ",
    "!",
    "domains",
    " = ",
    "set ",
    "acl_m_x",
    "message = ",
    "endpass",
    ":",
    "\\\n",
    "\n",
    "#",
    '"',
    ".include /x\n",
    "AB = 1\n",
  ];
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 6 })), { maxLength: 30 }), (parts) => {
      const text = parts.join("");
      const lines = text.split("\n").length;
      const { statements, diagnostics } = parseAcl(text, "/acl");
      const places = [
        ...statements.flatMap(({ at, items }) => [at, ...items.map((item) => item.at)]),
        ...diagnostics.flatMap(({ at }) => at ?? []),
      ];
      return places.every(({ line, column }) => line >= 1 && line <= lines && column >= 1);
    }),
    { numRuns: 1000, seed: 3 },
  );
  t.pass();
});

test("names of sections: case does not count, nor does the final s; a section stands once", (t) => {
  const text = "begin ACL\na:\n  accept\nbegin Router\nr:\n  driver = accept\n  transport = t\nbegin transport\nt:\n  driver = smtp\n";
  const { acls, routers, transports, diagnostics } = load(text);
  t.deepEqual([acls.size, routers.length, transports.size, diagnostics.length], [1, 1, 1, 0]);
  t.deepEqual(
    load("begin retry\nbegin RETRY\n").diagnostics.map(({ code }) => code),
    ["MK0013"],
  );
});

test("macros in sections: between ACLs and drivers, where they end the one before; in rules there are none", (t) => {
  const config = load(`begin acl
VERB = deny
a:
  VERB
begin routers
r1:
  driver = accept
  transport = t
DRV = redirect
r2:
  driver = DRV
  data = x
begin retry
AB = 1
* * F,1h,1m
`);
  t.is(config.acls.get("a")?.statements[0]?.verb, "deny");
  t.deepEqual(
    config.routers.map(({ driver }) => driver.name),
    ["accept", "redirect"],
  );
  t.deepEqual(
    config.macros.flatMap(({ name, at }) => (at === undefined ? [] : [name])),
    ["VERB", "DRV"],
  );
  t.is(
    load("begin routers\nr1:\n  driver = accept\nAB = 1\n  transport = t\n").diagnostics[0]?.code,
    "MK0302",
    "options behind a macro have no driver",
  );
});

test("retry rules", (t) => {
  const { retry, diagnostics } = load(`begin retry
alice@w.example quota_5d  F,7d,3h
w.example       quota_5d
*   rcpt_4XX   senders=:   F,1h,30m
a.domain rcpt_452 senders = "xb.dom : yc.dom" G,8h,10m,1.5;
^\\N[^@]+@(?:x|y)$\\N * h,1h,1m,2
*  *  F,2h,15m; G,16h,1h,1.5; F,4d,6h
`);
  t.deepEqual(diagnostics, []);
  t.deepEqual(
    retry.map(({ pattern, error, senders, steps }) => [
      pattern,
      error,
      senders?.source,
      steps.map(({ kind, cutoff, interval, factor }) => `${kind},${showTime(cutoff)},${showTime(interval)},${factor}`).join(";"),
    ]),
    [
      ["alice@w.example", "quota_5d", undefined, "F,1w,3h,1"],
      ["w.example", "quota_5d", undefined, ""],
      ["*", "rcpt_4xx", ":", "F,1h,30m,1"],
      ["a.domain", "rcpt_452", "xb.dom : yc.dom", "G,8h,10m,1.5"],
      ["^\\N[^@]+@(?:x|y)$\\N", "*", undefined, "H,1h,1m,2"],
      ["*", "*", undefined, "F,2h,15m,1;G,16h,1h,1.5;F,4d,6h,1"],
    ],
  );
  t.is(retry[4]?.list.source, "<\x01^\\N[^@]+@(?:x|y)$\\N");
});

test("rewriting rules, in the section and in headers_rewrite", (t) => {
  const { rewrite, transports, diagnostics } = load(`begin rewrite
*@*.a.example  $1@a.example
*@a.example    "\${lookup {$1}lsearch{/f}{$value}fail}@a.example" bct frF
^<?(.*)>? $1 S
begin transports
t:
  driver = smtp
  headers_rewrite = a@b c@d f : *@x "e:: f" wq
`);
  t.deepEqual(diagnostics, []);
  t.deepEqual(
    rewrite.map(({ pattern, replacement, flags }) => [pattern, replacement.source, flags]),
    [
      ["*@*.a.example", "$1@a.example", ""],
      ["*@a.example", "${lookup {$1}lsearch{/f}{$value}fail}@a.example", "bctfrF"],
      ["^<?(.*)>?", "$1", "S"],
    ],
  );
  t.is(rewrite[2]?.list, undefined);
  t.deepEqual(
    transports.get("t")?.rewrites?.map(({ pattern, replacement, flags }) => [pattern, replacement.source, flags]),
    [
      ["a@b", "c@d", "f"],
      ["*@x", "e: f", "wq"],
    ],
  );
  t.deepEqual(
    parseRewriteRules("a@b", textOnly).diagnostics.map(({ code }) => code),
    ["MK0610"],
  );
});

test("options that mailkit does not follow are said, never ignored", (t) => {
  const { diagnostics } = load("perl_startup = x\ndisable_fsync\nno_panic_coredump\n");
  t.deepEqual(
    diagnostics.map(({ code, severity }) => `${code} ${severity}`),
    ["MK0120 warning", "MK0121 error"],
  );
});
