import test from "ava";
import type { ChildAddress, FilterRequest, FilterResult, RouterOutcome } from "@mailkit/sdk";
import { FAKE_ACCOUNTS, fakeRouterAddress, fakeRouterServices, routerCompliance, routerOptionValues } from "@mailkit/sdk/testing";
import type { FakeFile, FakeWorld } from "@mailkit/sdk/testing";
import { driver } from "./index.ts";

routerCompliance(test, driver, [
  { title: "an alias", options: { data: "a@b.c" }, expect: "rerouted" },
  { title: "no data", options: { data: "" }, expect: "decline" },
  { title: ":fail:", options: { data: ":fail: gone", allow_fail: true }, expect: "fail" },
  { title: ":defer:", options: { data: ":defer: later", allow_defer: true }, expect: "defer" },
  { title: ":blackhole:", options: { data: ":blackhole:" }, expect: "discard" },
  { title: "the address itself as data", options: { data: "$local_part@$domain" }, expect: "rerouted" },
  {
    title: "a file of the user",
    options: { file: "/home/$local_part_data/.forward" },
    world: { files: { "/home/fred/.forward": "a@b.c" } },
    expect: "rerouted",
  },
  { title: "included", options: { data: ":include:/lists/x" }, world: { files: { "/lists/x": "a, b" } }, expect: "rerouted" },
  { title: "a filter", options: { data: "# Exim filter\nfinish", allow_filter: true }, expect: "defer" },
]);

interface Given {
  readonly options: Readonly<Record<string, unknown>>;
  readonly world?: FakeWorld;
  readonly address?: string;
  readonly ancestors?: readonly string[];
  readonly local?: boolean;
}

function route({ options, world = {}, address = "fred@example.com", ancestors = [], local = false }: Given) {
  const account = FAKE_ACCOUNTS.find((known) => known.name === "fred");
  const subject = fakeRouterAddress(address, { ancestors, ...(local && account !== undefined ? { account } : {}) });
  return driver.route(subject, routerOptionValues(driver.options, options) as never, fakeRouterServices(subject, world));
}

/** Children in short form. */
function short(outcome: RouterOutcome): readonly string[] | string {
  if (outcome.kind === "decline" || outcome.kind === "pass" || outcome.kind === "discard") return outcome.kind;
  if (outcome.kind !== "rerouted") return `${outcome.kind}: ${"message" in outcome ? outcome.message : ""}`;
  return outcome.children.map((child) => {
    const extra = child.extra;
    const marks = [
      extra?.transport === undefined ? "" : ` T=${extra.transport}`,
      extra?.forbidden === true ? " forbidden" : "",
      extra?.error === undefined ? "" : ` error: ${extra.error}`,
    ];
    return textOf(child) + marks.join("");
  });
}

function textOf(child: ChildAddress): string {
  switch (child.kind) {
    case "address":
      return child.address;
    case "pipe":
      return `|${child.command}`;
    case "file":
    case "directory":
      return `${child.kind} ${child.path}`;
    case "reply":
      return "reply";
  }
}

interface Case extends Given {
  readonly why: string;
  readonly expect: readonly string[] | string;
}

const data = (text: string, more: Readonly<Record<string, unknown>> = {}) => ({ options: { data: text, ...more } });
const bad = (text: string) => `defer: error in redirect data: ${text}`;
const files = {
  "/l/a": "bin\ndaemon",
  "/l/nested": ":include:/l/a, sync",
  "/l/self": ":include:/l/self",
  "/l/fail": "x, :fail: from inside",
  "/l/denied": { code: "EACCES" },
  "/l/dir": { kind: "directory" },
} as const;

