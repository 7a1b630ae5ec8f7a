import test from "ava";
import { lookupCompliance } from "@mailkit/sdk/testing";
import { changesConnection, onlyReads, quote, splitCommand } from "./command.ts";
import { redis } from "./index.ts";
import { resultOf } from "./reply.ts";
import { parseServer } from "./server.ts";
import fc from "fast-check";

/** Query, words. */
const COMMANDS: readonly (readonly [string, readonly string[]])[] = [
  ["", []],
  [" \t\n", []],
  ["get k", ["get", "k"]],
  ["  set\tk \n v  ", ["set", "k", "v"]],
  ["set k a\\ b", ["set", "k", "a b"]],
  ["set k a\\\\ b", ["set", "k", "a\\", "b"]],
  ["set k \\", ["set", "k", "\\"]],
  ["\\ a", [" a"]],
];

for (const [query, words] of COMMANDS) {
  test(`command: ${JSON.stringify(query)}`, (t) => void t.deepEqual(splitCommand(query), words));
}

test("what is quoted is one word", (t) => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: "binary" }), (text) => {
      t.deepEqual(splitCommand(`set ${quote(text)}`), ["set", text]);
    }),
  );
});

test("which commands only read, which are refused", (t) => {
  t.true(onlyReads("GET"));
  t.false(onlyReads("incr"));
  t.true(changesConnection("Select"));
  t.false(changesConnection("get"));
});

const buffer = (text: string) => Buffer.from(text, "latin1");

test("replies", (t) => {
  t.deepEqual(resultOf(null), { kind: "notFound" });
  t.deepEqual(resultOf([]), { kind: "notFound" });
  t.deepEqual(resultOf(7), { kind: "found", text: "true" });
  t.deepEqual(resultOf(0), { kind: "found", text: "false" });
  t.deepEqual(resultOf(buffer("a\xe9")), { kind: "found", text: "a\xe9" });
  t.deepEqual(resultOf([buffer("a"), null, 3, [buffer("b"), 4]]), { kind: "found", text: "a\n\n3\nb\n4" });
});

test("servers", (t) => {
  const base = { socket: undefined, host: "h", port: 6379, database: 0, password: "" };
  t.deepEqual(parseServer("h//"), base);
  t.deepEqual(parseServer("h"), base);
  t.deepEqual(parseServer("h:7/3/a/b"), { ...base, port: 7, database: 3, password: "a/b" });
  t.deepEqual(parseServer("(/run/redis/sock)/1/"), { ...base, socket: "/run/redis/sock", host: "", database: 1 });
  t.regex(parseServer("h/x/") as string, /^bad number/);
  t.regex(parseServer("//") as string, /no host/);
});

test("servers in turn: a connection that fails is not 'not found'", async (t) => {
  const asked: string[] = [];
  const driver = redis({
    ask: async ({ host }, command) => {
      asked.push(`${host} ${command.join("|")}`);
      if (host === "a") return { kind: "unreachable", message: "refused" };
      return host === "b" ? { kind: "refused", message: "MOVED 1 c" } : { kind: "reply", reply: buffer("v") };
    },
    close: async () => {},
  });
  const ask = (servers: string, key: string) =>
    driver.find({ file: "", key, options: "" }, { setting: () => servers } as unknown as Parameters<typeof driver.find>[1]);
  t.deepEqual(await ask("a//:b//:c//", "get k"), { kind: "found", text: "v" });
  t.deepEqual(asked, ["a get|k", "b get|k", "c get|k"]);
  t.deepEqual(await ask("a//", "get k"), { kind: "defer", message: "REDIS connection failed: refused" });
  t.deepEqual(await ask("c//", "set k v"), { kind: "found", text: "v", keep: false });
});

lookupCompliance(
  test,
  () =>
    redis({
      ask: async ({ host }, [name]) => {
        if (host !== "up") return { kind: "unreachable", message: "refused" };
        return { kind: "reply", reply: name === "get" ? buffer("v") : null };
      },
      close: async () => {},
    }),
  [
    { title: "a value", key: "get k", settings: { redis_servers: "down:up" }, expect: "found" },
    { title: "nothing", key: "lpop k", settings: { redis_servers: "up" }, expect: "notFound" },
    { title: "no server", key: "get k", settings: { redis_servers: "down" }, expect: "defer" },
  ],
);
