import test from "ava";
import type { RoutePurpose } from "@mailkit/sdk";
import { textTemplate } from "@mailkit/sdk/testing";
import { fn, supportFor } from "./test-support.ts";
import type { RouterText, TestWorld } from "./test-support.ts";
import type { RouteRequest } from "./types.ts";
import { driver as accept } from "../../../plugins/router-accept/src/index.ts";
import { driver as dnslookup } from "../../../plugins/router-dnslookup/src/index.ts";
import { driver as manualroute } from "../../../plugins/router-manualroute/src/index.ts";
import { driver as redirect } from "../../../plugins/router-redirect/src/index.ts";

const { chainOf } = supportFor({ accept, dnslookup, manualroute, redirect });

interface Case {
  readonly why: string;
  readonly router: Readonly<Record<string, unknown>>;
  readonly address?: string;
  readonly sender?: string;
  readonly purpose?: RoutePurpose;
  readonly world?: TestWorld;
  /** "runs", the precondition that skips, or the message of a deferral. */
  readonly expect: string;
}

const FILES = {
  "/": { kind: "directory", mode: 0o755 },
  "/there": "x",
  "/home": { kind: "directory", mode: 0o755 },
  "/home/fred": { kind: "directory", mode: 0o700, uid: 1001, gid: 1001 },
  "/home/fred/x": { text: "x", mode: 0o600, uid: 1001 },
  "/denied": { code: "EACCES" },
  "/file/below": { code: "ENOTDIR" },
} as const;
const files = (list: string, more: Partial<Case> = {}) => ({
  why: `require_files = ${list}`,
  router: { require_files: list },
  world: { files: FILES },
  ...more,
});