const CASES: readonly Case[] = [
  // which domain an address without one gets
  { why: "qualify_recipient", ...data("a, \\b, c@d.e"), expect: ["a@qualify.test", "b@example.com", "c@d.e"] },
  {
    why: "qualify_domain, not for a backslash",
    ...data("a, \\b", { qualify_domain: "other.test" }),
    expect: ["a@other.test", "b@example.com"],
  },
  { why: "qualify_preserve_domain", ...data("a, \\b", { qualify_preserve_domain: true }), expect: ["a@example.com", "b@example.com"] },
  { why: "qualify_domain: forced failure declines", ...data("a", { qualify_domain: "fail" }), expect: "decline" },
  {
    why: "qualify_domain: another failure",
    ...data("a", { qualify_domain: "error:oops" }),
    expect: 'defer: failed to expand "error:oops": oops',
  },
  // special items speak for the whole list
  { why: ":fail: beats the others", ...data("a, :fail: gone, really", { allow_fail: true }), expect: "fail: gone, really" },
  { why: ":fail: must be allowed", ...data(":fail: gone, really"), expect: bad('":fail: gone" is not permitted') },
  { why: ":defer: must be allowed", ...data("a, :defer: later"), expect: bad('":defer: later" is not permitted') },
  { why: ":defer:", ...data(":defer: later", { allow_defer: true }), expect: "defer: later" },
  { why: ":blackhole: anywhere", ...data("a, :blackhole:, :fail: x"), expect: "discard" },
  { why: "forbid_blackhole", ...data(":blackhole:", { forbid_blackhole: true }), expect: bad('":blackhole:" is not permitted') },
  { why: ":unknown: alone declines", ...data(":unknown:"), expect: "decline" },
  { why: ":unknown: among others is nothing", ...data(":unknown:, a@b.c"), expect: ["a@b.c"] },
  { why: "A0 is an octet of letters, no space", ...data(":fail: voil\xc3\xa0", { allow_fail: true }), expect: "fail: voil\xc3\xa0" },
  { why: "codes stay", ...data(":fail: 551 5.1.1 gone", { allow_fail: true }), expect: "fail: 551 5.1.1 gone" },
  { why: "forbid_smtp_code", ...data(":fail: 551 5.1.1 gone", { allow_fail: true, forbid_smtp_code: true }), expect: "fail: gone" },
  // data
  { why: "empty data", ...data(""), expect: "decline" },
  { why: "comments only", ...data("# nothing\n(nobody)"), expect: "decline" },
  { why: "forced failure", ...data("fail"), expect: "decline" },
  { why: "another failure", ...data("error:oops"), expect: 'defer: failed to expand "error:oops": oops' },
  // transports
  {
    why: "pipe, file, directory",
    ...data("|/bin/x y, /var/f, /var/d/", { pipe_transport: "p", file_transport: "f", directory_transport: "d" }),
    expect: ["|/bin/x y T=p", "file /var/f T=f", "directory /var/d/ T=d"],
  },
  {
    why: "transports that are not set",
    ...data("|/bin/x, /f, /d/"),
    expect: [
      "|/bin/x error: pipe_transport unset in r1 router",
      "file /f error: file_transport unset in r1 router",
      "directory /d/ error: directory_transport unset in r1 router",
    ],
  },
  {
    why: "a transport that cannot be expanded",
    ...data("|/x", { pipe_transport: "error:oops" }),
    expect: ['|/x error: failed to expand transport "error:oops" in r1 router: oops'],
  },
  {
    why: "forbid_pipe, forbid_file",
    ...data("|/x, /y", { pipe_transport: "p", file_transport: "f", forbid_pipe: true, forbid_file: true }),
    expect: ["|/x T=p forbidden", "file /y T=f forbidden"],
  },
  {
    why: "a command from outside",
    ...data("|/bin/x $local_part", { pipe_transport: "p" }),
    expect: ["|/bin/x fred T=p error: Tainted '/bin/x fred' (command for p transport) not permitted"],
  },
  {
    why: "a path from outside",
    ...data("/mail/$local_part", { file_transport: "f" }),
    expect: ["file /mail/fred T=f error: Tainted '/mail/fred' (file or directory name for f transport) not permitted"],
  },
  {
    why: "check_ancestor",
    ...data("joe@Example.com, x@y.z", { check_ancestor: true }),
    ancestors: ["joe@example.com"],
    expect: ["fred@example.com", "x@y.z"],
  },
  {
    why: "check_ancestor minds the case of local parts",
    ...data("Joe@example.com", { check_ancestor: true }),
    ancestors: ["joe@example.com"],
    expect: ["Joe@example.com"],
  },
  { why: "without check_ancestor", ...data("joe@example.com"), ancestors: ["joe@example.com"], expect: ["joe@example.com"] },
  { why: "its own address is fine", ...data("fred@example.com, x@y.z"), expect: ["fred@example.com", "x@y.z"] },
  { why: "a syntax error defers", ...data("x@y.z, a b"), expect: bad('missing or malformed local part (expected word or "<") in "a b"') },
  { why: "skip_syntax_errors", ...data("x@y.z, a b", { skip_syntax_errors: true }), expect: ["x@y.z"] },
  { why: "nothing left: declines", ...data("a b", { skip_syntax_errors: true }), expect: "decline" },
  {
    why: "one_time forbids pipes and files",
    ...data("|/x, a@b.c", { pipe_transport: "p", one_time: true }),
    expect: ["|/x T=p forbidden", "a@b.c"],
  },
  // :include:
  {
    why: "included items in their place",
    ...data("a, :include:/l/nested, z"),
    world: { files },
    expect: ["a", "bin", "daemon", "sync", "z"].map((l) => `${l}@qualify.test`),
  },
  {
    why: "a special item in an included file",
    ...data("a, :include:/l/fail, z", { allow_fail: true }),
    world: { files },
    expect: "fail: from inside",
  },
  {
    why: "forbid_include",
    ...data(":include:/l/a", { forbid_include: true }),
    world: { files },
    expect: bad("included files not permitted"),
  },
  { why: "a relative path", ...data(":include:l/a"), expect: bad('included file "l/a" is not an absolute path') },
  { why: "a path from outside", ...data(":include:/l/$local_part"), expect: bad("Tainted name '/l/fred' for included file not permitted") },
  { why: "not there", ...data(":include:/l/none"), expect: bad("failed to open included file /l/none: No such file or directory") },
  {
    why: "not readable",
    ...data(":include:/l/denied"),
    world: { files },
    expect: bad("failed to open included file /l/denied: Permission denied"),
  },
  {
    why: "a directory",
    ...data(":include:/l/dir"),
    world: { files },
    expect: bad("error while reading included file /l/dir: Is a directory"),
  },
  {
    why: "include_directory",
    ...data(":include:/l/a", { include_directory: "/l/" }),
    world: { files },
    expect: ["bin@qualify.test", "daemon@qualify.test"],
  },
  {
    why: "outside include_directory",
    ...data(":include:/l/a", { include_directory: "/other" }),
    world: { files },
    expect: bad("included file /l/a is not in directory /other"),
  },
  {
    why: "out of include_directory by ..",
    ...data(":include:/l/../l/a", { include_directory: "/l" }),
    world: { files },
    expect: bad("included file /l/../l/a is not in directory /l"),
  },
  {
    why: "a name that begins like include_directory",
    ...data(":include:/lx/a", { include_directory: "/l" }),
    expect: bad("included file /lx/a is not in directory /l"),
  },
  {
    why: "a file that includes itself",
    ...data(":include:/l/self"),
    world: { files },
    expect: bad("included files nested too deeply at /l/self"),
  },
  {
    why: "a fault that skip_syntax_errors does not forgive",
    ...data("a, :include:/l/none", { skip_syntax_errors: true }),
    expect: bad("failed to open included file /l/none: No such file or directory"),
  },
];

