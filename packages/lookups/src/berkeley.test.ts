import test from "ava";
import * as fc from "fast-check";
import { inflateRawSync } from "node:zlib";
import { readBerkeley } from "./berkeley.ts";

/** Made by exim_dbmbuild (hash) and by Perl's DB_File (btree) from the same three lines; the third is longer than a page. */
const HASH =
  "7do9igJBEIbhrxxRR5AWxNwTeAYPsGdwUZFVENtA/LvBLuwpzPcugpmJkYmpiYksw6j4F5g5yPtETQUVNHTwdZUkmWKNckZhdChKysW1tO59rCvSQVr9hIO/fFyziz6RQNLit1O/rQMAAAAAgNe4zegZLZ0Ke7dzW7dxa7d03BEAAAAAAEkTjPxnNH//LknW8/0v2XDsZU3frE2qU5nvt2WNXrfVPuf/1HWLogrxIfWg/zPzfzH/BwAAAAAgUey4r6/jvr9p45SdAQAAAACAN3HK/+mLPwDTPCD/A8l/uwAAAADwrH8=";
const BTREE =
  "7dg9DgFBHIbxd4z11QxxgT2BxA32Ag5hRUQiu43Exw3cQO8A4g7baZRKlUpHLbI+YkOjI/L8mpn5F9NN8YwkGd2ETU/ldFOVbhvJ6l1r50tnaRXUjsvKc567r37mTgAAAAAA8BvMS68XlDjjndzB7dzWbVzi6H8AAAAAAL5tvrZR2t6zuuTJDOKop7zMcBRLJZkwDoNxY6J0FkfdtO9Ne9DvdLP9/2h3ez3vnYpTAAAAAADwJx79bzN/AEYLS/8Dv/92AQAAAOBTFw==";
const files = { hash: inflate(HASH), btree: inflate(BTREE) };

function inflate(base64: string): string {
  return inflateRawSync(Buffer.from(base64, "base64")).toString("latin1");
}

for (const [kind, file] of Object.entries(files)) {
  test(`entries of a ${kind} file, long ones from their own pages`, (t) => {
    const read = readBerkeley(file);
    if (read.kind !== "read") return t.fail(read.kind);
    t.deepEqual([...read.entries.keys()].sort(), ["alice\0", "bob@x.y\0", "long\0"]);
    t.is(read.entries.get("bob@x.y\0"), "two\0");
    t.is(read.entries.get("long\0"), `${"z".repeat(5000)}\0`);
  });

  test(`a damaged ${kind} file is told, not followed`, (t) => {
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.nat(255), (at, octet) => {
        const damaged = file.slice(0, at) + String.fromCharCode(octet) + file.slice(at + 1);
        t.true(["read", "corrupt", "foreign"].includes(readBerkeley(damaged).kind));
      }),
    );
    for (let cut = 0; cut < file.length; cut += 97) t.truthy(readBerkeley(file.slice(0, cut)).kind);
  });
}

test("other files are foreign", (t) => {
  t.is(readBerkeley("").kind, "foreign");
  t.is(readBerkeley("a: b\n".repeat(100)).kind, "foreign");
});