const CASES: readonly Case[] = [
  { why: "nothing set", router: {}, expect: "runs" },
  { why: "domains", router: { domains: "a.ex" }, expect: "runs" },
  { why: "domains, case", router: { domains: "a.ex" }, address: "x@A.EX", expect: "runs" },
  { why: "domains, another", router: { domains: "b.ex" }, expect: "domains" },
  { why: "domains that cannot be said", router: { domains: "defer" }, expect: "domains check lookup or other defer" },
  { why: "local_parts", router: { local_parts: "fred" }, expect: "runs" },
  { why: "local_parts without regard to case", router: { local_parts: "fred" }, address: "FRED@a.ex", expect: "runs" },
  { why: "local_parts, another", router: { local_parts: "!fred" }, expect: "local_parts" },
  { why: "local_parts that cannot be said", router: { local_parts: "defer" }, expect: "local_parts check lookup or other defer" },
  {
    why: "local_parts without the prefix",
    router: { local_part_prefix: "real-", local_parts: "fred" },
    address: "real-fred@a.ex",
    expect: "runs",
  },
  { why: "no prefix", router: { local_part_prefix: "real-" }, expect: "local_part_prefix" },
  { why: "optional prefix", router: { local_part_prefix: "real-", local_part_prefix_optional: true }, expect: "runs" },
  { why: "no suffix", router: { local_part_suffix: "-request" }, expect: "local_part_suffix" },
  {
    why: "the first item that fits is taken, for good",
    router: { local_part_suffix: "+* : -*", local_parts: "bob" },
    address: "bob-x+y@a.ex",
    expect: "local_parts",
  },
  {
    why: "the other way round it fits",
    router: { local_part_suffix: "+* : -*", local_parts: "bob" },
    address: "bob+x-y@a.ex",
    expect: "runs",
  },
  { why: "check_local_user", router: { check_local_user: true }, expect: "runs" },
  { why: "check_local_user, nobody", router: { check_local_user: true }, address: "nobody-there@a.ex", expect: "check_local_user" },
  {
    why: "check_local_user after the prefix",
    router: { check_local_user: true, local_part_prefix: "real-" },
    address: "real-fred@a.ex",
    expect: "runs",
  },
  { why: "senders", router: { senders: "sender@example.org" }, expect: "runs" },
  { why: "senders, another", router: { senders: "other@example.org" }, expect: "senders" },
  { why: "senders, the null sender", router: { senders: "!x@y" }, sender: "", expect: "runs" },
  { why: "senders that cannot be said", router: { senders: "defer" }, expect: "senders check lookup or other defer" },
  files("/there", { expect: "runs" }) as Case,
  files("/none", { expect: "require_files" }) as Case,
  files("!/none", { expect: "runs" }) as Case,
  files("! /there", { expect: "require_files" }) as Case,
  files("/there : /none", { expect: "require_files" }) as Case,
  files("/denied", { expect: "require_files: error for /denied: Permission denied" }) as Case,
  files("+/denied", { expect: "require_files" }) as Case,
  files("!+/denied", { expect: "runs" }) as Case,
  files("+!/denied", { expect: "runs" }) as Case,
  files("/file/below", { expect: "require_files: error for /file/below: Not a directory" }) as Case,
  files("rel/ative", { expect: 'require_files: "rel/ative" is not absolute' }) as Case,
  files("fred:/home/fred/x", { expect: "runs" }) as Case,
  files("mail,mail:/home/fred/x", { expect: 'user "mail,mail" for require_files not found' }) as Case,
  files("root:/home/fred/x", { expect: "runs" }) as Case,
  files("65534,mail:/home/fred/x", { expect: "require_files: error for /home/fred/x: Permission denied" }) as Case,
  files("65534,mail:+/home/fred/x", { expect: "require_files" }) as Case,
  files("65534:/there", { expect: "group missing after numerical uid 65534 for require_files" }) as Case,
  files("root,nogroup:/there", { expect: 'group "nogroup" for require_files not found\n' }) as Case,
  files("fail:/there", { expect: "runs" }) as Case,
  // only these are false, and space counts
  ...["", "0", "no", "NO", "false", "False"].map((text) => ({
    why: `condition = "${text}"`,
    router: { condition: text },
    expect: "condition",
  })),
  ...["1", "yes", "x", " ", " no ", "no {x}"].map((text) => ({
    why: `condition = "${text}"`,
    router: { condition: text },
    expect: "runs",
  })),
  { why: "condition: forced failure", router: { condition: "fail" }, expect: "condition" },
  { why: "condition: an error skips (4.96)", router: { condition: "error:oops" }, expect: "condition" },
  { why: "condition: a lookup that cannot be done", router: { condition: "defer:oops" }, expect: "condition check lookup defer" },
  { why: "conditions must all hold", router: { condition: [textTemplate("yes"), textTemplate("no")] }, expect: "condition" },
  {
    why: "router_home_directory: error",
    router: { router_home_directory: "error:oops" },
    expect: 'failed to expand "error:oops" for router_home_directory: oops',
  },
  { why: "router_home_directory: forced failure", router: { router_home_directory: "fail" }, expect: "runs" },
];

async function outcome({
  router,
  address = "fred@a.ex",
  sender = "sender@example.org",
  purpose = "deliver",
  world = {},
}: Omit<Case, "why" | "expect">) {
  const chain = chainOf({ r1: { driver: "accept", transport: "file", ...router } as RouterText }, world);
  const result = await chain.route(chain.request(address, { sender, purpose, explain: true } as Partial<RouteRequest>));
  if (result.kind === "accepted") return "runs";
  if (result.kind === "deferred") return result.message;
  return result.steps[0]?.by ?? result.kind;
}

for (const { why, expect, ...given } of CASES) {
  test(why, async (t) => t.is(await outcome(given), expect));
}

