import { mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { hashPassword, verifyPassword } from "./password.ts";
import { isUserName, parseUsers, withoutUser, withUser } from "./user-file.ts";
import { openUserStore } from "./user-store.ts";

async function inFolder(run: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "users-"));
  try {
    await run(join(folder, "users"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("argon2id: PHC form, right and wrong, another salt each time", async (t) => {
  const hash = await hashPassword("geheim\xe9");
  t.regex(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  t.not(hash, await hashPassword("geheim\xe9"));
  t.true(await verifyPassword("geheim\xe9", hash));
  t.false(await verifyPassword("geheim", hash));
  for (const bad of [
    "",
    "geheim",
    "$argon2i$v=19$m=1,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
    hash.replace("m=19456", "m=9999999"),
    hash.replace("t=2", "t=0"),
  ]) {
    t.false(await verifyPassword("geheim\xe9", bad), bad);
  }
});

test("a hash of the reference implementation", async (t) => {
  // Test vector of phc-winner-argon2: argon2id, version 19, t = 2, 64 MiB, one lane.
  const hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  t.true(await verifyPassword("password", hash));
  t.false(await verifyPassword("passwore", hash));
});

test("the file: comments and further fields stay", (t) => {
  const text = "# users\n\nanna: h1\nbert:h2:keep:this\nodd line\n";
  t.deepEqual(parseUsers(text), [
    { name: "anna", hash: "h1", rest: "" },
    { name: "bert", hash: "h2", rest: "keep:this" },
  ]);
  t.is(withUser(text, { name: "bert", hash: "h3", rest: "keep:this" }), "# users\n\nanna: h1\nbert:h3:keep:this\nodd line\n");
  t.is(withoutUser(text, "anna"), "# users\n\nbert:h2:keep:this\nodd line\n");
  t.is(withUser("", { name: "x", hash: "h", rest: "" }), "x:h\n");
  t.is(withoutUser("x:h\n", "x"), "");
  fc.assert(
    fc.property(fc.string(), (any) => parseUsers(withUser(any, { name: "zed", hash: "h", rest: "" })).some((user) => user.name === "zed")),
  );
});

test("names", (t) => {
  for (const good of ["fred", "a.b", "x@y.z", "0-1_2+3"]) t.true(isUserName(good), good);
  for (const bad of ["", "a b", "a:b", "../x", "a..b", ".x", "a/b", "A", "x".repeat(65), "a\n"]) t.false(isUserName(bad), bad);
});

test("add, verify, change, remove", (t) =>
  inFolder(async (path) => {
    const store = openUserStore(path);
    t.deepEqual(await store.list(), []);
    t.deepEqual(await store.add("Fred", "one"), { kind: "done" });
    t.is((await stat(path)).mode & 0o777, 0o600);
    t.is((await store.add("fred", "two")).kind, "exists");
    t.true(await store.verify("FRED", "one"));
    t.false(await store.verify("fred", "two"));
    t.false(await store.verify("nobody", "one"));
    t.is((await store.setPassword("fred", "two")).kind, "done");
    t.true(await store.verify("fred", "two"));
    t.is((await store.setPassword("gone", "x")).kind, "unknown");
    t.is((await store.add("a:b", "x")).kind, "badName");
    t.deepEqual(await store.list(), ["fred"]);
    t.is((await store.remove("fred")).kind, "done");
    t.is(await readFile(path, "utf8"), "");
  }));

test("links are not followed; a second writer is told", (t) =>
  inFolder(async (path) => {
    await writeFile(`${path}.target`, "fred:h\n");
    await symlink(`${path}.target`, path);
    await t.throwsAsync(openUserStore(path).list(), { message: /ELOOP/ });
    const other = `${path}2`;
    await writeFile(`${other}.lock`, "");
    t.is((await openUserStore(other).add("fred", "x")).kind, "busy");
  }));
