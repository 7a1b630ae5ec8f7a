/** What Exim 4.96 prints for each fault, seen on a real one, and that all faults of a file are reported at once. */
import test from "ava";
import { CODES } from "./codes.ts";
import { eximReport, isFatal } from "./reporter.ts";
import { load } from "./testing/load.ts";

const ROUTER = "begin routers\nr1:\n  driver = accept\n  transport = t\n";
const at = (line: number, text: string): string => `Exim configuration error in line ${line} of /t.conf:\n  ${text}`;
const bare = (text: string): string => `Exim configuration error:\n  ${text}`;

/** config, code of the first fault, what Exim prints. */
const FAULTS: readonly (readonly [string, string, string])[] = [
  ["route_dat = 3", "MK0102", at(1, 'main option "route_dat" unknown')],
  ["no_foo", "MK0102", at(1, 'main option "no_foo" unknown')],
  ["queue_only\nqueue_only", "MK0103", at(2, '"queue_only" option set for the second time')],
  ["qualify_domain", "MK0107", at(1, "unexpected end of line (data missing) after qualify_domain")],
  ["qualify_domain a", "MK0107", at(1, 'missing "=" after qualify_domain')],
  ["queue_only = maybe", "MK0105", at(1, '"maybe" is not a valid value for the "queue_only" option')],
  ["queue_only foo", "MK0104", at(1, "extra characters follow boolean option queue_only")],
  ["no_queue_only = true", "MK0104", at(1, "extra characters follow boolean option no_queue_only")],
  ["no_qualify_domain = 3", "MK0106", at(1, "negation prefix applied to a non-boolean option")],
  ["recipients_max = abc", "MK0110", at(1, "integer expected for recipients_max")],
  ["recipients_max = 12x", "MK0110", at(1, "extra characters follow integer value for recipients_max")],
  ["recipients_max = 3G", "MK0110", at(1, 'absolute value of integer "3G" is too large (overflow)')],
  ["check_spool_space = 4000Z", "MK0110", at(1, 'absolute value of integer "4000Z" is too large (overflow)')],
  ["check_spool_space = 40MK", "MK0110", at(1, "extra characters follow integer value for check_spool_space")],
  ["deliver_queue_load_max = x", "MK0110", at(1, "fixed-point number expected for deliver_queue_load_max")],
  ["queue_only_load = 4000000000000000.123", "MK0110", at(1, 'integer "4000000000000000.123" is too large (overflow)')],
  ["auto_thaw = 5", "MK0111", at(1, "invalid time value for auto_thaw")],
  ["smtp_receive_timeout = foo", "MK0111", at(1, "invalid time value for smtp_receive_timeout")],
  ["delay_warning = 1h:30m", "MK0115", at(1, "time value out of order for delay_warning")],
  ['qualify_domain = "abc', "MK0108", at(1, "missing quote at end of string value for qualify_domain")],
  ['qualify_domain = "abc" d', "MK0108", at(1, "extra characters follow string value for qualify_domain")],
  ["never_users = rot", "MK0112", at(1, "user rot was not found")],
  ["exim_group = nix", "MK0112", at(1, "group nix was not found")],
  ["localhost_number = 99", "MK0116", bare("localhost_number is greater than the maximum allowed value (16)")],
  ["syslog_facility = foo", "MK0116", bare('failed to interpret syslog_facility "foo"')],
  ["local_sender_retain", "MK0119", bare("both local_from_check and local_sender_retain are set; this combination is not allowed")],
  ["log_selector = +foo", "MK0117", bare("unknown log_selector setting: +foo")],
  ["log_selector = foo", "MK0117", bare('malformed log_selector setting: + or - expected but found "foo"')],
  ["9queue", "MK0101", at(1, "option setting expected: 9queue")],
  ["hide", "MK0101", at(1, 'main option "" unknown')],
  ["AB = 1\nAB = 2", "MK0002", bare('macro "AB" is already defined (use "==" if you want to redefine it)')],
  ["AB == 1", "MK0002", bare('can\'t redefine an undefined macro "AB"')],
  ["AB = 1\nXABX = 2", "MK0003", bare('"XABX" cannot be defined as a macro because previously defined macro "AB" is a substring')],
  [
    "X_HAVE_TLS = 3",
    "MK0003",
    bare('"X_HAVE_TLS" cannot be defined as a macro because previously defined macro "_HAVE_TLS" is a substring'),
  ],
  ["Queue_only", "MK0001", at(1, "malformed macro definition")],
  [".endif", "MK0005", at(1, ".endif without matching .ifdef")],
  [".ifdef A\nqueue_only", "MK0004", at(2, "Unexpected end of configuration file: .endif missing")],
  [".include /nonexist", "MK0009", at(1, "failed to open included configuration file /nonexist")],
  [".include_if_exists foo", "MK0007", at(1, '.include specifies a non-absolute path "foo"')],
  ["\xef\xbb\xbfqueue_only", "MK0010", at(1, "found unexpected BOM (Byte Order Mark)")],
  ["begin foo", "MK0012", at(1, '"foo" is not a known configuration section name')],
  ["begin acl\nbegin ACLS", "MK0013", at(2, '"ACLS" section is repeated in the configuration file')],
  ["domainlist a = x\ndomainlist a = y", "MK0202", at(2, 'duplicate name "a" for a named domain list')],
  ["hostlist a-b = x", "MK0201", at(1, "missing '=' after \"a\"")],
  ["domainlist_cachex b = c", "MK0201", at(1, "unrecognized configuration line")],
  ["begin routers\nr1:\n  driver = nosuch", "MK0301", at(3, 'router r1: cannot find router driver "nosuch"')],
  ["begin routers\nr1:\n  transport = t", "MK0305", bare('no driver defined for router "r1"')],
  ["begin routers\n  driver = accept", "MK0302", at(2, "router name missing")],
  [`${ROUTER}r1:\n  driver = accept`, "MK0304", bare('there are two routers called "r1"')],
  [`${ROUTER}  foo = 3`, "MK0102", at(5, 'option "foo" unknown')],
  [
    "begin routers\nr1:\n  route_list = a b",
    "MK0102",
    at(3, 'option "route_list" unknown ("driver" must be specified before any private options)'),
  ],
  ["begin routers\nr1: driver = accept", "MK0303", at(2, "extra characters follow driver name r1")],
  [`${ROUTER}  driver = accept`, "MK0103", at(5, '"driver" option set for the second time')],
  [`${ROUTER}  domains = a\n  domains = b`, "MK0103", at(6, '"domains" option set for the second time')],
  [`${ROUTER}AB = 3\n  verify_only`, "MK0302", at(6, "router name missing")],
  ["begin routers\nr1:\n  driver = accept", "MK0306", bare("r1 router:\n  a transport is required for this router")],
  [
    "begin routers\nr1:\n  driver = redirect\n  transport = t",
    "MK0307",
    bare("r1 router:\n  a transport must not be defined for this router"),
  ],
  [`${ROUTER}  self = foo`, "MK0656", "Exim configuration error for r1 router:\n  foo is not valid for the self option"],
  [`${ROUTER}  redirect_router = zz`, "MK0311", bare('new_router "zz" not found for "r1" router')],
  [`${ROUTER}  pass_router = r1`, "MK0312", bare('new_router "r1" does not follow "r1" router')],
  ["begin transports\nt:\n  driver = appendfile\n  mode = 089", "MK0110", at(4, "extra characters follow octal integer value for mode")],
  [
    "begin transports\nt:\n  driver = smtp\n  headers_rewrite = a b E",
    "MK0613",
    at(4, "rewrite rule specifies a non-header rewrite - not allowed at transport time -"),
  ],
  [
    "begin transports\nt:\n  driver = smtp\n  shadow_transport = t",
    "MK0309",
    bare("shadow transport not allowed on non-local transport t"),
  ],
  ["begin acl\nfoo:\n  bar", "MK0503", at(3, 'error in ACL: unknown ACL verb "bar" in "bar"')],
  ["begin acl\nfoo:\n  !accept", "MK0504", at(3, 'error in ACL: malformed ACL line "!accept"')],
  ["begin acl\n  accept", "MK0501", at(2, "missing or malformed ACL name")],
  ["begin acl\nfoo:\n  accept\nAB = 3\n  deny", "MK0501", at(5, "missing or malformed ACL name")],
  ["begin acl\nfoo:\n  accept foo = 1", "MK0504", at(3, 'error in ACL: unknown ACL condition/modifier in "accept foo = 1"')],
  ["begin acl\nfoo:\n  accept hosts", "MK0506", at(3, 'error in ACL: "=" missing after ACL "hosts" condition')],
  ["begin acl\nfoo:\n  accept message", "MK0506", at(3, 'error in ACL: "=" missing after ACL "message" modifier')],
  ["begin acl\nfoo:\n  accept !message = x", "MK0505", at(3, 'error in ACL: ACL error: negation is not allowed with "message"')],
  ["begin acl\nfoo:\n  deny endpass", "MK0505", at(3, 'error in ACL: ACL error: "endpass" is not allowed with "deny"')],
  ["begin acl\nfoo:\n  accept\nfoo:\n  deny", "MK0502", at(4, 'there are two ACLs called "foo"')],
  [
    "begin acl\nfoo:\n  accept set xx = 1",
    "MK0507",
    at(3, 'error in ACL: invalid variable name after "set" in ACL modifier "set xx = 1" (must start "acl_c" or "acl_m")'),
  ],
  ["begin retry\n*", "MK0601", at(2, "missing error type in retry rule")],
  ["begin retry\n* foo F,1h,1m", "MK0602", at(2, 'unknown or malformed retry error "foo"')],
  ["begin retry\n* rcpt_4zx F,1h,1m", "MK0602", at(2, "rcpt_4 must be followed by xx, dx, or dd, where x is literal and d is any digit")],
  ["begin retry\n* quota_3x F,1h,1m", "MK0602", at(2, "bad time value")],
  ["begin retry\n* refused_DNS F,1h,1m", "MK0602", at(2, 'A or MX expected after "refused"')],
  ["begin retry\n* * X,1h,1m", "MK0603", at(2, "unknown retry rule letter")],
  ["begin retry\n* * F,1h", "MK0603", at(2, "comma expected")],
  ["begin retry\n* * F,1h,", "MK0603", at(2, "bad parameters for retry rule")],
  ["begin retry\n* * F,1h,1m G,1h,1m,2", "MK0603", at(2, "semicolon expected")],
  ["begin retry\n* * G,1h,1m,0.5", "MK0603", at(2, "bad parameters for retry rule")],
  ["begin rewrite\na", "MK0610", at(2, "missing rewrite replacement string")],
  ["begin rewrite\na b Z", "MK0611", at(2, "unknown rewrite flag character 'Z' (could be missing quotes round replacement item)")],
  ["begin rewrite\na b S", "MK0612", at(2, "rewrite rule has the S flag but is not a regular expression")],
];

