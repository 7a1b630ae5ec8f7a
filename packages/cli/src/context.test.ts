import test from "ava";
import { CommandFailure, UsageError } from "./command.ts";
import { failureText } from "./context.ts";

test("wrong use ends with 2 and shows its hint", (t) => {
  t.deepEqual(failureText(new UsageError("no flag --x", "did you mean --y?")), {
    lines: ["error: no flag --x", "hint: did you mean --y?"],
    code: 2,
  });
});

test("a failure shows code, details, hint", (t) => {
  const failure = new CommandFailure("port 25 needs root", { code: "MK1001", details: ["a.conf:4:1"], hint: "run it as root" });
  t.deepEqual(failureText(failure), { lines: ["error[MK1001]: port 25 needs root", "a.conf:4:1", "hint: run it as root"], code: 1 });
});

test("errors of the system name the file, in words", (t) => {
  const error = Object.assign(new Error("ENOENT: no such file or directory, open '/x'"), { code: "ENOENT", path: "/x" });
  t.deepEqual(failureText(error), { lines: ["error: /x: no such file or folder"], code: 1 });
});

test("a fault of mailkit itself shows its stack", (t) => {
  const { lines, code } = failureText(new TypeError("x is undefined"));
  t.is(code, 1);
  t.is(lines[0], "error: a fault of mailkit itself");
  t.regex(lines.join("\n"), /TypeError: x is undefined/);
});
