import test from "ava";
import type { RouterOutcome, RunRequest, RunResult } from "@mailkit/sdk";
import { fakeRouterAddress, fakeRouterServices, routerCompliance, routerOptionValues } from "@mailkit/sdk/testing";
import type { FakeWorld } from "@mailkit/sdk/testing";
import { readAnswer } from "./answer.ts";
import { driver } from "./index.ts";

const OPTIONS = { command: "/usr/lib/query $local_part_data", command_user: "fred" };
const says =
  (line: string, code = 0) =>
  (): RunResult => ({ kind: "exited", code, output: Buffer.from(line) });
const WORLD: FakeWorld = {
  hosts: { "h1.test": ["192.0.2.1"], "me.test": ["127.0.0.1"] },
  transports: { smtp1: "remote", file1: "local" },
  settings: { qualify_recipient: "q.test" },
};

routerCompliance(test, driver, [
  { title: "the program accepts", options: OPTIONS, world: { ...WORLD, run: says("ACCEPT\n") }, expect: "ok" },
  { title: "the program redirects", options: OPTIONS, world: { ...WORLD, run: says("REDIRECT a@b.c\n") }, expect: "rerouted" },
  { title: "the program cannot be run", options: OPTIONS, world: WORLD, expect: "defer" },
]);

const defer = (message: string, more: object = {}): RouterOutcome => ({ kind: "defer", message, ...more }) as RouterOutcome;
const panic = (message: string) => defer(message, { notes: { panic: [`r1 router: ${message}`] } });

/** What the program writes, and what comes of it: texts as seen on Exim 4.96. */
const ANSWERS: readonly (readonly [string, RouterOutcome])[] = [
  ["ACCEPT", { kind: "ok" }],
  ["accept transport=file1", { kind: "ok", transport: "file1" }],
  [
    'Accept hosts=h1.test:192.0.2.7 data="foo bar" transport=smtp1',
    {
      kind: "ok",
      transport: "smtp1",
      addressData: { text: "foo bar", tainted: false },
      hosts: [
        { name: "h1.test", address: "192.0.2.1", fromMx: false },
        { name: "192.0.2.7", address: "192.0.2.7", fromMx: false },
      ],
    },
  ],
  [
    "accept hosts=me.test",
    {
      kind: "ok",
      hosts: [{ name: "me.test", address: "127.0.0.1", fromMx: false }],
      localHost: { name: "me.test", message: "remote host address is the local host" },
    },
  ],
  ["accept hosts=gone.test lookup=bydns", defer('lookup of host "gone.test" failed in r1 router', { freeze: true, errno: -32 })],
  ["accept hosts=h1.test lookup=foo", panic('bad lookup type "foo" yielded by command')],
  ["accept transport=nope", panic("unknown transport name nope yielded by command")],
  ["accept foo=bar", { kind: "ok" }],
  ["decline", { kind: "decline", reason: "the program declines" }],
  ["pass", { kind: "pass", reason: "the program passes" }],
  ["fail no such", { kind: "fail", message: "no such", forUser: true }],
  ["fail", { kind: "fail", message: "", forUser: true }],
  ["defer try later", defer("try later", { freeze: false })],
  ["freeze hold it", defer("hold it", { freeze: true })],
  [
    "redirect a, b@c.d, (nobody)",
    {
      kind: "rerouted",
      children: [
        { kind: "address", address: "a@q.test" },
        { kind: "address", address: "b@c.d" },
      ],
      detail: "a, b@c.d, (nobody)",
    },
  ],
  [
    "redirect |/bin/x",
    { kind: "rerouted", children: [{ kind: "pipe", command: "/bin/x", extra: { forbidden: true } }], detail: "|/bin/x" },
  ],
  ["redirect a b c", defer('error in redirect data: missing or malformed local part (expected word or "<") in "a b c"', { errno: -17 })],
  ["redirect", { kind: "decline", reason: "the program names no address for fred@example.com" }],
  ["foo bar", panic("bad command yield: foo bar")],
  ["", defer("r1 router: command failed to return data")],
];