for (const { why, expect, ...given } of CASES) {
  test(`${why}: ${JSON.stringify(given.options["data"])}`, async (t) => t.deepEqual(short(await route(given)), expect));
}

const FORWARD = "/home/fred/.forward";
const one = (file: FakeFile | string) => ({ [FORWARD]: file, "/home/fred": { kind: "directory" } }) as const;

/** `file`: what is there, options besides, and the outcome. */
const FILES: readonly (readonly [
  string,
  Readonly<Record<string, FakeFile | string>>,
  Readonly<Record<string, unknown>>,
  readonly string[] | string,
])[] = [
  ["its content", one("a@b.c\n# x\nd@e.f"), {}, ["a@b.c", "d@e.f"]],
  ["not there, the directory is", { "/home/fred": { kind: "directory" } }, {}, "decline"],
  ["the directory is not there", {}, {}, "defer: failed to stat /home/fred/. (No such file or directory)"],
  ["the directory is not there, ignore_enotdir", {}, { ignore_enotdir: true }, "decline"],
  ["ENOTDIR", one({ code: "ENOTDIR" }), {}, `defer: failed to open ${FORWARD}: Not a directory`],
  ["ENOTDIR, ignore_enotdir", one({ code: "ENOTDIR" }), { ignore_enotdir: true }, "decline"],
  ["EACCES", one({ code: "EACCES" }), {}, `defer: failed to open ${FORWARD}: Permission denied`],
  ["EACCES, ignore_eacces", one({ code: "EACCES" }), { ignore_eacces: true }, "decline"],
  ["a directory", one({ kind: "directory" }), {}, `defer: ${FORWARD} is not a regular file`],
  ["mode", one({ text: "a", mode: 0o666 }), {}, `defer: bad mode (0100666) for ${FORWARD}: 022 bit(s) unexpected`],
  ["modemask", one({ text: "a@b.c", mode: 0o664 }), { modemask: 0o002 }, ["a@b.c"]],
  ["no check of owners without reason", one({ text: "a@b.c", uid: 55, gid: 55 }), {}, ["a@b.c"]],
  ["owners", one({ text: "a@b.c", uid: 55 }), { owners: "root:fred" }, `defer: bad owner for ${FORWARD}`],
  ["owners by name", one({ text: "a@b.c", uid: 1001 }), { owners: "root:fred" }, ["a@b.c"]],
  ["owners by number", one({ text: "a@b.c", uid: 55 }), { owners: "55" }, ["a@b.c"]],
  ["check_owner alone: nobody is allowed", one("a@b.c"), { check_owner: true }, `defer: bad owner for ${FORWARD}`],
  ["no_check_owner", one({ text: "a@b.c", uid: 55 }), { check_owner: false, owners: "root" }, ["a@b.c"]],
  ["owngroups", one({ text: "a@b.c", gid: 55 }), { owngroups: "mail" }, `defer: bad group for ${FORWARD}`],
  ["owngroups by name", one({ text: "a@b.c", gid: 8 }), { owngroups: "mail" }, ["a@b.c"]],
  ["too big", one({ text: "x".repeat(1024 * 1024 + 1) }), {}, `defer: ${FORWARD} is too big (max 1048576)`],
  ["an error in it", one("a b"), {}, 'defer: error in redirect file: missing or malformed local part (expected word or "<") in "a b"'],
  ["empty", one(""), {}, "decline"],
];

