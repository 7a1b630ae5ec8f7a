/** The mysql lookup against a real MariaDB. What Exim 4.96 answers to the same queries stands here. */
import test from "ava";
import { mysql } from "../../plugins/lookup-mysql/src/index.ts";
import { startMariadb } from "../support/databases.ts";
import { lookupBench } from "../support/lookup-bench.ts";
import { ROOT } from "../support/program.ts";
import { needs, run } from "../support/programs.ts";

const TABLES = String.raw`
create table them(name text character set utf8mb4, id varchar(20), n int);
insert into them values
  ('Philip Hazel', 'ph10', 1), ('', 'nothing', null), ('"st\\q', 'q2', 2), ('before\r\nafter', 'newline', 3), (x'636166c3a9', 'e', 4);
create table x(a int);
`;

/** Query, answer. */
const ANSWERS: readonly (readonly [string, string])[] = [
  ["select name from them where id='ph10'", "= Philip Hazel"],
  ["select * from them where id='ph10'", '= name="Philip Hazel" id=ph10 n=1 '],
  ["select name from them where id='nothing'", "= "],
  ["select n from them where id='nothing'", "not found"],
  ["select n,id from them where id='nothing'", '= n="" id=nothing '],
  ["select n from them order by n", "= 1\n2\n3\n4"],
  ["select n from them order by n desc", "= 4\n3\n2\n1\n"],
  ["select name,id from them where id='q2'", '= name="\\"st\\\\q" id=q2 '],
  ["select name,id from them where id='newline'", '= name="before\r\nafter" id=newline '],
  ["select name from them where id='e'", "= caf\xc3\xa9"],
  ["select id from them where name='caf\xc3\xa9'", "= e"],
  ["select name from them where id='xxx'", "not found"],
  ["delete from them where id='xxx'", "= 0"],
  ["insert into x values(1),(2)", "= 2"],
  ["update them set n=1 where id='ph10'", "= 0"],
  ["update them set n=5 where id='ph10'", "= 1"],
  ["set @a=1", "= 0"],
  ["", "not found"],
  ["select 1.50 as d, true as b, x'00ff' as by_", "= d=1.50 b=1 by_=\0\xff "],
  ["create procedure pp() begin select 1; select 2; end", "= 0"],
  ["call pp()", "= 1"],
  ["show databases like 'ma%'", "= mail"],
];

needs(
  test,
  "mariadbd",
  "mariadb",
  "mariadb-install-db",
)("mysql: answers, servers, faults", async (t) => {
  const server = await startMariadb(t, TABLES);
  const bySocket = `(${server.socket})/mail/root/`;
  const byName = `${server.address}::${server.port}`;
  const byTcp = `${byName}/mail/mail/secret`;
  const bench = lookupBench(t, [mysql()], { mysql_servers: `${bySocket} : ${byTcp}` });
  for (const [query, answer] of ANSWERS) t.is(await bench.ask("mysql", query), answer, query);

  t.is(await bench.ask(`mysql,servers=${byName}`, "select 7"), "= 7");
  t.is(await bench.ask("mysql", `servers=${byTcp}; select 8`), "= 8");
  t.is(await bench.ask(`mysql,servers=${server.address}::1/mail/mail/:${byTcp}`, "select 9"), "= 9");
  t.is(await bench.ask(`mysql,servers=localhost(${server.socket})[exim]//root/`, "select name from mail.them where n=2"), '= "st\\q');
  t.is(await bench.ask("mysql,servers=x:localhost", "select 1"), 'defer: MySQL server "x" not found in mysql_servers');

  t.is(await bench.ask("mysql", "select * from nowhere"), "defer: MYSQL: query failed: Table 'mail.nowhere' doesn't exist");
  t.regex(await bench.ask("mysql", "select 1; select 2"), /^defer: MYSQL: query failed: You have an error in your SQL syntax/);
  t.regex(await bench.ask(`mysql,servers=${byName}/mail/mail/wrong`, "select 1"), /^defer: MYSQL connection failed: Access denied/);
  t.regex(await bench.ask("mysql,servers=(/nowhere)/a/b/c", "select 1"), /^defer: MYSQL connection failed: .*ENOENT/);
  t.regex(await bench.ask("mysql,servers=h[group]/a/b/c", "select 1"), /^defer: MySQL option group \[group\] is not read/);

  t.is(await bench.ask("mysql", "select n from them where id='ph10'"), "= 5");
  t.is(await bench.ask("mysql", "update them set n=n+1 where id='ph10'"), "= 1");
  t.is(await bench.ask("mysql", "select n from them where id='ph10'"), "= 6");

  const many = await Promise.all(Array.from({ length: 40 }, (_, i) => bench.ask("mysql", `select ${i} from (select sleep(0.01)) s`)));
  t.deepEqual(
    many,
    Array.from({ length: 40 }, (_, i) => `= ${i}`),
  );
  await server.stop();
  t.regex(await bench.ask("mysql", "select 11"), /^defer: MYSQL/);
  await server.start();
  t.is(await bench.ask("mysql", "select 12"), "= 12");

  const program = await run(`${ROOT}/node_modules/.bin/mailkit`, [
    "exim",
    "-C",
    "/dev/null",
    "-be",
    `\${lookup mysql,servers=${bySocket}{select 14}}`,
  ]);
  t.is(program.stdout, "14\n", program.stderr);
});