/** Option, and for which purposes a router with it runs: deliver, test, expn, verifyRecipient, verifySender. */
const PURPOSES: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
  [{}, "dterS"],
  [{ verify: false }, "dte"],
  [{ verify_sender: false }, "dter"],
  [{ verify_recipient: false }, "dteS"],
  [{ verify: false, verify_sender: true }, "dteS"],
  [{ verify_only: true }, "rS"],
  [{ address_test: false }, "derS"],
  [{ expn: false }, "dtrS"],
];
const LETTERS: readonly (readonly [string, RoutePurpose])[] = [
  ["d", "deliver"],
  ["t", "test"],
  ["e", "expn"],
  ["r", "verifyRecipient"],
  ["S", "verifySender"],
];

for (const [router, expect] of PURPOSES) {
  test(`purposes: ${JSON.stringify(router)}`, async (t) => {
    let runs = "";
    for (const [letter, purpose] of LETTERS) if ((await outcome({ router, purpose })) === "runs") runs += letter;
    t.is(runs, expect);
  });
}

test("the order is fixed", async (t) => {
  const failing = {
    local_part_prefix: "real-",
    verify: false,
    domains: "b.ex",
    local_parts: "x",
    check_local_user: true,
    senders: "x@y",
    require_files: "/none",
    condition: "no",
  };
  const order = ["local_part_prefix", "verify", "domains", "local_parts", "check_local_user", "senders", "require_files", "condition"];
  let left: Record<string, unknown> = Object.fromEntries(Object.entries(failing).reverse());
  for (const option of order) {
    t.is(await outcome({ router: left, address: "nobody@a.ex", purpose: "verifyRecipient" }), option);
    left = Object.fromEntries(Object.entries(left).filter(([name]) => name !== option));
  }
});

test("what preconditions leave for the rest", async (t) => {
  const seen: string[] = [];
  const look = fn((scope) => {
    const names = ["local_part", "local_part_prefix", "local_part_prefix_v", "local_part_suffix", "domain_data", "local_part_data", "home"];
    seen.push(names.map((name) => (scope.variable(name) as { text: string }).text).join("|"));
    return "yes";
  });
  const chain = chainOf({
    r1: {
      driver: "accept",
      transport: "file",
      domains: "A.ex",
      local_part_prefix: "*-x-",
      local_part_suffix: "+*",
      local_part_suffix_optional: true,
      check_local_user: true,
      condition: [look],
    },
  });
  await chain.route(chain.request("A-b-X-Fred+More@a.ex"));
  t.deepEqual(seen, ["fred|a-b-x-|a-b|+more|A.ex|fred|/home/fred"]);
});

test("caseful_local_part", async (t) => {
  t.is(await outcome({ router: { caseful_local_part: true, check_local_user: true }, address: "Fred@a.ex" }), "check_local_user");
  t.is(
    await outcome({ router: { caseful_local_part: true, check_local_user: true, local_part_prefix: "real-" }, address: "REAL-fred@a.ex" }),
    "runs",
  );
});

test("data of one router is gone in the next, and so are numeric variables", async (t) => {
  const seen: string[] = [];
  const look = fn((scope) => {
    seen.push(`${(scope.variable("domain_data") as { text: string }).text}|${scope.frame.numeric.length}`);
    return "yes";
  });
  const chain = chainOf({
    r1: { driver: "redirect", domains: "^a(.)ex", data: "", condition: [look] },
    r2: { driver: "accept", transport: "file", condition: [look] },
  });
  await chain.route(chain.request("x@a.ex"));
  t.deepEqual(seen, ["^a(.)ex|2", "|0"]);
});

test("debug_print comes after check_local_user and before senders", async (t) => {
  const printed: string[] = [];
  const chain = chainOf({
    r1: { driver: "accept", transport: "file", local_parts: "x", debug_print: "r1" },
    r2: { driver: "accept", transport: "file", senders: "x@y", debug_print: "r2 $local_part" },
    r3: { driver: "accept", transport: "file", debug_print: "error:oops" },
  });
  await chain.route(chain.request("fred@a.ex", { debugPrint: (text) => printed.push(text) }));
  t.deepEqual(printed, ["r2 fred\n", 'failed to expand debug_output "error:oops": oops\n']);
});
