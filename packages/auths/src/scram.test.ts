import test from "ava";
import fc from "fast-check";
import {
  clientKey,
  digest,
  escapeName,
  hmac,
  keysOf,
  parseClientFinal,
  parseClientFirst,
  parseServerFirst,
  saltedPassword,
  type ScramHash,
  xor,
} from "./scram.ts";

/** The example dialogues of RFC 5802 §5 and RFC 7677 §3. */
const examples: [ScramHash, string, string, string, string, string][] = [
  [
    "sha1",
    "n=user,r=fyko+d2lbbFgONRv9qkxdawL",
    "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j",
    "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    "rmF9pqV8S7suAoZWja4dJRkFsKQ=",
  ],
  [
    "sha256",
    "n=user,r=rOprNGfwEbeRWgbNEkqO",
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
  ],
];
for (const [hash, clientFirst, serverFirst, clientFinal, proof, verifier] of examples) {
  test(`the RFC's example, ${hash}`, async (t) => {
    const parsed = parseServerFirst(serverFirst);
    if (parsed === undefined) return t.fail();
    const salted = await saltedPassword(hash, "pencil", parsed.salt, parsed.iterations);
    const signed = `${clientFirst},${serverFirst},${clientFinal}`;
    const key = clientKey(hash, salted);
    t.is(xor(key, hmac(hash, digest(hash, key), signed)).toString("base64"), proof);
    t.is(hmac(hash, keysOf(hash, salted).server, signed).toString("base64"), verifier);
    t.is(parseClientFinal(`${clientFinal},p=${proof}`)?.withoutProof, clientFinal);
  });
}

test("first messages", (t) => {
  t.like(parseClientFirst("n,,n=user,r=abc"), { gs2: "n,,", user: "user", nonce: "abc", bare: "n=user,r=abc", authzid: "" });
  t.like(parseClientFirst("y,a=o=2Cther,n=a=3Db,r=x,ext=1"), { gs2: "y,a=o=2Cther,", authzid: "o,ther", user: "a=b" });
  for (const bad of ["p=tls-unique,,n=u,r=x", "n,,n=u=2Dx,r=x", "n,,r=x", "", "n,,n=u,r="]) t.is(parseClientFirst(bad), undefined, bad);
  for (const bad of ["r=a,s=,i=1", "r=a,s=QQ==,i=0", "r=a,s=QQ==,i=99999999"]) t.is(parseServerFirst(bad), undefined, bad);
});

test("any text: parsers never throw, names come back", (t) => {
  fc.assert(fc.property(fc.string(), (text) => (parseClientFirst(text), parseServerFirst(text), parseClientFinal(text), true)));
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }).filter((name) => !/[\r\n\0]/.test(name)),
      (name) => parseClientFirst(`n,,n=${escapeName(name)},r=x`)?.user === name,
    ),
  );
  t.pass();
});
