import test from "ava";
import { complete } from "./names.ts";
import type { Names } from "./names.ts";

const NAMES: Names = {
  variables: ["domain", "domain_data", "local_part", "acl_m_mine"],
  headers: ["Subject", "From", "subject"],
  lists: [
    ["domain", "local_domains"],
    ["host", "local_hosts"],
    ["domain", "others"],
  ],
  lookups: ["lsearch", "iplsearch", "dsearch"],
  macros: ["MAIN_LOCAL", "MAIN_TLS", "OTHER"],
  commands: ["set ", "unset ", "explain ", "help", "quit"],
};

const CASES: readonly (readonly [string, string, readonly string[]])[] = [
  ["$dom", "dom", ["domain", "domain_data"]],
  ["x $acl_", "acl_", ["acl_m_mine"]],
  ["$lh", "lh", ["lh_"]],
  ["${domain_", "domain_", ["domain_data}"]],
  ["${loc", "loc", ["local_part:", "local_part}"]],
  ["${rx", "rx", ["rxquote:"]],
  ["${quote_i", "quote_i", ["quote_iplsearch:"]],
  ["${look", "look", ["lookup"]],
  ["$h_s", "s", ["Subject:", "subject:"]],
  ["$rh_FR", "FR", ["From:"]],
  ["${if def:h_f", "f", ["From:"]],
  ["${if def:loc", "loc", ["local_part"]],
  ["${if match_", "match_", ["match_address", "match_domain", "match_ip", "match_local_part"]],
  ["${if and{{eq{a}{b}}{!isip", "isip", ["isip", "isip4", "isip6"]],
  ["${if match_domain{a}{+", "", ["local_domains", "others"]],
  ["${if match_domain{a}{x.y : !+lo", "lo", ["local_domains"]],
  ["${if match_ip{a}{+lo", "lo", ["local_hosts"]],
  ["${if match_ip{$dom", "dom", ["domain", "domain_data"]],
  ["${listnamed:lo", "lo", ["local_domains", "local_hosts"]],
  ["${listnamed_d:+o", "o", ["others"]],
  ["${lookup{a}l", "l", ["lsearch"]],
  ["${lookup{a}partial-ip", "ip", ["iplsearch"]],
  ["${lookup {a} par", "par", ["partial-"]],
  ["MAIN_", "MAIN_", ["MAIN_LOCAL", "MAIN_TLS"]],
  ["set loc", "loc", ["local_part"]],
  ["unset $acl", "acl", ["acl_m_mine"]],
  ["set acl_m_x = $dom", "dom", ["domain", "domain_data"]],
  ["explain ${lsea", "lsea", []],
  ["explain $loc", "loc", ["local_part"]],
  ["ex", "ex", ["explain "]],
  ["some text", "some text", []],
  ["", "", ["explain ", "help", "quit", "set ", "unset "]],
];

for (const [line, typed, expected] of CASES) {
  test(`completion of "${line}"`, (t) => {
    t.deepEqual(complete(line, NAMES), [[...expected], typed]);
  });
}
