/** `-bP`, line by line as a real Exim 4.96 prints it. */
import test from "ava";
import { load } from "../testing/load.ts";
import { SAMPLE } from "../testing/sample.ts";
import { effectiveWithOrigins } from "./origins.ts";
import { show, type ShowOptions } from "./show.ts";

const lines = (config: string, words: string, options?: ShowOptions): readonly string[] =>
  show(load(config), words.split(" "), options).lines;

const CONFIG = `check_spool_space = 0x10K
recipients_max = 010
bounce_return_size_limit = 1048576
header_maxsize = 2048
daemon_startup_retries = -3
exim_user = 8
admin_groups = mail : 5
never_users = root:0
delay_warning = 60m:1d
auto_thaw = 61s
queue_only_load = 1.2349
no_message_logs
smtp_receive_timeout = $foo
hide domainlist a = b
domainlist_cache b = c
hostlist a = x : y
bounce_message_text = "a\\tb\\nc"
hide pgsql_servers = secret
`;

const PLAIN_SPACE = "check_spool_space = 2000\ncheck_log_space = 3M\n";

test("free space is counted in kilobytes", (t) => {
  t.deepEqual(lines(PLAIN_SPACE, "check_spool_space check_log_space"), ["check_spool_space = 2000K", "check_log_space = 3M"]);
  t.is(load(PLAIN_SPACE).main.number("check_spool_space"), 2_048_000);
});

const MAIN: readonly (readonly [words: string, printed: string])[] = [
  ["check_spool_space", "check_spool_space = 16K"],
  ["recipients_max", "recipients_max = 8"],
  ["bounce_return_size_limit", "bounce_return_size_limit = 1M"],
  ["return_size_limit", "return_size_limit = 1M"],
  ["header_maxsize", "header_maxsize = 2048"],
  ["daemon_startup_retries", "daemon_startup_retries = -3"],
  ["exim_user", "exim_user = mail"],
  ["admin_groups", "admin_groups = mail:tty"],
  ["never_users", "never_users = root:root"],
  ["trusted_users", "trusted_users ="],
  ["delay_warning", "delay_warning = 1h:1d"],
  ["auto_thaw", "auto_thaw = 1m1s"],
  ["queue_only_load", "queue_only_load = 1.234"],
  ["deliver_queue_load_max", "deliver_queue_load_max ="],
  ["message_logs", "no_message_logs"],
  ["accept_8bitmime", "accept_8bitmime"],
  ["smtp_receive_timeout", "smtp_receive_timeout = $foo"],
  ["bounce_message_text", "bounce_message_text = a\\tb\\nc"],
  ["acl_smtp_rcpt", "acl_smtp_rcpt = "],
  ["ignore_bounce_errors_after", "ignore_bounce_errors_after = 10w"],
  ["local_interfaces", "local_interfaces = <; ::0 ; 0.0.0.0"],
  ["host_lookup_order", "host_lookup_order = bydns:byaddr"],
  ["qualify_domain", "qualify_domain = host.example"],
  ["log_file_path", "log_file_path = /var/log/exim4/%slog"],
  ["sqlite_lock_timeout", "sqlite_lock_timeout = 5"],
  ["dns_dnssec_ok", "dns_dnssec_ok = -1"],
  ["+a", "domainlist a = b"],
  ["+b", "domainlist b = c"],
  ["+zz", 'no address, domain, host, or local part list called "zz" exists'],
  ["foo", "foo is not a known option"],
  ["no_message_logs", "no_message_logs is not a known option"],
  ["config_file", "/t.conf"],
  ["macro ZZ", "macro ZZ not found"],
  ["router zz", "router zz not found"],
];
for (const [words, printed] of MAIN) test(`-bP ${words}`, (t) => t.deepEqual(lines(CONFIG, words), [printed]));

