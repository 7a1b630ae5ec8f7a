/** Each trap: a configuration that falls into it and one beside it that does not. */
import test from "ava";
import { CODES } from "../codes.ts";
import { load } from "../testing/load.ts";
import { SAMPLE } from "../testing/sample.ts";
import { lint } from "./lint.ts";
import { outcomesOf } from "./outcomes.ts";

const codes = (config: string, code: string): readonly string[] =>
  lint(load(config)).flatMap(({ code: found, at }) => (found === code ? [`${at?.line}:${at?.column}`] : []));

const ACCEPT = "  driver = accept\n  transport = t\n";
const rcpt = (...lines: string[]): string => `acl_smtp_rcpt = a\nbegin acl\na:\n${lines.map((line) => `  ${line}\n`).join("")}`;

const router = (line: string, driver = "accept"): string => `begin routers\nr:\n  driver = ${driver}\n  transport = t\n  ${line}\n`;

const ROWS: readonly (readonly [code: string, why: string, config: string, places: readonly string[]])[] = [
  ["MK0701", "text beside the condition", `begin routers\nr:\n${ACCEPT}  condition = \${if eq{a}{b}} {x}`, ["5:30"]],
  ["MK0701", "a whole condition", `begin routers\nr:\n${ACCEPT}  condition = \${if eq{a}{b}{yes}{no}}`, []],
  ["MK0701", "two conditions in a row", router("condition = ${if eq{a}{b}{y}{n}}${if eq{a}{b}{y}{n}}"), ["5:15"]],
  ["MK0701", "the second of two", router("condition = ${if eq{a}{b}}\n  condition = ${if eq{a}{b}} {x}"), ["6:30"]],
  ["MK0701", "text without any ${if", router("condition = eq{$domain}{a}"), ["5:15"]],
  ["MK0701", "a word that is not false", router("condition = never"), ["5:15"]],
  ["MK0701", "a word that says so", router("condition = true"), []],
  ["MK0701", "no alternative is false", router("condition = ${if eq{a}{b}{yes}{not}}"), ["5:15"]],
  ["MK0701", "a lookup may be empty", router("condition = ${lookup{a}lsearch{/f}{$value}{no}}"), []],
  ["MK0701", "letters of false may make it", router("condition = ${if eq{a}{b}{n}{y}}o"), []],
  ["MK0702", "an address behind a name", rcpt("accept hosts = *.x.example : 192.0.2.1"), ["4:18"]],
  ["MK0702", "the other order", rcpt("accept hosts = 192.0.2.1 : *.x.example"), []],
  ["MK0702", "+ignore_unknown", rcpt("accept hosts = +ignore_unknown : *.x.example : 192.0.2.1"), []],
  ["MK0702", "+ignore_unknown behind the name", rcpt("accept hosts = *.x.example : +ignore_unknown : 192.0.2.1"), ["4:18"]],
  ["MK0702", "a negated name", rcpt("accept hosts = !*.x.example : 192.0.2.1"), ["4:18"]],
  ["MK0702", "a regular expression, before a network", rcpt("accept hosts = ^mail : 192.0.2.0/24"), ["4:18"]],
  ["MK0702", "a named list ends alone", `hostlist n = *.x.example\n${rcpt("accept hosts = +n : 192.0.2.1")}`, []],
  ["MK0702", "a lookup by address", rcpt("accept hosts = net-lsearch;/f : 192.0.2.1"), []],
  ["MK0702", "a lookup by name in an option", "host_lookup = lsearch;/f : 192.0.2.1", ["1:15"]],
  ["MK0703", "a macro inside the word", "TLS = 1\n.ifdef TLS_PORT\n.endif", ["2:1"]],
  ["MK0703", "the macro itself", "TLS = 1\n.ifdef TLS\n.endif", []],
  ["MK0703", "a predefined name is longer than another on purpose", ".ifdef _HAVE_TLS_RESUME\n.endif", []],
  ["MK0704", "a network", rcpt("accept hosts = 2001:db8::/32"), ["4:18"]],
  ["MK0704", "the loopback address", rcpt("accept hosts = 127.0.0.1 : ::1"), ["4:30"]],
  ["MK0704", "negated", rcpt("accept hosts = !2001:db8::1"), ["4:19"]],
  ["MK0704", "doubled colons of the loopback address", rcpt("accept hosts = 127.0.0.1 : ::::1"), []],
  ["MK0704", "ignore_target_hosts", router("ignore_target_hosts = ::1"), ["5:25"]],
  [
    "MK0704",
    "the hosts of a transport",
    "begin transports\nt:\n  driver = smtp\n  hosts = 2001:db8::25\n  interface = fe80::1",
    ["4:11", "5:15"],
  ],
  ["MK0704", "route_list", router("route_list = a.example 2001:db8::1", "manualroute"), ["5:26"]],
  ["MK0704", "match_ip", router("condition = ${if match_ip{$h}{127.0.0.1 : ::1}}"), ["5:45"]],
  ["MK0704", "single colons", "hostlist a = 2001:db8::1 : 192.0.2.1", ["1:14"]],
  ["MK0704", "a short address", "local_interfaces = 127.0.0.1 : fe80::1", ["1:32"]],
  ["MK0704", "doubled colons", "hostlist a = 2001::db8::::1 : 192.0.2.1", []],
  ["MK0704", "another separator", "hostlist a = <; 2001:db8::1 ; 192.0.2.1", []],
  ["MK0704", "a list of ports", "daemon_smtp_ports = 25:465:587\ntls_on_connect_ports = 465:2465", []],
  ["MK0705", "accept without a condition", rcpt("accept"), ["4:3"]],
  ["MK0705", "a sender says nothing", rcpt("require verify = sender", "accept senders = *@example.org"), ["5:3"]],
  ["MK0705", "all hosts", rcpt("accept hosts = *"), ["4:3"]],
  ["MK0705", "an inline ACL", "acl_smtp_rcpt = accept", ["1:1"]],
  ["MK0705", "after a require on domains", rcpt("require domains = a", "accept"), []],
  ["MK0705", "after a deny for other hosts", rcpt("deny !hosts = 192.0.2.0/24", "accept"), []],
  ["MK0705", "a deny for some is not enough", rcpt("deny hosts = 192.0.2.1", "accept"), ["5:3"]],
  ["MK0705", "a condition that is always true", rcpt("accept condition = true"), ["4:3"]],
  ["MK0705", "a named list of everything", `domainlist all = *\n${rcpt("accept domains = +all")}`, ["5:3"]],
  ["MK0705", "all but local domains", `domainlist l = x\n${rcpt("accept domains = !+l")}`, ["5:3"]],
  ["MK0705", "all but some hosts", rcpt("accept !hosts = 192.0.2.1"), ["4:3"]],
  ["MK0705", "encrypted says nothing of the client", rcpt("accept encrypted = *"), ["4:3"]],
  ["MK0705", "an ACL that asks nothing", rcpt("accept acl = b", "b:", "accept"), ["4:3"]],
  ["MK0705", "an ACL that asks", rcpt("accept acl = b", "b:", "accept hosts = 192.0.2.1"), []],
  ["MK0705", "ACLs in a circle", rcpt("accept acl = a"), []],
  ["MK0705", "after a deny for all but local domains", rcpt("deny domains = !a.example", "accept"), []],
  ["MK0706", "an unused list, macro, transport", "AB = 1\ndomainlist a = x\nbegin transports\nt:\n  driver = smtp", ["2:12", "4:1", "1:1"]],
  ["MK0706", "a macro that .ifdef uses", "AB = 1\n.ifdef AB\n.endif", []],
  ["MK0707", "a longer name", "DIR = /etc\nqualify_domain = MY_DIR", ["2:18"]],
  ["MK0707", "the longer name is a macro too", "MY_DIR = a\nDIR = /etc\nqualify_domain = MY_DIR DIR", []],
  ["MK0707", "beside small letters", "DIR = /etc\nqualify_domain = xDIRx", []],
  ["MK0708", "behind a list", "domainlist a = x : y # ours", ["1:22"]],
  ["MK0708", "behind a file", "begin transports\nt:\n  driver = appendfile\n  file = /x # a box", ["4:13"]],
  ["MK0708", "in an ACL", rcpt("accept domains = a # local"), ["4:22"]],
  ["MK0708", "texts for people", `${rcpt("deny message = see # 5")}\n`, []],
  ["MK0708", "a part of a word, in braces, a pattern", "domainlist a = x#y : ${sg{a}{ # }{}} \ndomainlist b = ^a # b", []],
  ["MK0709", "an expression", router('condition = "${if match{$domain}{\\N^\\d+$\\N}}"'), ["5:36"]],
  ["MK0709", "doubled ones, and those of characters", router('condition = "\\\\d \\n\\x41\\101\\""'), []],
  ["MK0709", "without quotes", router("condition = \\d"), []],
  ["MK0709", "quotes of an ACL are not read", rcpt('deny message = "\\d"'), []],
  ["MK0710", "no ACL for RCPT", "queue_only", ["1:1"]],
  ["MK0711", "no rule for everything", "begin retry\na * F,1h,1m", ["2:1"]],
  ["MK0711", "a rule for everything", "begin retry\n* * F,1h,1m", []],
  ["MK0712", "a rule behind it", "begin retry\n* * F,1h,1m\na * F,1h,1m", ["3:1"]],
  ["MK0713", "no is the text for true", router("condition = ${if eq{$domain}{a}{no}}"), ["5:15"]],
  ["MK0713", "a choice", router("condition = ${if eq{$domain}{a}{no}{yes}}"), []],
  ["MK0713", "no: a router switched off", router("condition = no"), []],
  ["MK0714", "a text for true", rcpt("deny condition = ${if eq{a}{b}{spam}{}}"), ["4:20"]],
  ["MK0714", "text beside the condition", rcpt("deny condition = ${if eq{a}{b}} {x}"), ["4:20"]],
  ["MK0714", "text beside what is not known", rcpt("deny condition = $domain x"), ["4:20"]],
  ["MK0714", "yes and no", rcpt("deny condition = ${if eq{a}{b}{yes}{no}}", "deny condition = $acl_m_x", "deny condition = 1"), []],
  ["MK0715", "condition", rcpt("deny condition = ${lookup{a}lsearch{/f}{yes}fail}"), ["4:20"]],
  ["MK0715", "dnslists", rcpt("deny dnslists = ${if eq{a}{b}{x.example}fail}"), ["4:19"]],
  ["MK0715", "a list is false instead", rcpt("deny senders = ${if eq{a}{b}{x@y}fail}"), []],
  ["MK0716", "a name before it", "domainlist a = x : !y", ["1:20"]],
  ["MK0716", "negated ones in front", "domainlist a = !y : x", []],
  ["MK0716", "an exception to the negated pattern", "domainlist a = a.x : !*.x", []],
  ["MK0717", "behind an asterisk", rcpt("accept hosts = * : !192.0.2.1"), ["4:22"]],
  ["MK0717", "any address", rcpt("accept senders = *@* : a@b"), ["4:26"]],
  ["MK0717", "an asterisk at the end", rcpt("accept hosts = !192.0.2.1 : *"), []],
  ["MK0717", "any local part of a domain", rcpt("accept senders = *@a : a@b"), []],
  ["MK0718", "two domains", "domainlist a = x.example::y.example", ["1:16"]],
  ["MK0718", "two addresses", rcpt("accept senders = a@x::b@y"), ["4:20"]],
  ["MK0718", "an expression, a lookup, an address", "domainlist a = ^a::b : lsearch;/a::b\nhostlist b = 2001::db8::::1", []],
  ["MK0719", "no dot", "domainlist a = *example.org", ["1:16"]],
  ["MK0719", "in an address", rcpt("accept senders = *@*example.org"), ["4:20"]],
  ["MK0719", "a dot, a hyphen, all", "domainlist a = *.example.org : *-x.example : *", []],
  ["MK0720", "a whole address", rcpt("accept senders = partial-lsearch;/f"), ["4:20"]],
  ["MK0720", "the domain", rcpt("accept senders = *@partial-lsearch;/f", "accept domains = partial-lsearch;/f"), []],
  ["MK0721", "only deny", `acl_smtp_data = d\n${rcpt("accept", "d:", "deny malware = *")}`, ["6:3"]],
  ["MK0721", "nothing at all", `acl_smtp_mail = d\n${rcpt("accept", "d:")}`, ["6:3"]],
  ["MK0721", "QUIT cannot be refused, and other ACLs call it", `acl_smtp_quit = d\n${rcpt("accept", "d:", "warn set acl_m_a = 1")}`, []],
  ["MK0722", "behind accept", rcpt("accept", "deny hosts = a"), ["5:3"]],
  ["MK0722", "behind a deny with a message only", rcpt("deny message = no", "accept"), ["5:3"]],
  ["MK0722", "behind warn and require", rcpt("warn add_header = x: y", "require message = a", "accept"), []],
  ["MK0723", "message behind the condition", rcpt("require verify = sender", "message = no", "accept"), ["5:3"]],
  ["MK0723", "between two conditions", rcpt("require verify = sender", "message = no", "domains = a", "accept"), []],
  ["MK0723", "deny uses it", rcpt("deny hosts = a", "message = no", "accept"), []],
  ["MK0724", "deny with 450", rcpt("deny message = 450 4.7.1 later", "hosts = a"), ["4:18"]],
  ["MK0724", "defer with 550", rcpt("defer message = 550 no"), ["4:19"]],
  ["MK0724", "accept with 550", rcpt("accept message = 550 no"), ["4:20"]],
  ["MK0724", "right ones", rcpt("deny message = 554 no", "hosts = a", "defer message = 452 full", "accept message = 250 yes"), []],
  ["MK0724", "a refusal behind endpass", rcpt("accept domains = a", "endpass", "message = 550 no", "verify = recipient"), []],
  ["MK0731", "behind accept", `begin routers\nx:\n${ACCEPT}y:\n${ACCEPT}`, ["5:1"]],
  ["MK0731", "behind accept with a condition", `begin routers\nx:\n${ACCEPT}  condition = z\ny:\n${ACCEPT}`, []],
  ["MK0731", "the same domains", `begin routers\nx:\n${ACCEPT}  domains = a\ny:\n${ACCEPT}  domains = a`, ["6:1"]],
  ["MK0731", "other domains", `begin routers\nx:\n${ACCEPT}  domains = a\ny:\n${ACCEPT}  domains = b`, []],
  ["MK0731", "behind no_more without a condition", `begin routers\nx:\n  driver = redirect\n  data = z\n  no_more\ny:\n${ACCEPT}`, ["6:1"]],
  ["MK0731", "domains = * is no condition", `begin routers\nx:\n${ACCEPT}  domains = *\ny:\n${ACCEPT}`, ["6:1"]],
  ["MK0731", "behind a smart host", `${router("route_list = * smart.example", "manualroute")}y:\n${ACCEPT}`, ["6:1"]],
  ["MK0731", "a smart host for some", `${router("route_list = *.x smart.example", "manualroute")}y:\n${ACCEPT}`, []],
  [
    "MK0731",
    "a smart host that may decline",
    `${router("route_list = * h\n  host_find_failed = decline", "manualroute")}y:\n${ACCEPT}`,
    [],
  ],
  ["MK0731", "unseen goes on", `begin routers\nx:\n${ACCEPT}  unseen\ny:\n${ACCEPT}`, []],
  ["MK0731", "redirect_router jumps to it", `begin routers\nx:\n${ACCEPT}  redirect_router = y\ny:\n${ACCEPT}`, []],
];
for (const [code, why, config, places] of ROWS) test(`lint: ${code} ${why}`, (t) => t.deepEqual(codes(config, code), places));

