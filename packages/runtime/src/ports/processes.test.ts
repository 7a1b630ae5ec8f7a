import test from "ava";
import { systemProcesses } from "./processes.ts";

const limits = { timeout: 20_000, maxOutput: 10 };

test("output of both streams, cut at its limit; the code", async (t) => {
  const result = await systemProcesses.run({ argv: ["/bin/sh", "-c", "printf 123456; printf 789012 >&2; exit 3"], ...limits });
  t.is(result.kind, "exited");
  t.is((result as { code: number }).code, 3);
  t.is((result as { output: Buffer }).output.length, 10);
});

test("what goes in comes out", async (t) => {
  const result = await systemProcesses.run({ argv: ["/bin/cat"], stdin: Buffer.from("text"), ...limits });
  t.like(result, { kind: "exited", code: 0, output: Buffer.from("text") });
});

test("arguments are octets", async (t) => {
  t.like(await systemProcesses.run({ argv: ["/bin/echo", "voil\xc3\xa0"], ...limits }), {
    output: Buffer.from("voil\xc3\xa0\n", "latin1"),
  });
});

test("no environment but the one that is given", async (t) => {
  const result = await systemProcesses.run({ argv: ["/usr/bin/env"], env: { A: "1" }, ...limits });
  t.like(result, { output: Buffer.from("A=1\n") });
});

test("a signal is named", async (t) => {
  t.like(await systemProcesses.run({ argv: ["/bin/sh", "-c", "kill -9 $$"], ...limits }), {
    kind: "signalled",
    signal: "SIGKILL",
    number: 9,
  });
});

test("a program that is not there", async (t) => {
  t.like(await systemProcesses.run({ argv: ["/nonexistent"], ...limits }), { kind: "failed", errno: "ENOENT" });
});

test("too slow: it and its children are ended", async (t) => {
  t.is((await systemProcesses.run({ argv: ["/bin/sh", "-c", "sleep 1000 & sleep 1000"], timeout: 1, maxOutput: 10 })).kind, "timeout");
});

test("another user without the right to it is a result, not an exception", async (t) => {
  if (process.getuid?.() === 0) {
    t.pass("root may become anyone");
    return;
  }
  t.like(await systemProcesses.run({ argv: ["/bin/true"], uid: 1, gid: 1, ...limits }), { kind: "failed", errno: "EPERM" });
});