const route = (world: FakeWorld, options: Readonly<Record<string, unknown>> = OPTIONS) => {
  const address = fakeRouterAddress();
  return driver.route(address, routerOptionValues(driver.options, options) as never, fakeRouterServices(address, { ...WORLD, ...world }));
};

for (const [line, expect] of ANSWERS) {
  test(`the program says ${JSON.stringify(line)}`, async (t) => t.deepEqual(await route({ run: says(`${line}\n`) }), expect));
}

const ENDS: readonly (readonly [string, RunResult, string, boolean?])[] = [
  ["exit code", { kind: "exited", code: 3, output: Buffer.from("ACCEPT\n") }, "r1 router: command returned non-zero code 3"],
  ["signal", { kind: "signalled", signal: "SIGKILL", number: 9, output: Buffer.alloc(0) }, "r1 router: command killed by signal 9"],
  ["timeout", { kind: "timeout", output: Buffer.alloc(0) }, "r1 router: command timed out", true],
  [
    "no program",
    { kind: "failed", errno: "ENOENT", message: "No such file or directory" },
    "r1 router: couldn't create child process: No such file or directory",
  ],
];

for (const [why, result, message, freeze] of ENDS) {
  test(why, async (t) => t.deepEqual(await route({ run: () => result }), defer(message, freeze === undefined ? {} : { freeze })));
}

test("how it is run", async (t) => {
  const requests: RunRequest[] = [];
  const run = (request: RunRequest): RunResult => (requests.push(request), says("decline")());
  await route(
    { run },
    { ...OPTIONS, command: "/q \"a b\" 'c d' $local_part_data", command_group: "mail", current_directory: "/tmp", timeout: 5000 },
  );
  t.deepEqual(requests, [{ argv: ["/q", "a b", "c d", "fred"], cwd: "/tmp", timeout: 5000, maxOutput: 1024, uid: 1001, gid: 8 }]);
});

test("timeout = 0s is no limit", async (t) => {
  const timeouts: number[] = [];
  await route({ run: ({ timeout }) => (timeouts.push(timeout), says("decline")()) }, { ...OPTIONS, timeout: 0 });
  t.deepEqual(timeouts, [2147483647]);
});

test("who may not change the user runs it as himself", async (t) => {
  const users: (number | undefined)[] = [];
  const run = ({ uid }: RunRequest): RunResult => {
    users.push(uid);
    return uid === undefined ? says("ACCEPT")() : { kind: "failed", errno: "EPERM", message: "Operation not permitted" };
  };
  t.is((await route({ run })).kind, "ok");
  t.deepEqual(users, [1001, undefined]);
});

test("arguments from outside are refused", async (t) => {
  const outcome = await route({ run: says("ACCEPT") }, { ...OPTIONS, command: "/q $local_part" });
  t.deepEqual(outcome, defer("Tainted arg 1 for queryprogram router command: 'fred'"));
});

test("users that do not exist", async (t) => {
  for (const [user, message] of [
    ["nobody-there", "r1 router: unknown user for command_user"],
    ["77", "command_user set without command_group for r1 router"],
  ] as const) {
    t.deepEqual(await route({}, { ...OPTIONS, command_user: user }), defer(message, { notes: { panic: [message] } }));
  }
});

test("the line: keys without regard to case, quotes, no more than 1023 characters", async (t) => {
  t.deepEqual(
    [...readAnswer('ACCEPT Transport=a  DATA="x \\"y\\" z" hosts=b:c').fields],
    [
      ["transport", "a"],
      ["data", 'x "y" z'],
      ["hosts", "b:c"],
    ],
  );
  const long = await route({ run: says(`fail ${"x".repeat(3000)}`) });
  t.is(long.kind === "fail" && long.message.length, 1023 - "fail ".length);
});

test("check", (t) => {
  const at = { file: "x.conf", line: 3, column: 1 };
  const found = driver.check?.(routerOptionValues(driver.options) as never, { name: "q", at, isSet: () => false });
  t.deepEqual(
    found?.map(({ eximText, eximWhere }) => [eximText, eximWhere]),
    [
      ["a command specification is required", " for q router"],
      ["command_user must be specified", " for q router"],
    ],
  );
});