for (const [why, there, more, expect] of FILES) {
  test(`file: ${why}`, async (t) =>
    t.deepEqual(short(await route({ options: { file: FORWARD, ...more }, world: { files: there } })), expect));
}

/** With check_local_user the account may own the file. */
const LOCAL: readonly (readonly [string, FakeFile, Readonly<Record<string, unknown>>, readonly string[] | string])[] = [
  ["the user's own", { text: "a@b.c", uid: 1001, gid: 55 }, {}, ["a@b.c"]],
  ["somebody else's", { text: "a@b.c", uid: 55 }, {}, `defer: bad owner for ${FORWARD}`],
  ["group checked when it may write", { text: "a@b.c", uid: 1001, gid: 55 }, { modemask: 0o002 }, `defer: bad group for ${FORWARD}`],
  ["the user's group", { text: "a@b.c", uid: 1001, gid: 1001, mode: 0o664 }, { modemask: 0o002 }, ["a@b.c"]],
];

for (const [why, file, more, expect] of LOCAL) {
  test(`file of a local user: ${why}`, async (t) => {
    t.deepEqual(short(await route({ options: { file: FORWARD, ...more }, world: { files: one(file) }, local: true })), expect);
  });
}

test("file: the name", async (t) => {
  t.is(short(await route({ options: { file: "forward" } })), 'defer: "forward" is not an absolute path');
  t.is(
    short(await route({ options: { file: "/home/$local_part/.forward" } })),
    "defer: Tainted name '/home/fred/.forward' for file read not permitted\n",
  );
  t.is(short(await route({ options: { file: "fail" } })), "decline");
});

test("skipped errors are logged and reported", async (t) => {
  const options = { data: "a@b.c, x y, <z", skip_syntax_errors: true, syntax_errors_to: "admin@b.c", syntax_errors_text: "Look at this:" };
  const outcome = await route({ options });
  const errors = ['missing or malformed local part (expected word or "<") in "x y"', 'missing or malformed local part in "<z"'];
  t.is(outcome.kind, "rerouted");
  const notes = outcome.kind === "rerouted" ? outcome.notes : undefined;
  t.deepEqual(notes?.log?.length, 2);
  t.is(notes?.log?.[0], `r1 router: skipped error: ${errors[0]}`);
  t.is(notes?.report?.to, "admin@b.c");
  t.is(notes?.report?.text, "Look at this:");
});

