import test from "ava";
import type { FileService } from "@mailkit/sdk";
import { makeAccountService, parseAccount, parseNsswitch } from "./accounts.ts";

const PASSWD =
  "root:x:0:0:root:/root:/bin/bash\n# comment\n+nis::::::\nann:x:1000:1000:Ann,,,:/home/ann:/bin/sh\nbad:x:a:b\nann:x:9:9::/:/x\n";
const GROUP = "root:x:0:\nmail:x:8:ann,bob\n";

function service(nsswitch: string | undefined, askOthers?: (database: string, key: string) => Promise<string | undefined>, now = () => 0) {
  const content: Record<string, string | undefined> = { "/etc/passwd": PASSWD, "/etc/group": GROUP, "/etc/nsswitch.conf": nsswitch };
  const parsed: string[] = [];
  const kept = new Map<string, unknown>();
  const files = {
    derived<T>(path: string, what: string, derive: (text: string) => T) {
      const text = content[path];
      if (text === undefined) return { code: "ENOENT", message: "No such file or directory" };
      if (!kept.has(path + what)) {
        parsed.push(path);
        kept.set(path + what, derive(text));
      }
      return { value: kept.get(path + what) as T };
    },
  } as unknown as FileService;
  const ask = askOthers ?? (() => Promise.reject(new Error("nobody else is asked")));
  return { accounts: makeAccountService({ files, askOthers: ask, now }), parsed };
}

test("accounts and groups of the files, the first of equal names, parsed once", (t) => {
  const { accounts, parsed } = service("passwd: files systemd\n");
  const ann = { name: "ann", uid: 1000, gid: 1000, gecos: "Ann,,,", home: "/home/ann", shell: "/bin/sh" };
  t.deepEqual(accounts.byName("ann"), ann);
  t.deepEqual(accounts.byUid(1000), ann);
  t.is(accounts.byName("nobody-here"), undefined);
  t.is(accounts.byName("+nis"), undefined);
  t.is(accounts.byName("bad"), undefined);
  t.is(accounts.byName("__proto__"), undefined);
  t.deepEqual(accounts.groupByName("mail"), { name: "mail", gid: 8, members: ["ann", "bob"] });
  t.like(accounts.groupByGid(0) as object, { name: "root" });
  t.is(accounts.groupByGid(77), undefined);
  t.deepEqual(parsed, ["/etc/passwd", "/etc/nsswitch.conf", "/etc/group"]);
});

test("other sources are asked when there are some, and their answers kept for a while", async (t) => {
  const asked: string[] = [];
  let time = 0;
  const others = async (database: string, key: string): Promise<string | undefined> => {
    asked.push(`${database} ${key}`);
    return key === "far" || key === "5000" ? "far:*:5000:5000::/home/far:/bin/sh" : undefined;
  };
  const { accounts } = service("passwd: files [NOTFOUND=continue] sss\ngroup: files\n", others, () => time);
  t.like((await accounts.byName("far")) as object, { uid: 5000 });
  t.like((await accounts.byName("far")) as object, { uid: 5000 });
  t.is(await accounts.byName("none"), undefined);
  t.is(await accounts.byName("none"), undefined);
  t.like((await accounts.byUid(5000)) as object, { name: "far" });
  t.deepEqual(asked, ["passwd far", "passwd none", "passwd 5000"]);
  time = 60_001;
  await accounts.byName("none");
  t.is(asked.length, 4);
  time = 0;
  await accounts.byName("none");
  t.is(asked.length, 5, "the clock was set back: kept answers are too young");
  t.is(accounts.groupByName("far"), undefined);
  for (const name of ["-n", "a b", "a;b", "", "a\0b"]) t.is(await accounts.byName(name), undefined);
  t.is(asked.length, 5);
});

test("lines of passwd and nsswitch.conf", (t) => {
  t.is(parseAccount(""), undefined);
  t.is(parseAccount("a:x:1"), undefined);
  t.like(parseAccount("a:x:1:2:g:/h") as object, { home: "/h", shell: "" });
  t.deepEqual(
    [...parseNsswitch("# c\npasswd:\tfiles sss # x\n bad\ngroup: files[!UNAVAIL=return]ldap\n")],
    [
      ["passwd", ["files", "sss"]],
      ["group", ["files", "ldap"]],
    ],
  );
});
