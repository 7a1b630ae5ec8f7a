/** Rules across the configuration: one row a case, the code and place, or nothing. */
import test from "ava";
import { defineRouter, option } from "@mailkit/sdk";
import { eximReport } from "../reporter.ts";
import { fakeCatalogue } from "../testing/catalogue.ts";
import { textOnly, type Compilers } from "../compilers.ts";
import { references } from "./named-lists.ts";
import { faultLines, load } from "../testing/load.ts";

const short = (config: string, compilers: Compilers = textOnly): readonly string[] =>
  faultLines(load(config, { compilers })).map((line) => line.split(" ").slice(0, 2).join(" "));

const local = (transport: string, router = "") =>
  `begin routers\nr:\n  driver = accept\n  transport = t\n${router}begin transports\nt:\n${transport}`;

const ROWS: readonly (readonly [why: string, config: string, faults: readonly string[]])[] = [
  [
    "a transport in a condition is not known before it runs",
    "begin routers\nr:\n  driver = accept\n  transport = ${if eq{a}{b}{t}{u}}",
    [],
  ],
  ["a transport of the system filter", "system_filter_pipe_transport = nix", ["MK0310 1:32"]],
  ["pipe_transport", "begin routers\nr:\n  driver = redirect\n  data = x\n  pipe_transport = nix", ["MK0310 5:20"]],
  [
    "inline ACLs",
    "acl_smtp_vrfy = accept\nacl_smtp_data = /etc/acl\nacl_smtp_mail = ${if eq{a}{b}{c}}\nacl_smtp_helo = deny message = x",
    [],
  ],
  ["a size that is none", "message_size_limit = 10X", ["MK0110 1:22"]],
  ["sizes that are some, or known when they are used", "message_size_limit = 10M\nsmtp_accept_max_per_host = ${if eq{a}{b}{1}{x}}", []],
  ["the size of a transport", local("  driver = appendfile\n  file = /m\n  message_size_limit = large"), ["MK0110 9:24"]],
  ["an unknown ACL in a condition", "begin acl\na:\n  accept acl = nix foo", ["MK0510 3:16"]],
  ["lists of the right kind only", "hostlist a = 192.0.2.1\nhold_domains = !+a", ["MK0204 2:17"]],
  ["words that look like lists", "host_lookup = +include_unknown : +ignore_defer : *.x", []],
  ["a domain list inside an address list", "domainlist d = x\nuntrusted_set_sender = *@+d : *@+e", ["MK0204 2:33"]],
  ["names inside expansions are not looked at", "hold_domains = ${if eq{+a}{b}{c}} : +d", ["MK0204 1:37"]],
  ["named lists inside named lists", "domainlist a = b : +b", ["MK0204 1:20"]],
  ["tainted file", local("  driver = appendfile\n  file = /var/mail/$local_part"), ["MK0417 8:20"]],
  [
    "tainted file in braces and operators",
    local("  driver = appendfile\n  directory = /m/${lc:$domain}/${local_part}/x"),
    ["MK0417 8:18", "MK0417 8:32"],
  ],
  ["validated", local("  driver = appendfile\n  file = /var/mail/$local_part_data"), []],
  ["the result of a lookup is clean", local("  driver = appendfile\n  file = ${lookup{$local_part}lsearch{/f}}"), []],
  ["arguments of a pipe may be tainted, its program not", local("  driver = pipe\n  command = /bin/x $local_part"), []],
  [
    "unquoted in a query",
    "begin acl\na:\n  accept condition = ${lookup pgsql,cache=no_rd {x '$local_part' ${lc:$domain}}}",
    ["MK0418 3:53", "MK0418 3:66"],
  ],
  ["a header in a query", "begin acl\na:\n  accept condition = ${if eq{a}{${lookup redis{get $h_subject:}}}}", ["MK0418 3:52"]],
  [
    "quoted, looked up, validated or no query",
    "begin acl\na:\n  accept condition = ${lookup mysql{x '${quote_mysql:$local_part}' ${lookup{$domain}lsearch{/f}} $domain_data $sender_host_address}} $local_part ${lookup{$domain}cdb{/f}}",
    [],
  ],
  [
    "an unquoted query as a list",
    "domainlist d = a : mysql;select 1 where x='$domain'\ndomainlist e = mysql;select '${quote_mysql:$domain}'",
    ["MK0418 1:44"],
  ],
  ["the program of a pipe", local("  driver = pipe\n  command = /bin/$local_part x"), ["MK0417 8:18"]],
  ["a command that a shell runs", local("  driver = pipe\n  use_shell\n  command = /bin/x $local_part"), ["MK0417 9:20"]],
  [
    "the file of a lookup, deep inside",
    local("  driver = appendfile\n  file = /m/${extract{1}{:}{${lookup{$local_part}lsearch{/etc/$domain/users}}}}"),
    ["MK0417 8:63"],
  ],
  [
    "files, sockets, programs of other items",
    "begin acl\na:\n  accept condition = ${readfile{/x/$domain}}\n  condition = ${run{/bin/$local_part x}}\n  condition = ${if eq{${readsocket{/r/$domain}{x}}}{a}}",
    ["MK0417 3:36", "MK0417 4:26", "MK0417 5:39"],
  ],
  [
    "keys, arguments and validated names",
    "begin acl\na:\n  accept condition = ${lookup{$local_part@$domain}lsearch{/f}}${run{/bin/x $domain}}${readfile{/x/$domain_data}}",
    [],
  ],
  [
    "files and lookups in lists",
    "domainlist d = lsearch;/etc/$sender_address_domain/x : !/y/$domain\nbegin acl\na:\n  accept local_parts = dsearch;/home/$domain : $local_part",
    ["MK0417 1:29", "MK0417 1:60", "MK0417 4:38"],
  ],
  [
    "two servers of one mechanism",
    "begin authenticators\na:\n  driver = plaintext\n  public_name = PLAIN\n  server_condition = 1\nb:\n  driver = plaintext\n  public_name = plain\n  server_condition = 1",
    ["MK0308 6:1"],
  ],
  [
    "a client beside a server",
    "begin authenticators\na:\n  driver = plaintext\n  public_name = PLAIN\n  server_condition = 1\nb:\n  driver = plaintext\n  public_name = PLAIN\n  client_send = x",
    [],
  ],
  ["log_file_path without %s", "log_file_path = syslog : /var/log/mail", ["MK0118 1:26"]],
];
for (const [why, config, faults] of ROWS) test(`rule: ${why}`, (t) => t.deepEqual(short(config), faults));

