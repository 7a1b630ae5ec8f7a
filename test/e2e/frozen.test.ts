/** Messages that have been frozen for too long (manual §"timeout_frozen_after"): told to their senders, but for bounces. */
import test from "ava";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mailkit } from "../support/mailkit.ts";
import { TEST_GID, TEST_UID, temporaryFolder, writeFiles } from "../support/temporary.ts";

const CONFIG = `primary_hostname = h.test
spool_directory = FOLDER/spool
log_file_path = FOLDER/%slog
keep_environment =
never_users =
timeout_frozen_after = 7d
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  file = FOLDER/box
  user = ${TEST_UID}
  group = ${TEST_GID}
begin retry
* * F,2h,1m
`;

test("frozen for too long: the sender of a message is told, a bounce ends in silence", async (t) => {
  const folder = temporaryFolder(t, "frozen");
  writeFiles(folder, { "m.conf": CONFIG.replaceAll("FOLDER", folder) });
  const ran = async (words: readonly string[], input = "") => {
    const done = await mailkit([...words, "-C", join(folder, "m.conf")], { input });
    t.is(done.code, 0, `${words.join(" ")}: ${done.stderr}`);
    return done.stdout;
  };
  const exim = async (words: readonly string[], input = "") =>
    (await mailkit(["exim", "-C", join(folder, "m.conf"), ...words], { input })).stdout;
  await exim(["-odq", "-f", "ann@h.test", "bob@h.test"], "Subject: letter\n\ntext\n");
  await exim(["-odq", "-f", "<>", "bob@h.test"], "Subject: bounce\n\ntext\n");
  const ids = ((await exim(["-bp"])).match(/\S+-\S+-\S+(?= <)/g) ?? []) as string[];
  t.is(ids.length, 2);
  for (const id of ids) await exim(["-Mf", id]);
  // The only way to be old without waiting: as Exim's files, in which the time is text.
  const files = join(folder, "files");
  await ran(["queue", "export", files]);
  for (const id of ids) await exim(["-Mrm", id]);
  for (const name of readdirSync(files).filter((entry) => entry.endsWith("-H"))) {
    const text = readFileSync(join(files, name), "latin1");
    t.regex(text, /^-frozen \d+$/m);
    // The fourth line has the time of arrival, which is what counts.
    writeFileSync(join(files, name), text.replace(/^(.*\n.*\n.*\n)\d+ /, "$11700000000 "), "latin1");
  }
  await ran(["queue", "import", files]);
  await exim(["-q"]);
  const log = readFileSync(join(folder, "mainlog"), "latin1");
  t.deepEqual(
    log
      .slice(log.indexOf("Start queue run"))
      .match(/(?<=^[-\d]+ [:\d]+ \S+ )(?:cancelled.*|\*\*.*|Frozen.*|Completed|=>)/gm)
      ?.toSorted(),
    ["=>", "Completed", "Completed", "Completed", "cancelled by timeout_frozen_after", "cancelled by timeout_frozen_after"],
    log,
  );
  const box = readFileSync(join(folder, "box"), "latin1");
  t.is(box.match(/^Envelope-to|^Subject: Mail delivery failed/gm)?.length, 1, box);
  t.regex(box, /^X-Failed-Recipients: bob@h\.test$/m);
  t.regex(box, /^ {4}message has been frozen for too long$/m);
  t.is(await exim(["-bpc"]), "0\n");
});
