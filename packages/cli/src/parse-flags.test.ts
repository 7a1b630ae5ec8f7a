import test from "ava";
import type { CommandSpec } from "./command.ts";
import { UsageError } from "./command.ts";
import { parseCommandLine, wantsHelp } from "./parse-flags.ts";

const spec: CommandSpec = {
  name: "queue list",
  summary: "",
  args: [{ name: "ID", doc: "", required: true }],
  flags: {
    frozen: { type: "boolean", doc: "" },
    tls: { type: "string", values: ["off", "starttls"], default: "off", doc: "" },
    last: { type: "integer", char: "n", placeholder: "N", doc: "" },
    set: { type: "string", multiple: true, placeholder: "NAME=VALUE", doc: "" },
  },
  examples: [],
  run: async () => 0,
};

test("flags, short flags, repeated ones, arguments behind --", (t) => {
  const { args, flags } = parseCommandLine(spec, ["--frozen", "-n", "5", "--set", "a=1", "--set=b=2", "--", "--id"], {});
  t.deepEqual(args, ["--id"]);
  t.true(flags.flag("frozen"));
  t.is(flags.number("last"), 5);
  t.deepEqual(flags.texts("set"), ["a=1", "b=2"]);
  t.is(flags.text("tls"), "off");
  t.is(flags.text("nothing"), undefined);
});

test("what is given beats the environment, the environment beats the default", (t) => {
  const env = { MAILKIT_TLS: "starttls", MAILKIT_FROZEN: "1", MAILKIT_SET: "x=y", MAILKIT_QUIET: "0" };
  const { flags } = parseCommandLine(spec, ["id"], env);
  t.is(flags.text("tls"), "starttls");
  t.true(flags.flag("frozen"));
  t.false(flags.flag("quiet"));
  t.deepEqual(flags.texts("set"), ["x=y"]);
  t.is(parseCommandLine(spec, ["id", "--tls", "off"], env).flags.text("tls"), "off");
});

const mistakes: readonly (readonly [string, string[], string, string?, Record<string, string>?])[] = [
  ["a slip", ["--frozn", "id"], "mailkit queue list has no flag --frozn", "did you mean --frozen?"],
  ["far from all", ["--zzzzzz", "id"], "mailkit queue list has no flag --zzzzzz", "mailkit queue list --help"],
  ["a short one", ["-z", "id"], "mailkit queue list has no flag -z", "mailkit queue list --help"],
  ["no value", ["id", "--last"], "--last needs a value", "write --last=N"],
  ["a flag where the value should be", ["--last", "--frozen", "id"], "--last needs a value", "write --last=N"],
  ["a value too much", ["--frozen=3", "id"], "--frozen takes no value", "mailkit queue list --help"],
  ["not a number", ["--last", "x", "id"], '--last takes a whole number, not "x"'],
  ["not among the values", ["--tls", "startls", "id"], '--tls is one of off, starttls, not "startls"', "did you mean starttls?"],
  ["no argument", [], "mailkit queue list needs ID", "mailkit queue list --help"],
  ["one too many", ["a", "b"], 'mailkit queue list takes 1 argument, and "b" is one more', "mailkit queue list --help"],
  ["environment: not a truth value", ["id"], '$MAILKIT_FROZEN is 1 or 0, not "maybe"', undefined, { MAILKIT_FROZEN: "maybe" }],
  ["environment: not a number", ["id"], '$MAILKIT_LAST takes a whole number, not "x"', undefined, { MAILKIT_LAST: "x" }],
];

for (const [name, argv, message, hint, env = {}] of mistakes) {
  test(`mistake: ${name}`, (t) => {
    const error = t.throws(() => parseCommandLine(spec, argv, env), { instanceOf: UsageError });
    t.is(error?.message, message);
    t.is(error?.hint, hint);
  });
}

test("help is wanted before --, not behind it", (t) => {
  t.true(wantsHelp(["a", "-h"]));
  t.true(wantsHelp(["--help"]));
  t.false(wantsHelp(["--", "--help"]));
  t.false(wantsHelp(["helper"]));
});