test("an ordinary configuration has no traps", (t) => t.deepEqual(lint(load(SAMPLE)), []));

test("what a string can come to", (t) => {
  const texts = (source: string) => outcomesOf(source)?.texts;
  t.deepEqual(texts("a${if eq{1}{2}{b}{c}}"), ["ab", "ac"]);
  t.deepEqual(texts("${if eq{1}{2}}"), ["true", ""]);
  t.deepEqual(texts("${if eq{1}{2}{y}fail}"), ["y"]);
  t.deepEqual(texts("${if eq{1}{2}{${if eq{1}{2}{x}}}{z}}"), ["x", "", "z"]);
  t.is(texts("$domain"), undefined);
  t.is(texts("${if eq{1}{2}}".repeat(9)), undefined, "too many to look at");
  t.is(outcomesOf("${if"), undefined);
  t.deepEqual(outcomesOf("${if eq{1}{2}{y}fail}  x $domain")?.literal, { text: "x", offset: 23 });
  t.is(outcomesOf("a${lookup{a}lsearch{/f}{x}fail}")?.forced, 1);
});

test("every code of lint has a configuration here that falls into it", (t) => {
  const tried = new Set(ROWS.flatMap(([code, , , places]) => (places.length > 0 ? [code] : [])));
  t.deepEqual(
    Object.keys(CODES).filter((code) => code.startsWith("MK07") && !tried.has(code)),
    [],
  );
});

test("ACLs that call each other many times are looked at once", (t) => {
  const acls = Array.from({ length: 40 }, (_, i) => [`a${i}:`, ...Array.from({ length: 6 }, () => `accept acl = a${i + 1}`)]).flat();
  const config = (last: string) => `acl_smtp_rcpt = a0\nbegin acl\n${[...acls, "a40:", last].join("\n")}\n`;
  t.deepEqual(codes(config("accept hosts = 192.0.2.1"), "MK0705"), []);
  t.deepEqual(codes(config("accept"), "MK0705"), ["4:1"]);
});

test("every finding says what to do, and where", (t) => {
  for (const [code, , config] of ROWS) {
    for (const found of lint(load(config))) {
      if (found.code !== code || code === "MK0706") continue;
      t.truthy(found.hint, code);
      t.truthy(found.at, code);
    }
  }
});