test("what the chain is told", async (t) => {
  const outcome = await route({ options: { data: "a@b.c", one_time: true, rewrite: false, hide_child_in_errmsg: true } });
  t.deepEqual(outcome, {
    kind: "rerouted",
    children: [{ kind: "address", address: "a@b.c" }],
    detail: "a@b.c",
    oneTime: true,
    noRewrite: true,
    hideChild: true,
  });
});

const FILTER = "# Exim filter\nif $h_subject: is x then save /y endif";

/** Filters: data, options, and the outcome before any filter runs. */
const REFUSED: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
  [FILTER, {}, "defer: error in filter data: filtering not enabled"],
  ["#Sieve filter\nkeep;", { allow_filter: true, forbid_sieve_filter: true }, "defer: error in filter data: Sieve filtering not enabled"],
  ["#  exim  filter\nfinish", { allow_filter: true, forbid_exim_filter: true }, "defer: error in filter data: Exim filtering not enabled"],
  [FILTER, { allow_filter: true }, "defer: filtering is not available"],
];

for (const [text, more, expect] of REFUSED) {
  test(`filter: ${expect} ${text.slice(0, 8)}`, async (t) =>
    t.is(short(await route({ options: { data: template(text), ...more } })), expect));
}

/** The text as it is, dollars and all. */
function template(text: string) {
  return {
    source: text,
    constant: undefined,
    mentions: new Set<string>(),
    evaluate: () => ({ kind: "value", text, tainted: false }) as const,
  };
}

const RESULTS: readonly (readonly [string, FilterResult, Readonly<Record<string, unknown>>, readonly string[] | string])[] = [
  ["delivered", { kind: "done", delivered: true, children: [{ kind: "address", address: "a@b.c" }] }, {}, ["a@b.c"]],
  [
    "not significant: the address goes on too",
    { kind: "done", delivered: false, children: [{ kind: "address", address: "a@b.c" }] },
    {},
    ["a@b.c", "fred@example.com"],
  ],
  ["nothing", { kind: "done", delivered: false, children: [] }, {}, "decline"],
  ["seen finish: nowhere", { kind: "done", delivered: true, children: [] }, {}, "discard"],
  ["save", { kind: "done", delivered: true, children: [{ kind: "file", path: "/y" }] }, { file_transport: "f" }, ["file /y T=f"]],
  [
    "mail",
    { kind: "done", delivered: true, children: [{ kind: "reply", reply: {} }] },
    { reply_transport: "r", forbid_filter_reply: true },
    ["reply T=r forbidden"],
  ],
  ["fail", { kind: "fail", message: "no" }, {}, "fail: no"],
  ["freeze", { kind: "freeze", message: "cold" }, {}, "defer: cold"],
  ["error", { kind: "error", message: "bad command" }, {}, "defer: error in filter data: bad command"],
  ["error, skip_syntax_errors", { kind: "error", message: "bad command" }, { skip_syntax_errors: true }, "decline"],
];

for (const [why, result, more, expect] of RESULTS) {
  test(`filter result: ${why}`, async (t) => {
    const requests: FilterRequest[] = [];
    const filters = { run: (request: FilterRequest) => (requests.push(request), result) };
    const options = { data: template(FILTER), allow_filter: true, allow_fail: true, forbid_filter_run: true, ...more };
    t.deepEqual(short(await route({ options, world: { filters } })), expect);
    t.is(requests[0]?.kind, "exim");
    t.is(requests[0]?.qualifyDomain, "qualify.test");
    t.true(requests[0]?.forbid.has("run"));
    t.false(requests[0]?.forbid.has("fail"));
    t.true(requests[0]?.forbid.has("freeze"), "allow_freeze is not set");
  });
}

test("check", (t) => {
  const at = { file: "x.conf", line: 3, column: 1 };
  const check = (given: Readonly<Record<string, unknown>>) =>
    driver
      .check?.(routerOptionValues(driver.options, given) as never, { name: "r1", at, isSet: () => false })
      .map((found) => found.eximText);
  t.deepEqual(check({}), ['one of "file" or "data" must be specified']);
  t.deepEqual(check({ file: "/x", data: "y" }), ['only one of "file" or "data" must be specified']);
  t.deepEqual(check({ data: "y", qualify_domain: "z", qualify_preserve_domain: true }), [
    'only one of "qualify_domain" or "qualify_preserve_domain" must be set',
  ]);
  t.deepEqual(check({ data: "y" }), []);
});