for (const [config, code, expected] of FAULTS) {
  test(`fault: ${JSON.stringify(config)}`, (t) => {
    const { diagnostics } = load(config);
    t.is(eximReport(diagnostics), expected);
    if (code !== "MK0504" || !config.includes("!accept")) t.is(diagnostics.find((one) => one.eximText !== undefined)?.code, code);
  });
}

const ACCEPTED: readonly string[] = [
  "not_queue_only",
  "queue_only = Yes\nmessage_logs = FALSE",
  "daemon_smtp_port = 25\ndaemon_smtp_ports = 26",
  "deliver_queue_load_max = 1.2345",
  'begin retry\n* timeout_DNS f,1h,1m\n* * F,1h,1m ; G,2h,1m,1.5;\na.b rcpt_452 senders = "a : b" F,1h,1m\na.b data_45x',
  'begin rewrite\na@b "c d" E F\n^a b Sh\n*@x ${lookup{$1}lsearch{/f}{$value}fail} Ffrs',
  "begin acl\nfoo:\n  accept : hosts = a\n  accept endpass message = x\n deny !  hosts = b",
  "begin acl\n\nbegin routers\n",
  "BEGIN_X = 1\nbegin ACL\nbegin Router\nbegin RETRY",
  `${ROUTER}  condition = a\n  condition = b\n  headers_add = X: 1\n  headers_add = Y: 2\n  set = r_a = 1\n  set = r_b = 2 ; r_c = 3`,
];

