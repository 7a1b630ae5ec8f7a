import test from "ava";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecipientFact, TransportJob, TransportReport } from "@mailkit/sdk";
import {
  fakeJob,
  fakeMessage,
  fakeRecipient,
  fakeTransportServices,
  localJobOf,
  optionValues,
  transportCompliance,
} from "@mailkit/sdk/testing";
import { driver } from "./driver.ts";
import type { Order } from "./plan.ts";

const newFolder = (): string => mkdtempSync(join(tmpdir(), "mailkit-pipe-"));

async function deliver(options: Readonly<Record<string, unknown>>, given: Partial<TransportJob> = {}): Promise<TransportReport> {
  const job = fakeJob(given);
  const prepared = await driver.prepare(job, optionValues(driver.options, options) as never, fakeTransportServices(job));
  return prepared.kind === "report"
    ? prepared.report
    : driver.perform(JSON.parse(JSON.stringify(prepared.order)) as Order, localJobOf(job));
}

transportCompliance(test, driver, async () => {
  const folder = newFolder();
  return {
    options: { command: `/bin/sh -c 'cat > \`mktemp ${folder}/XXXXXXXX\`'`, message_prefix: "", message_suffix: "", batch_max: 2 },
    brokenOptions: { command: "/no/such/command" },
    arrived: async () => {
      const files = readdirSync(folder).map((name) => ({
        path: join(folder, name),
        time: statSync(join(folder, name), { bigint: true }).mtimeNs,
      }));
      return files.sort((a, b) => (a.time < b.time ? -1 : 1)).map((file) => readFileSync(file.path, "latin1"));
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
});

const shown = (fact: RecipientFact | undefined): string =>
  fact === undefined ? "" : fact.kind === "delivered" ? "delivered" : `${fact.kind}: ${fact.message}`;
const exit = (code: number): string => `/bin/sh -c "exit ${code}"`;

/** Options, and what a real Exim 4.96 logs for them. */
const ENDS: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ command: exit(0) }, "delivered"],
  [{ command: exit(9) }, "failed: Child process of t1 transport returned 9 from command: /bin/sh"],
  [{ command: exit(75) }, "deferred: Child process of t1 transport returned 75 (could mean temporary error) from command: /bin/sh"],
  [{ command: exit(45), temp_errors: ["45"] }, "deferred: Child process of t1 transport returned 45 from command: /bin/sh"],
  [{ command: exit(45), temp_errors: ["*"] }, "deferred: Child process of t1 transport returned 45 from command: /bin/sh"],
  [{ command: exit(9), ignore_status: true }, "delivered"],
  [{ command: "/no/such" }, "failed: Child process of t1 transport returned 127 (could mean unable to exec or command does not exist) from command: /no/such"],
  [{ command: "/no/such", freeze_exec_fail: true }, 'deferred: pipe process failed to exec "/no/such"'],
  [{ command: "no-such-command" }, 'failed: "no-such-command" command not found for t1 transport'],
  [{ command: "true" }, "delivered"],
  [{ command: "/bin/true", restrict_to_path: true }, 'failed: "/" found in "/bin/true" (command for t1 transport) - failed for security reasons'],
  [{ command: "/bin/true", allow_commands: "/bin/cat" }, 'failed: "/bin/true" command not permitted by t1 transport'],
  [{ command: "/bin/true", allow_commands: "/bin/cat:/bin/true" }, "delivered"],
  [{ command: "/bin/sh -c 'kill -9 \\$\\$'" }, 'failed: Child process of t1 transport (running command "/bin/sh -c kill -9 $$") was terminated by signal 9 (Killed)'],
  [{ command: "/bin/sh -c 'echo out'", return_output: true }, "failed: return message generated"],
  [{ command: "/bin/sleep 20", timeout: 100 }, "failed: pipe delivery process timed out"],
  [{ command: "/bin/sleep 20", timeout: 100, timeout_defer: true }, "deferred: pipe delivery process timed out"],
  [{ command: "/bin/echo $local_part" }, "failed: Tainted arg 1 for t1 transport command: 'user'"],
  [{ command: "$local_part arg" }, "failed: Tainted arg 0 for t1 transport command: 'user'"],
  [{}, "deferred: no command specified for t1 transport"],
  [{ command: "/bin/sh -c 'exit 1" }, "deferred: no closing quote in t1 transport command: /bin/sh -c 'exit 1"],
  [{ command: "/bin/true; exit 3", use_shell: true }, "failed: Child process of t1 transport returned 3 from command: /bin/sh"],
]; // prettier-ignore

