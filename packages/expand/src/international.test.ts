import test from "ava";
import { expand, world } from "./test-support.ts";

const utf8 = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** Manual §"MDA operations" and §"MTA operations", Exim 4.96, RFC 3492 §7.1. */
const rows: readonly (readonly [source: string, expected: string])[] = [
  ["${imapfolder{Foo/Bar}}", "Foo.Bar"],
  ["${imapfolder{Foo/Bar}{.}{/}}", "Foo&AC8-Bar"],
  [utf8("${imapfolder{Räksmörgås}}"), "R&AOQ-ksm&APY-rg&AOU-s"],
  ["${imapfolder{Entw&rfe}}", "Entw&-rfe"],
  ["${imapfolder{/a//b/}}", "a.b"],
  ["${imapfolder{a.b}}", "Failed: imapfolder: illegal character '.'"],
  ["${imapfolder{a,b}{/}{,}}", "a&ACw-b"],
  ["${imapfolder{\\xff}}", "Failed: imapfolder: iconv() failed to convert from UTF-8: Invalid or incomplete multibyte or wide character"],
  [utf8("${utf8_domain_to_alabel:bücher.example.COM}"), "xn--bcher-kva.example.com"],
  [utf8("${utf8_domain_to_alabel:BÜCHER}"), "xn--bcher-kva"],
  ["${utf8_domain_from_alabel:xn--bcher-kva.example}", utf8("bücher.example")],
  [utf8("${utf8_domain_to_alabel:他们为什么不说中文}"), "xn--ihqwcrb4cv8a8dqg056pqjye"],
  ["${utf8_domain_from_alabel:xn--ihqwcrb4cv8a8dqg056pqjye}", utf8("他们为什么不说中文")],
  [utf8("${utf8_localpart_to_alabel:é}"), "xn--9ca"],
  ["${utf8_localpart_from_alabel:xn--9ca}", utf8("é")],
  ["${utf8_localpart_from_alabel:abc}", "Failed: error converting alabel (abc) to utf8: bad alabel prefix"],
  ["${utf8_domain_to_alabel:\\xff}", "Failed: error converting utf8 (\\377) to alabel: string encoding error"],
  ["<${utf8_domain_from_alabel: .xn--9ca. b }>", utf8("<é.b>")],
  ["<${utf8_domain_from_alabel:a..b . c.}>", "<a..b.c>"],
  ["<${utf8_domain_from_alabel:..a..}>", "<..a..>"],
  ["${utf8_localpart_from_alabel:\\ta}", "Failed: error converting alabel (\ta) to utf8: bad alabel prefix"],
  ["${utf8_domain_from_alabel:xn--999999999}", "Failed: error converting alabel (xn--999999999) to utf8: invalid punycode"],
  ["${utf8clean:a\\xc3\\xa9\\xff\\xe2\\x82}", utf8("aé") + "??"],
  ["${utf8clean:\\xed\\xa0\\x80\\xc0\\x80\\xf4\\x90\\x80\\x80}", "????"],
  ["${from_utf8:\\xc3\\xa9\\xe2\\x82\\xac}", "\xe9_"],
];
for (const [i, [source, expected]] of rows.entries()) {
  test(`${i + 1}: ${source}`, async (t) => {
    t.is(await expand(source, world()), expected);
  });
}