for (const config of ACCEPTED) {
  test(`accepted: ${JSON.stringify(config)}`, (t) => {
    const { diagnostics } = load(config);
    t.deepEqual(
      diagnostics.filter((one) => isFatal(one, "exim")),
      [],
    );
  });
}

test("ten faults are reported at once, each with its place", (t) => {
  const config = `recipients_max = many
route_dat = x
queue_only = perhaps
hostlist relay = 192.0.2.0/24
acl_smtp_rcpt = chek
begin acl
check:
  denny hosts = +relay
  accept hosts = +relai
begin routers
smarthost:
  driver = manualroute
  route_dat = mx.example
  transport = remote_smpt
other:
  driver = acept
begin transports
remote_smtp:
  driver = smtp
  connect_timeout = 5
local:
  driver = appendfile
  file = /var/mail/$local_part
begin retry
* * F,1h
`;
  const found = load(config).diagnostics.map(({ code, at, hint }) => `${code} ${at?.line}:${at?.column} ${hint ?? ""}`);
  t.deepEqual(
    [...found].sort(),
    [
      'MK0102 13:3 did you mean "route_data"?',
      "MK0102 2:1 ",
      "MK0105 3:14 true, false, yes or no",
      "MK0110 1:18 digits, then K, M or G if wanted, as in 50M",
      "MK0111 20:21 a unit is needed: 5s, 5m, 5h",
      'MK0204 9:18 did you mean "+relay"?',
      'MK0301 16:12 did you mean "accept"?',
      'MK0310 14:15 did you mean "remote_smtp"?',
      "MK0417 23:20 write $local_part_data, which a router sets that has check_local_user or local_parts",
      'MK0503 8:3 did you mean "deny"?',
      'MK0510 5:17 did you mean "check"?',
      "MK0603 25:9 as in F,2h,15m",
    ].sort(),
  );
});

test("codes are MK and four digits, and explained", (t) => {
  for (const [code, entry] of Object.entries(CODES)) {
    t.regex(code, /^MK\d{4}$/);
    t.true(entry.title.length > 0 && entry.explanation.endsWith(".") && entry.example.length > 0, code);
  }
});

test("a configuration that cannot be read is one fault", (t) => {
  const configuration = load({ "/t.conf": "x" }, { file: "/none" });
  t.like(configuration.diagnostics[0], { code: "MK0011", eximText: "non-existent configuration file(s): /none" });
  t.is(configuration.routers.length, 0);
});
