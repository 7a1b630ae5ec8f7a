import test from "ava";
import { readControlRequest } from "./control-requests.ts";

const RUN = { op: "run", wish: { force: true, thaw: false, recipient: { text: "x", regex: false } } };
const LISTING = { op: "listing", wish: { choice: { queueName: "", ids: [] }, form: { form: "usual", undeliveredOnly: true }, now: 1 } };
const act = (action: unknown): unknown => ({ op: "act", id: "x", by: "root", action });

for (const request of [
  { op: "status" },
  { op: "adopt" },
  { op: "giveTo", identity: "x" },
  { op: "giveTo", identity: "x", ids: ["a"] },
  RUN,
  LISTING,
  act({ kind: "remove" }),
  act({ kind: "deliver", force: false }),
  act({ kind: "addRecipients", addresses: ["a@b"] }),
])
  test(`a request: ${JSON.stringify(request)}`, (t) => t.is(readControlRequest(request), request as never));

for (const [value, why] of [
  [null, "malformed request"],
  [[], "malformed request"],
  [{ op: 1 }, "malformed request"],
  [{ op: "toString" }, "unknown request toString"],
  [{ op: "run" }, "malformed request run"],
  [{ op: "run", wish: { ...RUN.wish, thaw: "yes" } }, "malformed request run"],
  [{ op: "run", wish: { ...RUN.wish, sender: { text: "x" } } }, "malformed request run"],
  [{ op: "listing", wish: { ...LISTING.wish, choice: null } }, "malformed request listing"],
  [{ op: "giveTo", ids: [] }, "malformed request giveTo"],
  [act({ kind: "hasOwnProperty" }), "malformed request act"],
  [act({ kind: "addRecipients", addresses: [1] }), "malformed request act"],
  [act({ kind: "deliver" }), "malformed request act"],
  [{ op: "act", id: 1, by: "root", action: { kind: "remove" } }, "malformed request act"],
] as const)
  test(`no request: ${JSON.stringify(value)}`, (t) => t.is(readControlRequest(value), why));
