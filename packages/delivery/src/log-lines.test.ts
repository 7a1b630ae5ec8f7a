import test from "ava";
import type { HostUsed } from "@mailkit/sdk";
import type { LineFormat } from "./log-lines.ts";
import { shownTime, verdictLine } from "./log-lines.ts";
import { context, format, node, routed } from "./testing/cases.ts";
import type { Verdict } from "./types.ts";

type Shown = Exclude<Verdict, { kind: "same" }>;

const MX: HostUsed = { name: "mx.b.example", address: "192.0.2.7", port: 25 };
const top = node("user@b.example");
const delivered = { kind: "delivered" as const };
const child = (given: object) => routed("child@b.example", { parent: top, ...given });
const tls = { version: "TLS1.3", cipher: "TLS_AES_256_GCM_SHA384", bits: 256, verified: true, peerDn: '/CN="mx"' };

const lines: readonly [string, Shown, LineFormat, string][] = [
  [
    "remote",
    { kind: "delivered", address: routed("user@b.example"), fact: { ...delivered, host: MX, confirmation: "250 OK" }, first: true },
    format(),
    '=> user@b.example R=r T=t H=mx.b.example [192.0.2.7] C="250 OK"',
  ],
  [
    "remote, second recipient, second message of a connection, all selectors",
    {
      kind: "delivered",
      address: routed("user@b.example", { errorsTo: "bounces@a.example" }),
      fact: {
        ...delivered,
        host: { ...MX, continued: true, tls, authenticator: "plain", pipelining: true, chunking: true, localInterface: "192.0.2.1" },
        size: 77,
      },
      first: false,
    },
    format({
      on: [
        "sender_on_delivery",
        "return_path_on_delivery",
        "delivery_size",
        "outgoing_port",
        "outgoing_interface",
        "tls_cipher",
        "tls_certificate_verified",
        "tls_peerdn",
        "pipelining",
        "queue_time",
      ],
    }),
    '-> user@b.example F=<from@a.example> P=<bounces@a.example> R=r T=t S=77 H=mx.b.example [192.0.2.7]:25* I=[192.0.2.1] X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes DN="/CN="mx"" A=plain L K QT=1h',
  ],
  [
    "a reply cannot leave its quotes or its line",
    { kind: "delivered", address: routed("u@b"), fact: { ...delivered, host: MX, confirmation: '250 "x"\nsecond' }, first: true },
    format(),
    '=> u@b R=r T=t H=mx.b.example [192.0.2.7] C="250 \\"x\\"\\\\nsecond"',
  ],
  [
    "a reply for each recipient",
    { kind: "delivered", address: routed("u@b"), fact: { ...delivered, host: { ...MX, prdr: true, chunking: true } }, first: true },
    format(),
    "=> u@b R=r T=t H=mx.b.example [192.0.2.7] PRDR K",
  ],
  [
    "local, by the local part",
    { kind: "delivered", address: routed("user@b.example", { logAsLocal: true }), fact: delivered, first: true },
    format({ local: ["t"] }),
    "=> user <user@b.example> R=r T=t",
  ],
  [
    "of an alias",
    { kind: "delivered", address: child({}), fact: delivered, first: true },
    format(),
    "=> child@b.example <user@b.example> R=r T=t",
  ],
  [
    "of an alias of an alias: the one between is named by all_parents only",
    { kind: "delivered", address: routed("z@b", { parent: node("y@b", { parent: node("x@b") }) }), fact: delivered, first: true },
    format({ on: ["all_parents"] }),
    "=> z@b (y@b) <x@b> R=r T=t",
  ],
  [
    "a pipe",
    {
      kind: "delivered",
      address: child({ display: "|/bin/cmd", special: "pipe", transport: "address_pipe" }),
      fact: delivered,
      first: true,
    },
    format({ local: ["address_pipe"] }),
    "=> |/bin/cmd <user@b.example> R=r T=address_pipe",
  ],
  [
    "the case of the domain makes no other address, that of the local part does",
    { kind: "delivered", address: routed("user@B.example", { parent: node("user@b.EXAMPLE") }), fact: delivered, first: true },
    format(),
    "=> user@B.example R=r T=t",
  ],
  [
    "shadow transport",
    { kind: "delivered", address: routed("u@b"), fact: { ...delivered, shadow: { transport: "copy", error: "no" } }, first: true },
    format({ local: ["t"] }),
    "=> u@b R=r T=t ST=copy (no)",
  ],
  [
    "discarded",
    { kind: "discarded", address: node("u@b", { router: "aliases" }), shown: ":blackhole:" },
    format(),
    "=> :blackhole: <u@b> R=aliases",
  ],
  [
    "failed by a router",
    { kind: "failed", address: node("u@b", { router: "" }), transport: "", fact: { kind: "failed", message: "Unrouteable address" } },
    format(),
    "** u@b: Unrouteable address",
  ],
  [
    "failed by a host",
    {
      kind: "failed",
      address: routed("u@b"),
      transport: "t",
      fact: { kind: "failed", message: "SMTP error from remote mail server after RCPT TO:<u@b>: 550 no", host: MX },
    },
    format({ on: ["sender_on_delivery"] }),
    "** u@b F=<from@a.example> R=r T=t H=mx.b.example [192.0.2.7]: SMTP error from remote mail server after RCPT TO:<u@b>: 550 no",
  ],
  [
    "given up",
    { kind: "failed", address: child({}), transport: "", fact: { kind: "failed", message: "retry timeout exceeded" }, timedOut: true },
    format(),
    "** child@b.example <user@b.example>: retry timeout exceeded",
  ],
  [
    "put off, the error of the system first",
    {
      kind: "deferred",
      address: routed("u@b"),
      transport: "t",
      fact: { kind: "deferred", message: "creating /x", scope: "recipient", errno: 13 },
      nextTry: undefined,
    },
    format(),
    "== u@b R=r T=t defer (13): Permission denied: creating /x",
  ],
  [
    "put off by a host",
    {
      kind: "deferred",
      address: routed("u@b"),
      transport: "t",
      fact: { kind: "deferred", message: "450 busy", scope: "host", errno: -44, host: MX },
      nextTry: undefined,
    },
    format(),
    "== u@b R=r T=t defer (-44) H=mx.b.example [192.0.2.7]: 450 busy",
  ],
  [
    "put off before the routers",
    {
      kind: "deferred",
      address: node("u@b"),
      transport: "",
      fact: { kind: "deferred", message: "retry time not reached", scope: "none", errno: -52 },
      nextTry: undefined,
      early: true,
    },
    format(),
    "== u@b routing defer (-52): retry time not reached",
  ],
];
for (const [title, verdict, lineFormat, expected] of lines) {
  test(title, (t) => t.is(verdictLine(verdict, context(["user@b.example"]), lineFormat), expected));
}

test("-N is seen in the log", (t) => {
  const dry = context(["u@b"], { envelope: { dontDeliver: true } });
  t.is(verdictLine({ kind: "delivered", address: routed("u@b"), fact: delivered, first: true }, dry, format()), "*> u@b R=r T=t");
});

for (const [milliseconds, fine, expected] of [
  [0, false, "0s"],
  [999, false, "0s"],
  [3124, true, "3.124s"],
  [61_000, true, "1m1s"],
  [8_043_000, false, "2h14m3s"],
  [694_800_000, false, "1w1d1h"],
] as const) {
  test(`time ${milliseconds} ms ${fine ? "with" : "without"} millisec`, (t) => t.is(shownTime(milliseconds, fine), expected));
}
