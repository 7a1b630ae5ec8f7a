/** The redis lookup against a real Redis. */
import test from "ava";
import { redis } from "../../plugins/lookup-redis/src/index.ts";
import { startRedis } from "../support/databases.ts";
import { lookupBench } from "../support/lookup-bench.ts";
import { ROOT } from "../support/program.ts";
import { needs, run } from "../support/programs.ts";

/** Command, answer. */
const ANSWERS: readonly (readonly [string, string])[] = [
  ["get keyname", "not found"],
  ["set keyname objvalue\\ plus", "= OK"],
  ["get keyname", "= objvalue plus"],
  [" SET\tbin  \\\\\xe9\xff ", "= OK"],
  ["get bin", "= \\\xe9\xff"],
  ["incr n", "= true"],
  ["incr n", "= true"],
  ["get n", "= 2"],
  ["exists n", "= true"],
  ["exists m", "= false"],
  ["rpush l a b c", "= true"],
  ["lrange l 0 -1", "= a\nb\nc"],
  ["lrange m 0 -1", "not found"],
  ["mget n m", "= 2\n"],
  ["hset h a 1 b 2", "= true"],
  ["hgetall h", "= a\n1\nb\n2"],
  ["hgetall m", "not found"],
  ["config get port", "= port\nPORT"],
];

needs(
  test,
  "redis-server",
  "redis-cli",
)("redis: answers, servers, faults", async (t) => {
  const server = await startRedis(t);
  const byName = `${server.address}::${server.port}`;
  const bench = lookupBench(t, [redis()], { redis_servers: `(${server.socket}) : ${byName}//` });
  for (const [query, answer] of ANSWERS) t.is(await bench.ask("redis", query), answer.replace("PORT", String(server.port)), query);

  t.is(await bench.ask(`redis,servers=${byName}`, "get n"), "= 2");
  t.is(await bench.ask(`redis,servers=(${server.socket})/5/`, "get n"), "not found", "another database");
  t.is(await bench.ask(`redis,servers=${server.address}::1//:${byName}`, "get n"), "= 2");
  t.is(await bench.ask("redis,servers=x", "get n"), 'defer: Redis server "x" not found in redis_servers');
  t.regex(await bench.ask("redis", "nonsense"), /^defer: REDIS: query failed: ERR unknown command/);
  t.regex(await bench.ask("redis", "select 3"), /^defer: REDIS: "select" is not possible/);
  t.regex(await bench.ask("redis", ""), /^defer: REDIS: no command/);
  t.regex(await bench.ask(`redis,servers=${byName}/99/`, "get n"), /^defer: REDIS connection failed: ERR DB index/);
  t.regex(await bench.ask(`redis,servers=${server.address}::1//`, "get n"), /^defer: REDIS connection failed: .*ECONNREFUSED/);

  await server.stop();
  t.regex(await bench.ask("redis", "get k"), /^defer: REDIS/);
  await server.start();
  t.is(await bench.ask("redis", "get k"), "not found");

  const program = await run(`${ROOT}/node_modules/.bin/mailkit`, [
    "exim",
    "-C",
    "/dev/null",
    "-be",
    `\${lookup redis,servers=${byName}//{set k v}}`,
  ]);
  t.is(program.stdout, "OK\n", program.stderr);
});

needs(
  test,
  "redis-server",
  "redis-cli",
)("redis: password", async (t) => {
  const server = await startRedis(t, ["--requirepass", "sec/ret"]);
  const place = `(${server.socket})`;
  const bench = lookupBench(t, [redis()], { redis_servers: `${place}//sec/ret` });
  t.is(await bench.ask("redis", "set a b"), "= OK");
  t.regex(await bench.ask(`redis,servers=${place}//wrong`, "get a"), /^defer: REDIS connection failed: WRONGPASS/);
  t.regex(await bench.ask(`redis,servers=${place}//`, "get a"), /^defer: REDIS: query failed: NOAUTH/);
});
