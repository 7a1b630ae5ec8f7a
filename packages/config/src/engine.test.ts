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

const acl = (line: string): string => `begin acl\nchk:\n  accept ${line}\n`;
const routed = (line: string, driver = "redirect\n  data = x"): string => `begin routers\nrou:\n  driver = ${driver}\n  ${line}\n`;

/** Each kind of name that can be misspelt, and the name that is proposed. */
const SLIPS: readonly (readonly [what: string, config: string, code: string, near: string])[] = [
  ["main option", "primary_hostnme = x", "MK0102", "primary_hostname"],
  ["section", "begin routrs", "MK0012", "routers"],
  ["log selector", "log_selector = +tls_peerdm", "MK0117", "+tls_peerdn"],
  ["generic option of a router", routed("local_prts = a"), "MK0102", "local_parts"],
  ["private option of a router", routed("check_anscestor"), "MK0102", "check_ancestor"],
  ["option of a transport", "begin transports\nt:\n  driver = pipe\n  comand = x", "MK0102", "command"],
  ["option of an authenticator", "begin authenticators\na:\n  driver = plaintext\n  server_promts = x", "MK0102", "server_prompts"],
  ["router driver", routed("", "acept"), "MK0301", "accept"],
  ["transport driver", "begin transports\nt:\n  driver = smpt", "MK0301", "smtp"],
  ["authenticator driver", "begin authenticators\na:\n  driver = plaintxt", "MK0301", "plaintext"],
  ["transport of a router", `${routed("pipe_transport = pip")}begin transports\npipe:\n  driver = pipe`, "MK0310", "pipe"],
  ["router of a router", routed("redirect_router = ruo"), "MK0311", "rou"],
  ["value of self", routed("self = sned"), "MK0656", "send"],
  ["ACL of a stage", `acl_smtp_rcpt = chek\n${acl("hosts = :")}`, "MK0510", "chk"],
  ["ACL in a condition", acl("acl = chkk x"), "MK0510", "chk"],
  ["ACL verb", "begin acl\na:\n  acept", "MK0503", "accept"],
  ["ACL condition", acl("sendrs = a@b"), "MK0504", "senders"],
  ["ACL modifier", acl("mesage = a"), "MK0504", "message"],
  ["named domain list", `domainlist local = a\n${acl("domains = +locl")}`, "MK0204", "+local"],
  ["named host list", `hostlist relay = 192.0.2.1\n${acl("hosts = !+rely")}`, "MK0204", "+relay"],
  ["named address list", `addresslist bad = a@b\n${acl("senders = +bat")}`, "MK0204", "+bad"],
  ["named local part list", `localpartlist lp1 = a\n${routed("local_parts = +lp2")}`, "MK0204", "+lp1"],
  ["variable", "smtp_banner = $primary_hostnam", "MK0401", "primary_hostname"],
  ["variable in braces", "smtp_banner = ${primary_hostnam}", "MK0401", "primary_hostname"],
  ["variable behind def:", "smtp_banner = ${if def:sender_adress{a}}", "MK0401", "sender_address"],
  ["item", "smtp_banner = ${lokup{a}lsearch{/f}}", "MK0401", "lookup"],
  ["operator", "smtp_banner = ${lenght:x}", "MK0401", "length"],
  ["operator with numbers", "smtp_banner = ${susbtr_1_2:x}", "MK0401", "substr"],
  ["condition", "smtp_banner = ${if matchh{a}{b}{c}}", "MK0401", "match"],
  ["lookup type of an expansion", "smtp_banner = ${lookup{a}partial-lsaerch*,ret=full{/f}}", "MK0401", "lsearch"],
  ["lookup type deep inside", acl("condition = ${if eq{${lc:${lookup mysqll{x}}}}{a}}"), "MK0401", "mysql"],
  ["lookup type of a quote operator", "smtp_banner = ${quote_mysqll:x}", "MK0401", "mysql"],
  ["expansion in an ACL", acl("condition = ${if eq{$domian}{a}}"), "MK0401", "domain"],
  ["expansion in a rewriting rule", "begin rewrite\n*@a $locl_part@b", "MK0401", "local_part"],
  ["expansion in headers_add", routed("headers_add = X: $locl_part"), "MK0401", "local_part"],
  ["retry error", "begin retry\n* timeot F,1h,1m", "MK0602", "timeout"],
];
for (const [what, config, code, near] of SLIPS) {
  test(`did you mean: ${what}`, (t) => {
    const found = load(config, { compilers }).diagnostics.filter((diagnostic) => diagnostic.code === code);
    t.is(found.length, 1);
    t.regex(found[0]?.hint ?? "", /^did you mean "/);
    t.is(/"(.*?)"/.exec(found[0]?.hint ?? "")?.[1], near);
  });
}

test("lookup types with all that may stand around them", (t) => {
  for (const type of ["lsearch", "partial-lsearch*@", "partial2(.)cdb*", "lsearch,ret=full", "dsearch,filter=dir"])
    t.deepEqual(faultLines(load(`smtp_banner = \${lookup{a}${type}{/f}} \${quote_local_part:x}`, { compilers })), [], type);
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
