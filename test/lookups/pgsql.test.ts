/** The pgsql lookup against a real PostgreSQL. What Exim 4.96 answers to the same queries stands here. */
import test from "ava";
import { pgsql } from "../../plugins/lookup-pgsql/src/index.ts";
import { postgresFolder, startPostgres } from "../support/databases.ts";
import { lookupBench } from "../support/lookup-bench.ts";
import { ROOT } from "../support/program.ts";
import { needsThat, run } from "../support/programs.ts";

const TABLES = String.raw`
create table them(name text, id text, n int);
insert into them values
  ('Philip Hazel', 'ph10', 1), ('', 'nothing', null), ('"st\q', 'q2', 2), (E'before\r\nafter', 'newline', 3), ('caf' || chr(233), 'e', 4);
create table x(a int);
`;

/** Query, answer. */
const ANSWERS: readonly (readonly [string, string])[] = [
  ["select name from them where id='ph10'", "= Philip Hazel"],
  ["select * from them where id='ph10'", '= name="Philip Hazel" id=ph10 n=1 '],
  ["select name from them where id='nothing'", "= "],
  ["select n from them where id='nothing'", "= "],
  ["select n,id from them where id='nothing'", '= n="" id=nothing '],
  ["select name,id from them where id='q2'", '= name="\\"st\\\\q" id=q2 '],
  ["select name,id from them where id='newline'", '= name="before\r\nafter" id=newline '],
  ["select name from them where id='e'", "= caf\xc3\xa9"],
  ["select id from them where name='caf\xc3\xa9'", "= e"],
  ["select id from them where n > 1 order by n", "= q2\nnewline\ne"],
  ["select id,n from them where n between 1 and 2 order by n", "= id=ph10 n=1 \nid=q2 n=2 "],
  ["select name from them where id='xxx'", "not found"],
  ["delete from them where id='xxx'", "= 0"],
  ["insert into x values(1),(2)", "= 2"],
  ["insert into x values(1),(2) returning a", "= 1\n2"],
  ["create table y(a int)", "not found"],
  ["set search_path to public", "not found"],
  ["select", "= "],
  ["", "not found"],
  ["select 1; select 2", "= 2"],
  ["select 1.5::float as f, true as b, '\\x0041'::bytea as by", "= f=1.5 b=t by=\\x0041 "],
];

needsThat(
  test,
  postgresFolder() !== undefined,
  "postgresql not installed",
)("pgsql: answers, servers, faults", async (t) => {
  const server = await startPostgres(t, TABLES);
  const bySocket = `(${server.socket})/postgres/mail/`;
  const byName = `${server.address}::${server.port}`;
  const byTcp = `${byName}/postgres/mail/secret`;
  const bench = lookupBench(t, [pgsql()], { pgsql_servers: `${bySocket} : ${byTcp}` });
  for (const [query, answer] of ANSWERS) t.is(await bench.ask("pgsql", query), answer, query);

  // A name without slashes stands for the item of the main option; what fails is passed over; a fault in the list is not.
  t.is(await bench.ask(`pgsql,servers=${byName}`, "select 7"), "= 7");
  t.is(await bench.ask("pgsql", `servers=${byTcp}; select 8`), "= 8");
  t.is(await bench.ask(`pgsql,servers=${server.address}::1/postgres/mail/:${byTcp}`, "select 9"), "= 9");
  t.is(await bench.ask(`pgsql,servers=${byName}/nodb/mail/secret:${bySocket}`, "select 10"), "= 10");
  t.is(await bench.ask("pgsql,servers=x:localhost", "select 1"), 'defer: PostgreSQL server "x" not found in pgsql_servers');
  t.is(
    await bench.ask("pgsql", `servers=${byTcp}; select 1`, { tainted: true }),
    `defer: PostgreSQL server "${server.address}:${server.port}/postgres/mail/secret" is tainted`,
  );

  // Trouble is told, never "not found".
  t.regex(await bench.ask("pgsql", "select * from nowhere"), /^defer: PGSQL: query failed: ERROR: {2}relation "nowhere" does not exist/);
  t.regex(
    await bench.ask(`pgsql,servers=${byName}/postgres/mail/wrong`, "select 1"),
    /^defer: PGSQL connection failed: FATAL: {2}password/,
  );
  t.regex(await bench.ask(`pgsql,servers=${server.address}::1/a/b/c`, "select 1"), /^defer: PGSQL connection failed: .*ECONNREFUSED/);
  t.is(await bench.ask("pgsql,servers=a/b/c", "select 1"), "defer: incomplete pgSQL server data: a/b");

  // Answers are kept in a scope until something is changed.
  t.is(await bench.ask("pgsql", "select n from them where id='ph10'"), "= 1");
  t.is(await bench.ask("pgsql", "update them set n=n+1 where id='ph10'"), "= 1");
  t.is(await bench.ask("pgsql", "select n from them where id='ph10'"), "= 2");
  t.is(await bench.ask("pgsql", "select random()"), await bench.ask("pgsql", "select random()"));

  // Many at once share the pool; a server that comes back is found again.
  const many = await Promise.all(Array.from({ length: 40 }, (_, i) => bench.ask("pgsql", `select ${i} from pg_sleep(0.01)`)));
  t.deepEqual(
    many,
    Array.from({ length: 40 }, (_, i) => `= ${i}`),
  );
  await server.stop();
  t.regex(await bench.ask("pgsql", "select 11"), /^defer: PGSQL/);
  await server.start();
  t.is(await bench.ask("pgsql", "select 12"), "= 12");
  await bench.lookups.close();
  t.is(await bench.ask("pgsql", "select 13"), "= 13", "close gives everything back, and the next query begins anew");

  const program = await run(`${ROOT}/node_modules/.bin/mailkit`, [
    "exim",
    "-C",
    "/dev/null",
    "-be",
    `\${lookup pgsql,servers=${bySocket}{select 14}}`,
  ]);
  t.is(program.stdout, "14\n", program.stderr);
});