test("the hint names the router and what it lacks or has", (t) => {
  const hint = (router: string): string | undefined =>
    load(local("  driver = appendfile\n  file = /m/$local_part\n", router)).diagnostics[0]?.hint;
  t.is(hint("  check_local_user\n"), 'router "r" (line 2) has check_local_user, so write $local_part_data');
  t.is(hint(""), 'give router "r" (line 2) check_local_user or local_parts, then write $local_part_data');
});

test("faults of expansions are placed inside the string", (t) => {
  const compilers: Compilers = {
    ...textOnly,
    template: (source, at) => {
      const offset = source.indexOf("BAD");
      return offset < 0 ? textOnly.template(source, at) : { ...textOnly.template(source, at), fault: { message: "bad", offset } };
    },
    list: (kind, source, at, extra) => ({
      ...textOnly.list(kind, source, at, extra),
      faults: source.includes("WRONG") ? [{ message: "wrong", item: "WRONG" }] : [],
    }),
  };
  const config = `smtp_banner = a BAD
host_lookup = a : \\
     WRONG
begin acl
a:
  deny message = x\${y} BAD
begin routers
r:
  driver = redirect
  data = "a\\tBAD"
  set = r_a = 1; r_b = BAD
  condition = ok
  condition =   BAD
begin rewrite
*@a x$BAD
`;
  t.deepEqual(
    [...short(config, compilers)].sort(),
    ["MK0203 3:6", "MK0401 10:14", "MK0401 11:24", "MK0401 13:17", "MK0401 15:7", "MK0401 1:17", "MK0401 6:24"].sort(),
  );
});

test("a driver's own check speaks as Exim does", (t) => {
  const driver = defineRouter({
    name: "picky",
    options: { wish: option.string({ doc: "" }) },
    needs: [],
    check: (_, { isSet }) =>
      isSet("wish") ? [] : [{ code: "MK9001", severity: "error", message: "wish is wanted", eximText: "a wish is required" }],
    route: () => ({ kind: "decline", reason: "" }),
  });
  const catalogue = { ...fakeCatalogue, routers: new Map([["picky", driver]]) };
  const { diagnostics } = load("begin routers\nr:\n  driver = picky", { catalogue });
  t.like(diagnostics[0], { code: "MK9001", at: { line: 2, column: 1 } });
  t.is(eximReport(diagnostics), "Exim configuration error for r router:\n  a wish is required");
});

test("words of a few: case does not count, and Exim is silent about most of them", (t) => {
  const words = {
    host_find_failed: option.oneOf(["defer", "freeze"], { default: "freeze", doc: "" }),
    kind: option.oneOf(["smtp", "lmtp"], { default: "smtp", doc: "" }),
  };
  const driver = defineRouter({ name: "picky", options: words, needs: [], route: () => ({ kind: "decline", reason: "" }) });
  const catalogue = { ...fakeCatalogue, routers: new Map([["picky", driver]]) };
  const read = (line: string) => load(`begin routers\nr:\n  driver = picky\n  ${line}`, { catalogue });
  t.is(read("kind = LMTP").routers[0]?.options["kind"], "lmtp");
  t.is(read("kind = foo").routers[0]?.options["kind"], "smtp");
  t.like(read("kind = lmpt").diagnostics[0], { code: "MK0113", at: { line: 4, column: 10 }, eximText: undefined });
  t.is(
    eximReport(read("host_find_failed = x").diagnostics),
    "Exim configuration error for r router:\n  unrecognized setting for host_find_failed option",
  );
});

test("references in a list with another separator", (t) => {
  t.deepEqual(
    references("<; +a ; !+b;c", "host").map(({ name, offset }) => [name, offset]),
    [
      ["a", 3],
      ["b", 9],
    ],
  );
});

test("hints for tainted names say who sets the variable to write", (t) => {
  const hints = (config: string) => load(config).diagnostics.flatMap(({ code, hint }) => (code === "MK0417" ? [hint] : []));
  const file = "${lookup{x}lsearch{/e/$domain}}";
  const router = (line: string) => `begin routers\nr:\n  driver = redirect\n  ${line}\n  data = ${file}\n`;
  t.deepEqual(hints(router("domains = a.example")), ['router "r" (line 2) has domains, so write $domain_data']);
  t.deepEqual(hints(router("")), ['give router "r" (line 2) domains, then write $domain_data']);
  t.deepEqual(hints(`begin acl\na:\n  deny condition = ${file}\n`), ["write $domain_data, which a domains condition before it sets"]);
  t.deepEqual(hints("localpartlist l = lsearch;/e/$local_part\n"), ["write $local_part_data, which a match of local_parts before it sets"]);
});
