/** A whole server whose domains, aliases, mailboxes and passwords stand in PostgreSQL; what happens while the database is away. */
import test from "ava";
import { postgresFolder, startPostgres } from "../support/databases.ts";
import { startMailkit } from "../support/mailkit.ts";
import { program, ROOT } from "../support/program.ts";
import { findProgram, needsThat } from "../support/programs.ts";
import { swaks } from "../support/tools.ts";
import { until } from "../support/wait.ts";

const SQL = `
create table domains(name text);
create table aliases(name text, target text);
create table boxes(name text, password text);
insert into domains values ('machin.com');
insert into aliases values ('info', 'marie'), ('o''neil', 'marie');
insert into boxes values ('marie', 'secret');
`;

const CONFIG = String.raw`
primary_hostname = mail.machin.com
qualify_domain = machin.com
hide pgsql_servers = SERVER
domainlist local_domains = pgsql;select name from domains where name='\${quote_pgsql:$domain}'
local_interfaces = ADDRESS
daemon_smtp_ports = PORT
spool_directory = FOLDER/spool
log_file_path = FOLDER/log/%slog
never_users =
queue_run_max = 1
acl_smtp_rcpt = check_rcpt

begin acl
check_rcpt:
  accept  domains = +local_domains
          verify = recipient
  accept  authenticated = *
  deny    message = relay not permitted

begin routers
aliases:
  driver = redirect
  domains = +local_domains
  data = \${lookup pgsql{select target from aliases where name='\${quote_pgsql:$local_part}'}}
boxes:
  driver = accept
  domains = +local_domains
  local_parts = pgsql;select name from boxes where name='\${quote_pgsql:$local_part}'
  transport = mailbox

begin transports
mailbox:
  driver = appendfile
  file = FOLDER/mail/$local_part_data
  create_directory

begin retry
* * F,1h,1s

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${lookup pgsql{select 1 from boxes where name='\${quote_pgsql:$auth2}' and password='\${quote_pgsql:$auth3}'}{yes}{no}}
  server_set_id = $auth2
`.replaceAll("\\$", "$");

const possible = postgresFolder() !== undefined && findProgram("swaks") !== undefined && program().script.startsWith(ROOT);

needsThat(
  test,
  possible,
  "needs postgresql, swaks and a checkout that everybody may read",
)("mail out of a database", async (t) => {
  const database = await startPostgres(t, SQL);
  const server = await startMailkit(t, { config: CONFIG.replace("SERVER", `(${database.socket})/postgres/mail/`) });
  const send = (to: string, more: readonly string[] = []) => swaks(server, { from: "anne@truc.fr", to, more });

  t.is((await send("info@machin.com")).code, 0, server.describe());
  t.is((await send("o'neil@machin.com")).code, 0, "a quote in an address is a quote");
  await server.logged(/=> marie <o'neil@machin.com> R=boxes T=mailbox/);
  t.regex((await send("x'or'1'='1@machin.com")).stdout, /550/);
  t.regex((await send("marie@elsewhere.test")).stdout, /550 relay not permitted/);

  const login = (password: string) => ["--auth", "PLAIN", "--auth-user", "marie", "--auth-password", password, "--quit-after", "AUTH"];
  t.regex((await send("info@machin.com", login("secret"))).stdout, /^<.{3}235 /m);
  t.regex((await send("info@machin.com", login("wrong' or '1'='1"))).stdout, /^<.{3}535 /m);

  await database.stop();
  t.regex((await send("info@machin.com")).stdout, /^<.{3}451 /m, "for now, not for ever");
  t.regex((await send("info@machin.com", login("secret"))).stdout, /^<.{3}435 /m);
  await database.start();
  await until(async () => (await send("info@machin.com")).code === 0, {
    what: "the database to be used again",
    instead: () => server.describe(),
  });
  await server.logged(/=> marie <info@machin.com>/, 2);

  server.signal("SIGHUP");
  await until(async () => (await send("info@machin.com")).code === 0, { what: "mail after a reload" });
  t.is(await server.stop(), 0, "connections to the database do not keep it alive");
  t.is(server.paniclog(), "");
});
