import test from "ava";
import type { TraceEvent } from "@mailkit/sdk";
import { renderBt, renderBv } from "./render-bt.ts";
import { renderRoute } from "./render-route.ts";
import { aliases, supportFor } from "./test-support.ts";
import type { RouterText, TestWorld } from "./test-support.ts";
import { driver as accept } from "../../../plugins/router-accept/src/index.ts";
import { driver as dnslookup } from "../../../plugins/router-dnslookup/src/index.ts";
import { driver as manualroute } from "../../../plugins/router-manualroute/src/index.ts";
import { driver as redirect } from "../../../plugins/router-redirect/src/index.ts";

const { chainOf } = supportFor({ accept, dnslookup, manualroute, redirect });

const WORLD: TestWorld = {
  mx: { "remote.ex": [[10, "mx1.remote.ex"], [20, "mx2.remote.ex"]] }, // prettier-ignore
  hosts: { "mx1.remote.ex": ["192.0.2.10"], "mx2.remote.ex": ["192.0.2.111", "2001:db8::1"] },
  files: { "/home/fred": { kind: "directory" } },
};
const TABLE = {
  many: "root@a.ex, fred@a.ex, root@a.ex",
  chain: "many@a.ex",
  mixed: "no1@a.ex, root@a.ex, no2@a.ex, |/a, /b, fred@a.ex, x@remote.ex, y@remote.ex",
  bh: ":blackhole:",
  no: ":fail: go away, please",
  wait: ":defer: later",
  self: "self@a.ex, root@a.ex",
  p: "|/c d",
};
const ROUTERS: Readonly<Record<string, RouterText>> = {
  al: { driver: "redirect", domains: "a.ex", data: aliases(TABLE), allow_fail: true, allow_defer: true, pipe_transport: "pipe" },
  un: { driver: "accept", domains: "un.ex", transport: "file", unseen: true },
  cl: { driver: "accept", domains: "a.ex:un.ex", check_local_user: true, transport: "file" },
  text: { driver: "manualroute", route_list: 'text.ex "a b" lmtp ; ports.ex "</ 192.0.2.1:25 / 2001:db8::1" other' },
  dns: { driver: "dnslookup", domains: "!a.ex:!un.ex", transport: "smtp", more: false },
};

async function bt(address: string, verifying = false) {
  const chain = chainOf(ROUTERS, WORLD);
  return renderBt(await chain.routeAll([chain.request(address, { purpose: verifying ? "verifyRecipient" : "test" })]), verifying);
}

/** Address, output, exit code; forms and order as seen on Exim 4.96. */
const BT: readonly (readonly [string, string, number])[] = [
  ["Root@a.ex", "Root@a.ex\n  router = cl, transport = file\n", 0],
  ["nix@a.ex", "nix@a.ex is undeliverable: Unrouteable address\n", 2],
  ["no@a.ex", "no@a.ex is undeliverable: go away, please\n", 2],
  ["wait@a.ex", "wait@a.ex cannot be resolved at this time: later\n", 1],
  ["bh@a.ex", "mail to bh@a.ex is discarded\n", 0],
  ["p@a.ex", "p@a.ex -> |/c d\n  transport = pipe\n", 0],
  [
    "chain@a.ex",
    `root@a.ex
    <-- many@a.ex
    <-- chain@a.ex
  router = cl, transport = file
fred@a.ex
    <-- many@a.ex
    <-- chain@a.ex
  router = cl, transport = file
root@a.ex   [duplicate, would not be delivered]
    <-- many@a.ex
    <-- chain@a.ex
  router = cl, transport = file
`,
    0,
  ],
  [
    "mixed@a.ex",
    `no1@a.ex is undeliverable: Unrouteable address
    <-- mixed@a.ex
no2@a.ex is undeliverable: Unrouteable address
    <-- mixed@a.ex
mixed@a.ex -> |/a
  transport = pipe
mixed@a.ex -> /b
*** Error in setting up pipe, file, or autoreply:
file_transport unset in al router
fred@a.ex
    <-- mixed@a.ex
  router = cl, transport = file
root@a.ex
    <-- mixed@a.ex
  router = cl, transport = file
y@remote.ex
    <-- mixed@a.ex
  router = dns, transport = smtp
  host mx1.remote.ex [192.0.2.10]  MX=10
  host mx2.remote.ex [192.0.2.111] MX=20
  host mx2.remote.ex [2001:db8::1] MX=20
x@remote.ex
    <-- mixed@a.ex
  router = dns, transport = smtp
  host mx1.remote.ex [192.0.2.10]  MX=10
  host mx2.remote.ex [192.0.2.111] MX=20
  host mx2.remote.ex [2001:db8::1] MX=20
`,
    2,
  ],
  [
    "self@a.ex",
    `self@a.ex is undeliverable: Unrouteable address
    <-- self@a.ex
root@a.ex
    <-- self@a.ex
  router = cl, transport = file
`,
    2,
  ],
  [
    "fred@un.ex",
    `fred@un.ex
    <-- fred@un.ex
  router = cl, transport = file
fred@un.ex
    <-- fred@un.ex
  router = un, transport = file
`,
    0,
  ],
  ["x@text.ex", "x@text.ex\n  router = text, transport = lmtp\n  host a b          \n", 0],
  [
    "x@ports.ex",
    "x@ports.ex\n  router = text, transport = other\n  host 192.0.2.1   [192.0.2.1]   port=25\n  host 2001:db8::1 [2001:db8::1]\n",
    0,
  ],
];

