import test from "ava";
import { checkRouters } from "./check-routers.ts";
import { genericRouterOptions } from "./generic-options.ts";
import { supportFor } from "./test-support.ts";
import type { RouterText } from "./test-support.ts";
import { textTemplate } from "@mailkit/sdk/testing";
import { driver as accept } from "../../../plugins/router-accept/src/index.ts";
import { driver as dnslookup } from "../../../plugins/router-dnslookup/src/index.ts";
import { driver as manualroute } from "../../../plugins/router-manualroute/src/index.ts";
import { driver as redirect } from "../../../plugins/router-redirect/src/index.ts";

const { instanceOf } = supportFor({ accept, dnslookup, manualroute, redirect });

test("the generic options are Exim's fifty, each with a sentence", (t) => {
  t.is(Object.keys(genericRouterOptions).length, 50);
  t.deepEqual(Object.keys(genericRouterOptions), Object.keys(genericRouterOptions).toSorted());
  for (const [name, spec] of Object.entries(genericRouterOptions)) t.true(spec.doc.endsWith("."), name);
});

const OK: RouterText = { driver: "accept", transport: "file" };

/** Routers, the codes that come of it, and Exim's text for the first. */
const CASES: readonly (readonly [string, Readonly<Record<string, RouterText>>, readonly string[], string?])[] = [
  ["nothing wrong", { r1: OK, r2: { driver: "redirect", data: "x" } }, []],
  ["self = reroute", { r1: { ...OK, self: "reroute: rewrite: x.y" } }, []],
  [
    "one_time with headers_add",
    { r1: { driver: "redirect", data: "x", one_time: true, headers_add: "X: y" } },
    ["MK0657"],
    '"headers_add" and "headers_remove" are not permitted with "one_time"',
  ],
  [
    "one_time with unseen",
    { r1: { driver: "redirect", data: "x", one_time: true, unseen: true } },
    ["MK0657"],
    '"unseen" may not be used with "one_time"',
  ],
  [
    "allow_filter as nobody",
    { r1: { driver: "redirect", data: "x", allow_filter: true } },
    ["MK0658"],
    '"user" or "check_local_user" must be set with "allow_filter"',
  ],
  ["allow_filter as somebody", { r1: { driver: "redirect", data: "x", allow_filter: true, user: "fred" } }, []],
  ["set", { r1: { ...OK, set: [{ name: "x", template: textTemplate("y") }] } }, ["MK0659"]],
];

for (const [why, routers, codes, eximText] of CASES) {
  test(why, (t) => {
    const instances = Object.entries(routers).map(([name, given]) => instanceOf(name, given));
    const found = checkRouters(instances);
    t.deepEqual(
      found.map((fault) => fault.code),
      codes,
    );
    t.is(found[0]?.eximText, eximText);
  });
}
