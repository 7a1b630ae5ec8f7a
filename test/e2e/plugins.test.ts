/** Drivers that strangers publish: loaded from the plugin folder when they are allowed by name, refused otherwise. */
import test from "ava";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepareMailkit } from "../support/mailkit.ts";
import type { MailServer } from "../support/mailkit.ts";
import { ROOT } from "../support/program.ts";
import { needs } from "../support/programs.ts";
import type { Teardown } from "../support/temporary.ts";
import { curlSend } from "../support/tools.ts";

const PACKAGES = ["mailkit-router-subaddress", "mailkit-transport-jsonl"] as const;

const CONFIG = `
primary_hostname = mail.test
domainlist local_domains = mail.test
spool_directory = FOLDER/spool
log_file_path = FOLDER/log/%slog
acl_smtp_rcpt = accept
never_users =
host_lookup =

begin routers

tags:
  driver = subaddress
  separator = --

people:
  driver = accept
  local_parts = fred : anne
  transport = lines

begin transports

lines:
  driver = jsonl
  file = FOLDER/mail/all.jsonl
`;

async function prepared(t: Teardown, args: readonly string[]): Promise<MailServer> {
  const server = await prepareMailkit(t, { config: CONFIG, files: { "mail/": "", "plugins/node_modules/": "" }, args });
  for (const name of PACKAGES) {
    // As a package manager would put them there: without the links of this checkout.
    for (const file of ["package.json", "index.js"])
      cpSync(join(ROOT, "test/fixtures", name, file), join(server.folder, "plugins/node_modules", name, file));
  }
  server.env["MAILKIT_PLUGINS"] = join(server.folder, "plugins");
  return server;
}

needs(test, "curl")("allowed: mail goes through both", async (t) => {
  const server = await prepared(
    t,
    PACKAGES.flatMap((name) => ["--allow-plugin", name]),
  );
  await server.start();
  t.is((await curlSend(server, { from: "me@else.test", to: "fred--shop@mail.test", subject: "by strangers" })).code, 0);
  await server.logged(/=> fred <fred--shop@mail\.test> R=people T=lines$/);
  const [line = ""] = server.read("mail/all.jsonl").split("\n");
  const filed = JSON.parse(line) as { to: string[]; text: string };
  t.deepEqual(filed.to, ["fred@mail.test"]);
  t.regex(filed.text, /^Subject: by strangers$/m);
  t.is(server.paniclog(), "");
});

needs(test, "curl")("allowed, two workers: they load them, too", async (t) => {
  const server = await prepared(t, [...PACKAGES.flatMap((name) => ["--allow-plugin", name]), "--workers", "2"]);
  await server.start();
  t.is((await curlSend(server, { from: "me@else.test", to: "anne@mail.test" })).code, 0);
  await server.logged(/=> anne <anne@mail\.test> R=people T=lines$/);
});

needs(test, "curl")("a driver that leaves a failure behind stops no mail", async (t) => {
  const server = await prepared(
    t,
    PACKAGES.flatMap((name) => ["--allow-plugin", name]),
  );
  const driver = join(server.folder, "plugins/node_modules/mailkit-transport-jsonl/index.js");
  const careless = readFileSync(driver, "utf8").replace("host) => {", 'host) => {\n    void Promise.reject(new Error("left behind"));');
  writeFileSync(driver, careless);
  await server.start();
  for (let n = 0; n < 2; n++) {
    t.is((await curlSend(server, { from: "me@else.test", to: "anne@mail.test" })).code, 0);
    await server.logged(/=> anne <anne@mail\.test> R=people T=lines$/, n + 1);
  }
  t.true(server.running);
  t.regex(server.paniclog(), /a failure that nobody took care of: Error: left behind/);
});

test.serial("not allowed: the server does not start, and says what would allow them", async (t) => {
  const server = await prepared(t, []);
  await t.throwsAsync(server.start());
  for (const name of PACKAGES)
    t.regex(server.output(), new RegExp(`plugin ${name} is not allowed to run[^]*mailkit plugins allow ${name},`));
  t.regex(server.output(), /unknown (?:router )?driver|"subaddress"/i);
});

test.serial("check and route see them, too", async (t) => {
  const server = await prepared(t, []);
  const env = { MAILKIT_ALLOW_PLUGIN: PACKAGES.join(",") };
  const check = await server.command(["check"], { env });
  t.is(check.code, 0, check.stdout + check.stderr);
  const route = await server.command(["route", "fred--shop@mail.test"], { env });
  t.is(route.code, 0, route.stderr);
  t.regex(route.stdout, /tags/);
  t.regex(route.stdout, /lines/);
});
