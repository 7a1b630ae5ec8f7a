import test from "ava";
import * as fc from "fast-check";
import { arpaName, fullIp, inNetwork, maskIp, parseIp, parseNetwork, shortIp, unmapIp, type Ip } from "./ip.ts";

const VALID: readonly (readonly [string, string, string])[] = [
  ["10.1.2.3", "10.1.2.3", "10.1.2.3"],
  ["255.255.255.255", "255.255.255.255", "255.255.255.255"],
  ["::1", "0000:0000:0000:0000:0000:0000:0000:0001", "::1"],
  ["::", "0000:0000:0000:0000:0000:0000:0000:0000", "::"],
  ["2001:DB8::1", "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"],
  ["1:0:0:2:0:0:0:3", "0001:0000:0000:0002:0000:0000:0000:0003", "1:0:0:2::3"],
  ["1:0:2:3:4:5:6:7", "0001:0000:0002:0003:0004:0005:0006:0007", "1:0:2:3:4:5:6:7"],
  ["::ffff:1.2.3.4", "0000:0000:0000:0000:0000:ffff:0102:0304", "::ffff:102:304"],
  ["fe80::1%lo", "fe80:0000:0000:0000:0000:0000:0000:0001", "fe80::1"],
];

for (const [text, full, short] of VALID) {
  test(`reads ${text}`, (t) => {
    const ip = parseIp(text) as Ip;
    t.is(fullIp(ip), full);
    t.is(shortIp(ip), short);
    t.deepEqual(parseIp(full), ip);
  });
}

for (const text of [
  "",
  "1.2.3",
  "1.2.3.4.5",
  "256.1.1.1",
  "01.2.3.4",
  "1..2.3",
  "a.b.c.d",
  ":",
  ":::",
  "1::2::3",
  "12345::",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "::1.2.3",
  "1.2.3.4::",
]) {
  test(`refuses ${JSON.stringify(text)}`, (t) => t.is(parseIp(text), undefined));
}

const MASKS: readonly (readonly [string, string, boolean])[] = [
  ["192.168.23.237", "192.168.23.236/31", true],
  ["192.168.23.238", "192.168.23.236/31", false],
  ["1.2.3.4", "1.2.3.4", true],
  ["1.2.3.4", "1.2.3.4/", true],
  ["1.2.3.4", "1.2.3.4/33", true],
  ["1.2.3.5", "1.2.3.4/33", false],
  ["200.0.0.1", "0.0.0.0/0", true],
  ["::1", "0.0.0.0/0", false],
  ["3ffe:ffff:836f::9", "3ffe:ffff:836f::/48", true],
  ["3ffe:ffff:8370::9", "3ffe:ffff:836f::/48", false],
  ["::ffff:1.2.3.4", "1.2.3.0/24", false],
];

for (const [ip, network, expected] of MASKS) {
  test(`${ip} in ${network}: ${expected}`, (t) => {
    t.is(inNetwork(parseIp(ip) as Ip, parseNetwork(network) as { ip: Ip; bits: number }), expected);
  });
}

test("masks and mapped addresses", (t) => {
  t.is(fullIp(maskIp(parseIp("192.168.34.6") as Ip, 24)), "192.168.34.0");
  t.is(fullIp(maskIp(parseIp("2001:db8:ffff::1") as Ip, 36), "."), "2001.0db8.f000.0000.0000.0000.0000.0000");
  t.is(fullIp(unmapIp(parseIp("::ffff:1.2.3.4") as Ip)), "1.2.3.4");
  t.is(parseNetwork("1.2.3.0/2x"), undefined);
  t.is(parseNetwork("1.2.3.4/-1"), undefined);
});

test("reverse names", (t) => {
  t.is(arpaName(parseIp("192.168.4.5") as Ip), "5.4.168.192.in-addr.arpa");
  t.is(arpaName(parseIp("2001:db8::1") as Ip), `1.${"0.".repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`);
});

test("what is printed reads as the same address", (t) => {
  const word = fc.nat(0xffffffff);
  fc.assert(
    fc.property(fc.oneof(fc.tuple(word), fc.tuple(word, word, word, word)), (words) => {
      const ip: Ip = { version: words.length === 1 ? 4 : 6, words };
      t.deepEqual(parseIp(shortIp(ip)), ip);
      t.deepEqual(parseIp(fullIp(ip)), ip);
    }),
  );
});

test("parsing is total", (t) => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom("1", "0", "f", ":", ".", "/", "%") }), (text) => (parseNetwork(text), true)));
  t.pass();
});
