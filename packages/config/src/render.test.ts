import test from "ava";
import { renderDiagnostics } from "./render.ts";
import { load } from "./testing/load.ts";

test("message, place, frame, hint, summary", (t) => {
  const configuration = load("# x\nbegin routers\nsmarthost:\n  driver = manualroute\n  route_dat = mx.isp.example\n");
  t.is(
    renderDiagnostics(configuration.diagnostics, configuration.sources, { configuration }),
    `error[MK0102]: router "smarthost" has no option "route_dat"
  /t.conf:5:3
    5 |   route_dat = mx.isp.example
      |   ^^^^^^^^^
  hint: did you mean "route_data"?

1 error in /t.conf (5 lines, 1 router, 0 transports)
`,
  );
});

test("a long line is cut around the mark, tabs and bytes keep the mark in place", (t) => {
  const long = load(`smtp_banner = ${"x".repeat(90)}\n${"\t"}recipients_max = \xc3\xa9${" ".repeat(90)}z\n`);
  const lines = renderDiagnostics(long.diagnostics, long.sources).split("\n");
  const bar = (lines[3] ?? "").indexOf("^");
  t.is((lines[2] ?? "")[bar], "é");
  t.true((lines[2] ?? "").length <= 80);
  const far = load(`recipients_max = "${" ".repeat(120)}z`);
  const cut = renderDiagnostics(far.diagnostics, far.sources, { color: true });
  t.true(cut.includes("\x1b[1;31merror[MK0108]\x1b[0m"));
});

test("nothing wrong", (t) => {
  const configuration = load("");
  t.is(renderDiagnostics([], configuration.sources, { configuration }), "no faults in /t.conf (0 lines, 0 routers, 0 transports)\n");
  t.is(renderDiagnostics([], configuration.sources), "");
});

test("what is hostile: control characters, long quotations, a fault in every line", (t) => {
  const one = (message: string, hint = "") => renderDiagnostics([{ code: "MK0101", severity: "error", message, hint }], new Map());
  t.is(one("a\x1b[31mb\x07", "\x1b]0;x"), "error[MK0101]: a\\033[31mb\\007\n  hint: \\033]0;x\n\n1 error\n");
  t.is(one("x".repeat(10_000)).split("\n")[0]?.length, "error[MK0101]: ".length + 300);
  const many = renderDiagnostics(
    Array.from({ length: 1000 }, () => ({ code: "MK0101", severity: "error", message: "m" }) as const),
    new Map(),
  );
  t.is(many.match(/^error/gm)?.length, 200);
  t.regex(many, /\n800 more are not shown; --json has all of them\n\n1000 errors\n$/);
});
