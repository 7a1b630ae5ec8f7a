import test from "ava";
import { rawArguments } from "./raw-arguments.ts";

test("octets that are no UTF-8 come from the system's own record of the command line", (t) => {
  t.deepEqual(rawArguments(["-F", "é"], () => t.fail()), ["-F", "\xc3\xa9"]); // prettier-ignore
  t.deepEqual(
    rawArguments(["-F", "M\ufffd", ""], () => "node\0mailkit\0exim\0-F\0M\xe8\0\0"),
    ["-F", "M\xe8", ""],
  );
  t.deepEqual(rawArguments(["M\ufffd"], () => undefined), ["M\xef\xbf\xbd"]); // prettier-ignore
});
