/** Spools that are not as they should be, through the program: another version, damage, and what `spool verify` says of both. */
import test from "ava";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { mailIn } from "../support/mailbox.ts";
import { startMailkit, type MailServer } from "../support/mailkit.ts";
import { siteConfiguration } from "../support/sites.ts";
import { rawClient } from "../support/smtp-client.ts";
import type { Teardown } from "../support/temporary.ts";
import { usersFile } from "../support/users.ts";

/** A stopped server with three messages in its queue. */
async function stopped(t: Teardown): Promise<MailServer & { readonly segment: string }> {
  const server = await startMailkit(t, {
    config: siteConfiguration({ domain: "truc.fr", format: "maildir", main: "queue_only" }),
    files: { users: usersFile("fred"), aliases: "", "home/fred/": "", "mail/": "" },
  });
  const client = await rawClient(server.address, server.port);
  await client.say("EHLO a.test");
  for (const subject of ["first", "second", "third"]) {
    for (const line of ["MAIL FROM:<>", "RCPT TO:<fred@truc.fr>", "DATA"]) await client.say(line);
    await client.say(`Subject: ${subject}\r\n\r\nThe body of the ${subject}.\r\n.`);
  }
  await client.say("QUIT");
  await server.stop();
  const folder = join(server.folder, "spool/input/worker-0");
  const name = readdirSync(folder).find((entry) => entry.endsWith(".seg")) as string;
  return Object.defineProperty(server, "segment", { value: join(folder, name) }) as MailServer & { segment: string };
}

test("a spool of another version: no start, nothing changed, both versions are named", async (t) => {
  const server = await stopped(t);
  const octets = readFileSync(server.segment);
  octets.writeUInt32LE(7, 8);
  octets.writeUInt32LE(crc32(octets.subarray(0, 28)), 28);
  writeFileSync(server.segment, octets);
  const refused = await t.throwsAsync(server.start());
  t.regex(refused?.message ?? "", /error: \S+\.seg has spool format 7; this mailkit reads format 1\n/);
  t.true(readFileSync(server.segment).equals(octets));
  const verified = await server.command(["spool", "verify"]);
  t.is(verified.code, 1);
  t.regex(verified.stdout, /has spool format 7; this mailkit reads format 1/);
});

test("a damaged record: the start keeps the others, sets it aside and says so; spool verify knows before and after", async (t) => {
  const server = await stopped(t);
  const octets = readFileSync(server.segment);
  octets.write("?", octets.indexOf("The body of the second"));
  writeFileSync(server.segment, octets);
  const before = await server.command(["spool", "verify"]);
  t.is(before.code, 1);
  t.regex(before.stdout, /segment 1, offset \d+: corrupt record of \d+ octets/);
  await server.start();
  t.regex(server.paniclog(), /segment 1, offset \d+: corrupt record of \d+ octets \(message \S+\), kept in \S+\.record and \S+\.eml\n$/);
  const aside = readdirSync(join(server.folder, "spool/corrupt")).find((name) => name.endsWith(".eml")) as string;
  t.regex(server.read(`spool/corrupt/${aside}`), /Subject: second\n[^]*\?he body of the second\.\n/);
  await server.command(["queue", "run"]);
  const subjects = (await mailIn(server, "mail/fred", 2)).map((text) => /^Subject: (.*)$/m.exec(text)?.[1]).sort();
  t.deepEqual(subjects, ["first", "third"]);
  await server.stop();
  const after = await server.command(["spool", "verify"]);
  t.is(after.code, 0, after.stdout);
});
