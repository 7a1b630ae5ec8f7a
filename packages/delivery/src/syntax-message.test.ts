import test from "ava";
import { syntaxMessage } from "./reports.ts";
import type { ReportServices } from "./reports.ts";
import { context } from "./testing/cases.ts";

const services = {
  settings: { dsnFrom: undefined, primaryHostname: "mx.ex", errorsReplyTo: undefined },
  scope: undefined,
  boundary: () => "b",
} as unknown as ReportServices;

const base = { router: "r1", to: "pm@x, other@y", text: "", errors: ['bad in the address\n  "@@x"'], valid: true };
const list = 'The r1 router encountered the following error(s):\n\n  bad in the address\n  "@@x"\n\n';

test("syntax_errors_to: what was passed over, and whether anything good was left", async (t) => {
  const made = await syntaxMessage(base, context(["x@y"]), services);
  t.deepEqual(made.recipients, ["pm@x", "other@y"]);
  t.true(made.text.endsWith(`\n\n${list}Other addresses were processed normally.\n`), made.text);
  t.regex(made.text, /^Auto-Submitted: auto-replied\nFrom: Mail Delivery System <Mailer-Daemon@mx\.ex>\nTo: pm@x, other@y\n/);
});

test("syntax_errors_text goes before", async (t) => {
  const { text } = await syntaxMessage({ ...base, text: "Mind this.\n", valid: false }, context(["x@y"]), services);
  t.true(text.endsWith(`\n\nMind this.\n\n${list}No valid addresses were generated.\n`), text);
});