test("what does not exist is an exit code", (t) => {
  const configuration = load(CONFIG);
  t.false(show(configuration, ["foo"]).ok);
  t.false(show(configuration, ["macro", "ZZ"]).ok);
  t.true(show(configuration, ["queue_only"]).ok);
  t.true(show(configuration, ["foo", "queue_only"]).ok);
  t.false(show(configuration, ["local_scan"]).ok);
});

test("-n leaves names out, but not those of switches", (t) => {
  t.deepEqual(lines(CONFIG, "recipients_max message_logs +b", { bare: true }), ["8", "no_message_logs", "c"]);
});

test("hidden values are for admins", (t) => {
  t.deepEqual(lines(CONFIG, "pgsql_servers +a", { admin: false }), [
    "pgsql_servers = <value not displayable>",
    "domainlist a = <value not displayable>",
  ]);
  t.deepEqual(lines(CONFIG, "pgsql_servers"), ["pgsql_servers = secret"]);
});

test("macros are for admins, and the effective configuration keeps secrets", (t) => {
  const secret = load("A = b\nhide pgsql_servers = A\nhide queue_only\nqualify_domain = A.c\n");
  t.like(show(secret, ["macros"], { admin: false }), { lines: [], ok: false, denied: true });
  t.like(show(secret, ["macro", "A", "queue_only"], { admin: false }), {
    lines: ["queue_only = <value not displayable>"],
    ok: true,
    denied: true,
  });
  t.deepEqual(show(secret, ["config"], { admin: false, bare: true, version: "4.96" }).lines.slice(2), [
    "A = <value not displayable>",
    "hide pgsql_servers = <value not displayable>",
    "<value not displayable>",
    "qualify_domain = b.c",
  ]);
});

test("headers of several settings", (t) => {
  const config = `begin routers
r:
  driver = accept
  transport = t
  headers_add = "a: b\\n"
  headers_add = c: d
  headers_remove = <; e ; f
begin transports
t:
  driver = smtp
`;
  const printed = lines(config, "router r");
  t.true(printed.includes("headers_add = a: b\\nc: d"));
  t.true(printed.includes("headers_remove = e:f"));
});

test("a router, generic options first, as 4.96 prints it", (t) => {
  const config = `begin routers
r1:
  driver = accept
  transport = t
  condition = a
  condition = b
  set = r_x = 1
  set = r_y = 2 ; r_z = 3
  headers_add = a: b
  headers_add = c: d
  headers_remove=x:y
  headers_remove=z
  user = 8
  no_more
  unseen = $foo
  no_verify
  address_data = "a\\\\n\\tb"
begin transports
t:
  driver = smtp
`;
  const printed = lines(config, "router r1");
  for (const line of [
    "address_data = a\\n\\tb",
    "address_test",
    "cannot_route_message = ",
    "condition = ${if and{{bool_lax{a}}{bool_lax{b}}}}",
    "dnssec_request_domains = *",
    "driver = accept",
    "expn",
    "headers_add = a: b\\nc: d",
    "headers_remove = x:y:z",
    "log_as_local",
    "no_more",
    "retry_use_local_part",
    "self = freeze",
    "set = r_x = 1;r_y = 2;r_z = 3",
    "unseen = $foo",
    "user = mail",
    "no_verify_only",
    "no_verify_recipient",
    "no_verify_sender",
  ]) {
    t.true(printed.includes(line), line);
  }
  t.false(printed.some((line) => /^(?:no_)?verify$/.test(line)));
  t.deepEqual(
    printed.map((line) => line.replace(/^no_|\W.*$/g, "")),
    printed.map((line) => line.replace(/^no_|\W.*$/g, "")).sort(),
  );
  t.deepEqual(lines(config, "router_list transport_list"), ["r1", "t"]);
  t.deepEqual(lines(config, "routers").slice(0, 2), ["", "r1 router:"]);
});