for (const [options, expected] of ENDS) {
  test(`end of a command: ${JSON.stringify(options)}`, async (t) => {
    const got = shown((await deliver(options)).facts[0]);
    t.is(got, expected);
  });
}

test("a command that writes without end is killed at max_output", async (t) => {
  const report = await deliver({ command: "/bin/sh -c 'cat /dev/zero'", max_output: 1000 });
  t.is(
    shown(report.facts[0]),
    'failed: Child process of t1 transport (running command "/bin/sh -c cat /dev/zero") was terminated by signal 9 (Killed)',
  );
});

test("a signal freezes with freeze_signal", async (t) => {
  const report = await deliver({ command: "/bin/sh -c 'cat /dev/zero'", max_output: 1000, freeze_signal: true });
  t.like(report.facts[0], { kind: "deferred", freeze: true });
});

test("output: logged, returned, discarded for bounces", async (t) => {
  const command = "/bin/sh -c 'echo one; echo two; exit 3'";
  const failed = await deliver({ command, log_fail_output: true, return_fail_output: true });
  t.deepEqual(failed.log, ["<user@example.com>: t1 transport output: one"]);
  t.like(failed.facts[0], { kind: "failed", output: "one\ntwo\n" });
  const bounce = await deliver({ command: "/bin/echo x", return_output: true }, { message: fakeMessage({ sender: "" }) });
  t.is(bounce.facts[0]?.kind, "delivered");
  t.is((await deliver({ command: "/bin/echo x" })).log, undefined);
});

test("words are cut before expansion; $pipe_addresses is a word for each address", async (t) => {
  const folder = newFolder();
  const out = join(folder, "out");
  const recipients = ["a b@x.y", "c@x.y"].map(fakeRecipient);
  await deliver(
    {
      command: `/bin/sh -c 'for a; do echo "<\\$a>"; done > ${out}' x $pipe_addresses "$transport_words"`.replace(
        "$transport_words",
        "two words",
      ),
    },
    { recipients },
  );
  t.is(readFileSync(out, "latin1"), "<a b@x.y>\n<c@x.y>\n<two words>\n");
  rmSync(folder, { recursive: true });
});

test("the environment is Exim's, nothing of ours", async (t) => {
  const folder = newFolder();
  const out = join(folder, "env");
  await deliver(
    { command: `env > ${out}; umask >> ${out}; pwd >> ${out}`, use_shell: true, environment: "FOO=bar:BAZ=q", umask: 0o77 },
    { home: folder, cwd: folder, recipients: [{ ...fakeRecipient(), prefix: "p-", suffix: "-s" }] },
  );
  const lines = readFileSync(out, "latin1").trim().split("\n");
  for (const line of ["FOO=bar", "BAZ=q", "SENDER=sender@example.org", "LOCAL_PART=user", "LOCAL_PART_PREFIX=p-", "RECIPIENT=p-user-s@example.com", "SHELL=/bin/sh", "PATH=/bin:/usr/bin", "MESSAGE_ID=1xVhq3-0004N6-2k", "QUALIFY_DOMAIN=example.net", `HOME=${folder}`, "0077", folder]) t.true(lines.includes(line), line); // prettier-ignore
  t.false(lines.some((line) => line.startsWith("NODE") || line.startsWith("AVA")));
  rmSync(folder, { recursive: true });
});

test("a command from a redirection is not expanded, one from a filter is; force_command wraps it", async (t) => {
  const folder = newFolder();
  const out = join(folder, "out");
  const write = `/bin/sh -c 'echo "$1" > ${out}' x`;
  await deliver({}, { generated: { kind: "pipe", command: `|${write} $local_part_data` } });
  t.is(readFileSync(out, "latin1"), "$local_part_data\n");
  await deliver({}, { generated: { kind: "pipe", command: "/bin/touch $home/t", expand: true }, home: folder });
  t.true(existsSync(join(folder, "t")));
  await deliver(
    { command: "/usr/bin/env $address_pipe", force_command: true },
    { generated: { kind: "pipe", command: "/bin/touch /nowhere/x" } },
  ).then((report) => t.regex(shown(report.facts[0]), /returned 1 from command: \/usr\/bin\/env$/));
  rmSync(folder, { recursive: true });
});

test("a working directory that is not there defers", async (t) => {
  t.like((await deliver({ command: "/bin/true" }, { cwd: "/no/such/dir" })).facts[0], {
    kind: "deferred",
    errno: 2,
    message: "failed to chdir to /no/such/dir",
  });
});

test("a command that ends without reading a large message is judged by its status", async (t) => {
  t.is((await deliver({ command: "/bin/true" }, { message: fakeMessage({ text: "x\n".repeat(500_000) }) })).facts[0]?.kind, "delivered");
});
