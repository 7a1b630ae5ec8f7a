import test from "ava";
import fc from "fast-check";
import { makeWorld, type WorldParts } from "../testing/world.ts";
import type { AclVerdict } from "../types.ts";
import { parseDnslists, queryPrefix, satisfies } from "./dnslists-parse.ts";

const DNS: NonNullable<WorldParts["dns"]> = {
  "1.2.0.192.rbl.test A": ["127.0.0.2"],
  "1.2.0.192.rbl.test TXT": ["go away"],
  "1.2.0.192.both.test A": ["127.0.0.1", "127.0.0.2"],
  "1.2.0.192.dead.test A": ["203.0.113.1"],
  "1.2.0.192.down.test A": "defer",
  "1.2.0.192.merged.test A": ["127.0.0.10"],
  "1.2.0.192.dul.test A": ["127.0.0.3"],
  "1.2.0.192.dul.test TXT": ["dial-up"],
  "sender.test.names.test A": ["127.0.0.2"],
  "9.2.0.192.rbl.test A": ["127.0.0.4"],
};

/** Lists, expected answer, `$dnslist_domain`/`matched`/`value`/`text` after a hit. */
const table: [string, string, string?][] = [
  ["rbl.test", "yes", "rbl.test/192.0.2.1/127.0.0.2/go away"],
  ["other.test : rbl.test", "yes", "rbl.test/192.0.2.1/127.0.0.2/go away"],
  ["other.test", "no"],
  ["rbl.test=127.0.0.2", "yes"],
  ["rbl.test=127.0.0.3", "no"],
  ["rbl.test=127.0.0.3,127.0.0.2", "yes"],
  ["rbl.test!=127.0.0.2", "no"],
  ["rbl.test!=127.0.0.3", "yes"],
  ["rbl.test&0.0.0.2", "yes"],
  ["rbl.test&0.0.0.3", "no"],
  ["rbl.test!&0.0.0.4", "yes"],
  ["both.test=127.0.0.1", "yes", "both.test/192.0.2.1/127.0.0.1, 127.0.0.2/"],
  ["both.test==127.0.0.1", "no"],
  ["both.test==127.0.0.1,127.0.0.2", "yes"],
  ["both.test!&0.0.0.1", "no"],
  ["both.test!=&0.0.0.1", "yes"],
  ["dead.test", "no"],
  ["down.test", "no"],
  ["down.test : rbl.test", "yes"],
  ["+include_unknown : down.test", "yes"],
  ["+include_unknown : +exclude_unknown : down.test", "no"],
  ["+defer_unknown : down.test", "defer"],
  ["+foo : rbl.test", "yes"],
  ["dul.test,merged.test=127.0.0.10", "yes", "dul.test/192.0.2.1/127.0.0.3/dial-up"],
  ["dul.test,merged.test=127.0.0.11", "no"],
  ["other.test,merged.test=127.0.0.10", "no"],
  ["names.test/sender.test", "yes", "names.test/sender.test/127.0.0.2/"],
  ["names.test/<;nix.test;sender.test", "yes", "names.test/sender.test/127.0.0.2/"],
  ["rbl.test/192.0.2.9", "yes", "rbl.test/192.0.2.9/127.0.0.4/"],
  ["rbl.test/192.0.2.8::192.0.2.9", "yes", "rbl.test/192.0.2.9/127.0.0.4/"],
  ["+defer_unknown : down.test/192.0.2.1::192.0.2.2", "defer"],
];
for (const [lists, expected, variables] of table) {
  test(`dnslists = ${lists}`, (t) => {
    const world = makeWorld({ dns: DNS });
    const verdict = world.run(`deny dnslists = ${lists}\naccept`) as AclVerdict;
    t.is({ deny: "yes", accept: "no", defer: "defer" }[verdict.kind as "deny"], expected);
    const known = ["domain", "matched", "value", "text"].map((name) => world.session.extra.get(`dnslist_${name}`)?.text ?? "").join("/");
    if (variables !== undefined) t.is(known, variables);
    if (expected !== "yes") t.is(known, "///");
  });
}

test("failures, strange values and strange switches are logged in Exim's words", (t) => {
  const world = makeWorld({ dns: DNS });
  void world.run("deny dnslists = +foo : down.test : dead.test\naccept");
  t.deepEqual(
    world.logged.map((line) => line.text),
    [
      "unknown item in dnslist (ignored): +foo",
      "DNS list lookup defer (probably timeout) for 1.2.0.192.down.test: assumed not in list",
      "DNS list lookup for 192.0.2.1 at dead.test returned 203.0.113.1; not in 127.0/8 and discarded",
    ],
  );
});

test("without a client there is no key", (t) => {
  t.is((makeWorld({ session: { peer: undefined } }).run("deny dnslists = rbl.test\naccept") as AclVerdict).kind, "accept");
  const local = makeWorld({ session: { peer: undefined } }).run("deny dnslists = rbl.test\naccept", "not_smtp") as AclVerdict;
  t.is(local.logMessage, "cannot test auto-keyed dnslists condition in non-SMTP ACL");
});

test("keys: nibbles for IPv6, mapped IPv4 as IPv4, names as they are", (t) => {
  t.is(queryPrefix("3ffe:ffff:836f:0a00:000a:0800:200a:c031"), "1.3.0.c.a.0.0.2.0.0.8.0.a.0.0.0.0.0.a.0.f.6.3.8.f.f.f.f.e.f.f.3");
  t.is(queryPrefix("::ffff:192.0.2.1"), "1.2.0.192");
  t.is(queryPrefix("a.b"), "a.b");
});

test("any text: never throws", (t) => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (text, found) => {
      for (const entry of parseDnslists(text)) if (entry.kind === "item") satisfies(entry.item.match, found);
      return true;
    }),
  );
  t.pass();
});