test("private options of a transport follow the generic ones", (t) => {
  const printed = lines("begin transports\nt:\n  driver = appendfile\n  mode = 0660\n  quota = 10M\n  file = /x", "transport t");
  const tail = printed.slice(printed.indexOf("user = ") + 1);
  for (const line of [
    "mode = 0660",
    "quota = 10M",
    "lock_fcntl_timeout = 0s",
    "directory_mode = 0700",
    "no_maildir_format",
    "create_file = anywhere",
  ])
    t.true(tail.includes(line), line);
  t.true(printed.includes("retry_use_local_part"));
});

test("the effective configuration", (t) => {
  const files = {
    "/m": "OPT =\n\n# x\n\n.include /i\nsmtp_banner = a  b\tc \\\n  d\nOPT\nbegin acl\na1:\n accept hosts =   a\n   !hosts = c\nbegin routers\nr:\n  driver=accept\nq:\n driver = accept\n",
    "/i": ".include /j\n",
    "/j": "queue_only\n",
  };
  t.deepEqual(show(load(files), ["config"], { version: "4.96" }).lines, [
    "# Exim Configuration (4.96)",
    '# 1 "/m"',
    "OPT =",
    '# 5 "/m"',
    '# 1 "/i"',
    '# 1 "/i"',
    '# 1 "/j"',
    "queue_only",
    '# 1 "/i"',
    '# 5 "/m"',
    "smtp_banner = a b c d",
    "",
    "begin acl",
    "",
    "  a1:",
    "    accept hosts = a",
    "    !hosts = c",
    "",
    "begin routers",
    "",
    "  r:",
    "    driver=accept",
    "",
    "  q:",
    "    driver = accept",
  ]);
});

test("origins: includes, continuation, conditionals, macros that change, sections", (t) => {
  const files = {
    "/m": `DOM = a.example
DOM == DOM : b.example
ADDR=10.0.0.1
.ifdef NOPE
smtp_banner = no
.else
smtp_banner=two  spaces
.endif
domainlist   local = DOM : \\
  # a comment
  c.example : \\
.include /part
  z.example
begin acl
SAY = accept
a:
SAY  hosts=ADDR
deny message = x \\
     y
 domains = -DED
begin routers
r:
driver=accept
begin rewrite
A=b@c  d@e
`,
    "/part": "d.example : \\\n",
  };
  const lines = effectiveWithOrigins(load(files, { defines: [{ name: "DED", value: "q" }] }));
  const place = ({ file, line }: { readonly file: string; readonly line: number }) => `${file}:${line}`;
  t.deepEqual(
    lines.map(({ text, places, macros }) => [
      text,
      places.map(place).join(" "),
      macros.map(({ name, at }) => `${name} ${at === undefined ? "-D" : place(at)}`).join(" "),
    ]),
    [
      ["smtp_banner = two  spaces", "/m:7", ""],
      ["domainlist local = a.example : b.example : c.example : d.example : z.example", "/m:9 /m:11 /part:1 /m:13", "DOM /m:2"],
      ["", "", ""],
      ["begin acl", "/m:14", ""],
      ["", "", ""],
      ["  a:", "/m:16", ""],
      ["    accept  hosts = 10.0.0.1", "/m:17", "ADDR /m:3 SAY /m:15"],
      ["    deny    message = x y", "/m:18 /m:19", ""],
      ["            domains = -q", "/m:20", "DED -D"],
      ["", "", ""],
      ["begin routers", "/m:21", ""],
      ["", "", ""],
      ["  r:", "/m:22", ""],
      ["    driver = accept", "/m:23", ""],
      ["", "", ""],
      ["begin rewrite", "/m:24", ""],
      ["  A=b@c  d@e", "/m:25", ""],
    ],
  );
});

test("every word prints something for a whole configuration", (t) => {
  const configuration = load(SAMPLE);
  t.true(show(configuration, []).lines.length > 250);
  for (const words of ["routers", "transports", "authenticators", "macros", "macro_list", "config", "environment", "all"])
    t.true(show(configuration, [words]).ok, words);
  t.true(show(configuration, ["macros"]).lines.includes("CONFDIR=/etc/mail"));
});
