/** Each trap: a configuration that falls into it and one beside it that does not. */
import test from "ava";
import { load } from "../testing/load.ts";
import { SAMPLE } from "../testing/sample.ts";
import { lint } from "./lint.ts";
import { literalRest } from "./routers.ts";

const codes = (config: string, code: string): readonly string[] =>
  lint(load(config)).flatMap(({ code: found, at }) => (found === code ? [`${at?.line}:${at?.column}`] : []));

const ACCEPT = "  driver = accept\n  transport = t\n";
const rcpt = (...lines: string[]): string => `acl_smtp_rcpt = a\nbegin acl\na:\n${lines.map((line) => `  ${line}\n`).join("")}`;

const ROWS: readonly (readonly [code: string, why: string, config: string, places: readonly string[]])[] = [
  ["MK0701", "text beside the condition", `begin routers\nr:\n${ACCEPT}  condition = \${if eq{a}{b}} {x}`, ["5:30"]],
  ["MK0701", "a whole condition", `begin routers\nr:\n${ACCEPT}  condition = \${if eq{a}{b}{yes}{no}}`, []],
  ["MK0702", "an address behind a name", rcpt("accept hosts = *.x.example : 192.0.2.1"), ["4:18"]],
  ["MK0702", "the other order", rcpt("accept hosts = 192.0.2.1 : *.x.example"), []],
  ["MK0702", "+ignore_unknown", rcpt("accept hosts = +ignore_unknown : *.x.example : 192.0.2.1"), []],
  ["MK0702", "a lookup by address", rcpt("accept hosts = net-lsearch;/f : 192.0.2.1"), []],
  ["MK0702", "a lookup by name in an option", "host_lookup = lsearch;/f : 192.0.2.1", ["1:15"]],
  ["MK0703", "a macro inside the word", "TLS = 1\n.ifdef TLS_PORT\n.endif", ["2:1"]],
  ["MK0703", "the macro itself", "TLS = 1\n.ifdef TLS\n.endif", []],
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
  ["MK0706", "an unused list, macro, transport", "AB = 1\ndomainlist a = x\nbegin transports\nt:\n  driver = smtp", ["2:12", "4:1", "1:1"]],
  ["MK0706", "a macro that .ifdef uses", "AB = 1\n.ifdef AB\n.endif", []],
  ["MK0710", "no ACL for RCPT", "queue_only", ["1:1"]],
  ["MK0711", "no rule for everything", "begin retry\na * F,1h,1m", ["2:1"]],
  ["MK0711", "a rule for everything", "begin retry\n* * F,1h,1m", []],
  ["MK0712", "a rule behind it", "begin retry\n* * F,1h,1m\na * F,1h,1m", ["3:1"]],
  ["MK0731", "behind accept", `begin routers\nx:\n${ACCEPT}y:\n${ACCEPT}`, ["5:1"]],
  ["MK0731", "behind accept with a condition", `begin routers\nx:\n${ACCEPT}  condition = z\ny:\n${ACCEPT}`, []],
  ["MK0731", "the same domains", `begin routers\nx:\n${ACCEPT}  domains = a\ny:\n${ACCEPT}  domains = a`, ["6:1"]],
  ["MK0731", "other domains", `begin routers\nx:\n${ACCEPT}  domains = a\ny:\n${ACCEPT}  domains = b`, []],
  ["MK0731", "behind no_more without a condition", `begin routers\nx:\n  driver = redirect\n  data = z\n  no_more\ny:\n${ACCEPT}`, ["6:1"]],
  ["MK0731", "unseen goes on", `begin routers\nx:\n${ACCEPT}  unseen\ny:\n${ACCEPT}`, []],
  ["MK0731", "redirect_router jumps to it", `begin routers\nx:\n${ACCEPT}  redirect_router = y\ny:\n${ACCEPT}`, []],
];
for (const [code, why, config, places] of ROWS) test(`lint: ${code} ${why}`, (t) => t.deepEqual(codes(config, code), places));

test("an ordinary configuration has no traps", (t) => t.deepEqual(lint(load(SAMPLE)), []));

test("text outside of expansions", (t) => {
  t.deepEqual(literalRest("${if a{b}} x $y"), { text: "x", offset: 11 });
  t.is(literalRest("yes"), undefined);
  t.is(literalRest("${if match{a}{\\}}{b}}"), undefined);
});
