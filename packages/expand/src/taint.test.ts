import test from "ava";
import { clean, tainted } from "@mailkit/sdk";
import { compile } from "./template.ts";
import { expand, world } from "./test-support.ts";

const variables = { local_part: tainted("bob"), local_part_data: clean("bob"), sender_host_address: tainted("1.2.3.4") };
const files = { "/f": "bob: robert", "/x/bob": "mine" };
const scope = () => world({ variables, files, headers: { to: "a@b" } });

/** Seen on Exim 4.96: what keeps the taint of its source, and what does not. */
const rows: readonly (readonly [source: string, tainted: boolean])[] = [
  ["$local_part", true],
  ["$local_part_data", false],
  ["x$local_part", true],
  ["$h_to:", true],
  ["${lc:$local_part}", true],
  ["${quote:$local_part}", true],
  ["${base64:$local_part}", true],
  ["${hash_2:$local_part}", true],
  ["${tr{$local_part}{a}{b}}", true],
  ["${substr_1:$local_part}", true],
  ["${extract{1}{@}{$local_part}}", true],
  ["${listextract{1}{$local_part}}", true],
  ["${if match{$local_part}{(.*)}{$1}}", true],
  ["${filter{$local_part:x}{eq{$item}{x}}}", true],
  ["${reduce{$local_part:x}{0}{$item}}", true],
  ["${sort{$local_part:b}{lt}{$item}}", true],
  ["${prvs{$local_part@b}{k}}", true],
  ["${utf8clean:$local_part}", true],
  ["${sg{$local_part}{x}{y}}", true],
  ["${sg{$local_part}{.+}{x}}", false],
  ["${md5:$local_part}", false],
  ["${sha1:$local_part}", false],
  ["${nhash_8:$local_part}", false],
  ["${strlen:$local_part}", false],
  ["${listcount:$local_part}", false],
  ["${hmac{md5}{a}{$local_part}}", false],
  ["${reverse_ip:$sender_host_address}", false],
  ["${mask:$sender_host_address/8}", false],
  ["${if eq{$local_part}{bob}{y}{n}}", false],
  ["${map{$local_part:x}{y}}", false],
  ["${lookup{$local_part}lsearch{/f}}", false],
  ["${lookup{$local_part}lsearch{/f}{$value$local_part}}", true],
  ["${if inlist{$local_part}{alice:bob}{$value}}", false],
  ["${if match_local_part{$local_part}{alice:bob}{$value}}", false],
  ["${if inlist{bob}{$local_part}{$value}}", true],
  ["${extract{x}{$local_part}{a}{b}}", false],
];
for (const [source, expected] of rows) {
  test(`${source} is ${expected ? "tainted" : "clean"}`, async (t) => {
    t.like(await compile(source).evaluate(scope()), { kind: "value", tainted: expected });
  });
}

const HINT = "(hint: $local_part_data is the validated form of $local_part)";
const ANY = "(hint: use the result of a lookup or of a list match instead: it is trusted)";
const refusals: readonly (readonly [string, string])[] = [
  ["${readfile{/x/$local_part}}", `Failed: Tainted filename '/x/bob' ${HINT}`],
  ["${readfile{/x/${lc:$local_part}}}", `Failed: Tainted filename '/x/bob' ${HINT}`],
  ["${lookup{a}lsearch{/x/$local_part}}", `Failed: Tainted filename for search: '/x/bob' ${HINT}`],
  ["${readsocket{/x/$local_part}{q}}", `Failed: Tainted filename for search: '/x/bob' ${HINT}`],
  ["${readsocket{inet:$sender_host_address:25}{q}}", `Failed: Tainted filename for search: 'inet:1.2.3.4:25' ${ANY}`],
  ["${run{/bin/$local_part x}}", `Failed: Tainted arg 0 for \${run} command: '/bin/bob' ${HINT}`],
  ["${run,preexpand{/bin/x $local_part}}", `Failed: Tainted arg for \${run,preexpand} command: '/bin/x bob' ${HINT}`],
  ["${acl{$local_part}}", `Failed: attempt to use tainted ACL text "bob" ${ANY}`],
  ["${expand:\\$host$local_part}", `Failed: internal expansion of "$hostbob" failed: attempt to expand tainted string '$hostbob' ${ANY}`],
  ["${sg{x}{x}{\\$1$local_part}}", `Failed: attempt to expand tainted string '$1bob' ${HINT}`],
];
for (const [source, expected] of refusals) {
  test(`refused: ${source}`, async (t) => {
    t.is(await expand(source, scope()), expected);
  });
}

test("the validated variable is accepted", async (t) => {
  t.is(await expand("${readfile{/x/$local_part_data}}", scope()), "mine");
  t.is(await expand("${sg{x}{x}{$local_part}}", scope()), "bob", "text without a dollar may be tainted");
});
