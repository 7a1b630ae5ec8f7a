import test from "ava";
import { askServers, chooseServers, serverName, splitServer } from "./lookup-servers.ts";
import type { LookupResult } from "./lookups.ts";

const WORDS = { product: "MySQL", option: "mysql_servers" };
const host = { setting: (name: string) => (name === "mysql_servers" ? "slave/d/u/p : master::7/d/u/p" : undefined) };
const choose = (key: string, options = "", tainted = false) => chooseServers({ file: "", key, options, tainted }, WORDS, host);

test("servers: main option, option of the type, head of the query", (t) => {
  const all = ["slave/d/u/p", "master:7/d/u/p"];
  t.deepEqual(choose("select 1", "", true), { servers: all, query: "select 1" });
  t.deepEqual(choose("select 1", "cache=no_rd,servers=master::7", true), { servers: ["master:7/d/u/p"], query: "select 1" });
  t.deepEqual(choose("servers=x/d/u/p:slave;  select 1"), { servers: ["x/d/u/p", "slave/d/u/p"], query: "select 1" });
  t.deepEqual(choose("select 1", "servers=<;x:8/d/u/p;slave"), { servers: ["x:8/d/u/p", "slave/d/u/p"], query: "select 1" });
  t.deepEqual(choose("select 1", "servers=(/a/b)/d/u/p"), { servers: ["(/a/b)/d/u/p"], query: "select 1" });
});

test("servers: faults", (t) => {
  t.is(
    chooseServers({ file: "", key: "x", options: "" }, WORDS, { setting: () => undefined }),
    "no MySQL servers defined (mysql_servers option)",
  );
  t.is(choose("servers=slave select 1"), 'missing ; after "servers=" in MySQL lookup');
  t.is(choose("servers=;select 1"), '"servers=" defines no servers in "servers=;select 1"');
  t.is(choose("servers=a/b/c/d;select 1", "", true), 'MySQL server "a/b/c/d" is tainted');
  const listed = { file: "", key: "x", options: "servers=a/b/c/d", tainted: true, optionsTainted: true };
  t.is(chooseServers(listed, WORDS, host), 'MySQL server "a/b/c/d" is tainted');
  t.deepEqual(choose("servers=other; x"), { servers: [{ fault: 'MySQL server "other" not found in mysql_servers' }], query: "x" });
});

test("servers are asked until one answers; a fault ends the search", async (t) => {
  const asked: string[] = [];
  const attempt = async (server: string): Promise<LookupResult> => {
    asked.push(server);
    return server === "down" ? { kind: "defer", message: "down" } : { kind: "notFound" };
  };
  t.deepEqual(await askServers({ servers: ["down", "up", "never"], query: "" }, attempt), { kind: "notFound" });
  t.deepEqual(asked, ["down", "up"]);
  t.deepEqual(await askServers({ servers: ["down"], query: "" }, attempt), { kind: "defer", message: "down" });
  t.deepEqual(await askServers({ servers: ["down", { fault: "no" }, "up"], query: "" }, attempt), { kind: "defer", message: "no" });
});

test("server data", (t) => {
  t.deepEqual(splitServer("(/a/b)/d/u/p", 3), { host: "(/a/b)", fields: ["d", "u", "p"] });
  t.is(splitServer("h/u/p", 3), undefined);
  t.is(serverName("h/d/u/secret"), "h/d/u");
});