for (const [address, text, exitCode] of BT) {
  test(`-bt ${address}`, async (t) => t.deepEqual(await bt(address), { text, exitCode }));
}

test("-v -bv", async (t) => {
  t.deepEqual(await bt("nix@a.ex", true), { text: "nix@a.ex failed to verify: Unrouteable address\n", exitCode: 2 });
});

test("-bv", async (t) => {
  const chain = chainOf(ROUTERS, WORLD);
  const bv = async (address: string) => renderBv(address, await chain.verify(chain.request(address, { purpose: "verifyRecipient" })));
  t.deepEqual(await bv("many@a.ex"), { text: "many@a.ex verified\n", exitCode: 0 });
  t.deepEqual(await bv("no@a.ex"), { text: "no@a.ex failed to verify: go away, please\n", exitCode: 2 });
  t.deepEqual(await bv("wait@a.ex"), { text: "wait@a.ex cannot be resolved at this time: later\n", exitCode: 1 });
});

/** The routers of Exim's default configuration (manual chapter "The default configuration file"). */
const DEFAULT: Readonly<Record<string, RouterText>> = {
  dnslookup: { driver: "dnslookup", domains: "!a.ex", transport: "smtp", ignore_target_hosts: "0.0.0.0 : 127.0.0.1", more: false },
  system_aliases: {
    driver: "redirect",
    allow_fail: true,
    allow_defer: true,
    data: aliases({ info: "fred@a.ex, marc@remote.ex, nix@a.ex" }),
    file_transport: "file",
    pipe_transport: "pipe",
  },
  userforward: {
    driver: "redirect",
    check_local_user: true,
    file: "$home/.forward",
    verify: false,
    expn: false,
    check_ancestor: true,
    file_transport: "file",
    pipe_transport: "pipe",
    reply_transport: "file",
  },
  localuser: { driver: "accept", check_local_user: true, transport: "file", cannot_route_message: "Unknown user" },
};

test("the answer of `mailkit route`", async (t) => {
  const chain = chainOf(DEFAULT, WORLD);
  const nodes = await chain.routeAll([chain.request("info@a.ex", { purpose: "test", explain: true })]);
  t.is(
    renderRoute(nodes),
    `info@a.ex
├─ dnslookup       skipped   domains = !a.ex: a.ex is listed   mailkit.conf:11
└─ system_aliases  redirect  fred@a.ex, marc@remote.ex, nix@a.ex   mailkit.conf:20
   ├─ fred@a.ex
   │  ├─ dnslookup       skipped   domains   mailkit.conf:11
   │  ├─ system_aliases  declined  data names no address   mailkit.conf:20
   │  ├─ userforward     declined  /home/fred/.forward does not exist   mailkit.conf:30
   │  └─ localuser       accepted  transport file, as fred   mailkit.conf:40
   ├─ marc@remote.ex
   │  └─ dnslookup       accepted  transport smtp   mailkit.conf:10
   │        10 mx1.remote.ex  192.0.2.10
   │        20 mx2.remote.ex  192.0.2.111
   │        20 mx2.remote.ex  2001:db8::1
   └─ nix@a.ex
      ├─ dnslookup       skipped   domains   mailkit.conf:11
      ├─ system_aliases  declined  data names no address   mailkit.conf:20
      ├─ userforward     skipped   check_local_user   mailkit.conf:31
      ├─ localuser       skipped   check_local_user   mailkit.conf:41
      └─ failed: Unknown user
2 deliveries, 1 failed
`,
  );
});

test("unseen: what goes on stays in the same column", async (t) => {
  const chain = chainOf(
    {
      un: { driver: "redirect", data: "fred@un.ex", domains: "a.ex", unseen: true },
      cl: { driver: "accept", check_local_user: true, transport: "file" },
    },
    WORLD,
  );
  t.is(
    renderRoute(await chain.routeAll([chain.request("root@a.ex", { explain: true })])),
    `root@a.ex
├─ un  redirect  fred@un.ex   mailkit.conf:10
│  └─ fred@un.ex
│     ├─ un  skipped   domains   mailkit.conf:11
│     └─ cl  accepted  transport file, as fred   mailkit.conf:20
└─ cl  accepted  transport file, as root   mailkit.conf:20
2 deliveries
`,
  );
});

test("the same story as trace events", async (t) => {
  const events: TraceEvent[] = [];
  const chain = chainOf(DEFAULT, { ...WORLD, trace: { on: true, emit: (event) => events.push(event) } });
  await chain.routeAll([chain.request("fred@a.ex")]);
  t.deepEqual(
    events.map((event) => (event.kind === "route.router" ? `${event.router} ${event.result} ${event.by ?? ""}`.trim() : event.kind)),
    ["route.start", "dnslookup skipped domains", "system_aliases declined", "userforward declined", "localuser accepted"],
  );
  t.like(events.at(-1), { address: "fred@a.ex", transport: "file", at: { file: "/etc/mailkit.conf", line: 40, column: 1 } });
});

test("nobody listens: no steps are kept", async (t) => {
  const chain = chainOf(DEFAULT, WORLD);
  const result = await chain.route(chain.request("fred@a.ex"));
  t.deepEqual(result.steps, []);
});
